"""What the desk fills in about hard cases: a higher level, a leader, the long-term list."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from dispatch import outcomes
from dispatch.console.forms import TOO_LONG, required_text, strip
from hotline.tickets.states import TicketState
from hotline.web.forms import Form
from hotline.web.labels import choices, named


class RaiseForm(Form):
    name = "raise"
    raise_code = SelectField(_("提级原因"), choices=choices("raise_reason"))
    raise_to = StringField(
        _("提级到（不填则为上一级对口单位）"),
        [Length(max=100)],
        filters=[strip],
        render_kw={"maxlength": 100, "list": "roles", "autocomplete": "off"},
    )
    jump = SelectField(
        _("越级原因（越级时必选）"),
        choices=[SelectChoice("", _("不越级")), *choices("jump_reason")],
    )

    def blame(self, field: str) -> None:
        if field == "jump":
            self.jump.errors = [_("越级提级要选择原因。")]
        else:
            self.raise_to.errors = [_("请选择层级更高的单位。")]


class SponsorForm(Form):
    name = "sponsor"
    leader = StringField(
        _("包案领导"),
        [DataRequired(_("请填写包案领导。")), Length(max=60)],
        filters=[strip],
        render_kw={"maxlength": 60},
    )


class LongTermForm(Form):
    name = "long_term"
    long_term_code = SelectField(_("挂账原因"), choices=choices("long_term_reason"))
    long_term_note = StringField(
        _("等什么"),
        [DataRequired(_("请写明等什么。")), Length(max=300)],
        filters=[strip],
        render_kw={"maxlength": 300},
    )
    review_on = DateField(_("复查日期"), [InputRequired(_("请填写复查日期。"))])


class LegalVerdictForm(Form):
    name = "legal_verdict"
    route = SelectField(_("法定途径"), [InputRequired(_("请选择法定途径。"))])
    route_explanation = TextAreaField(
        _("补充说明（市民会看到）"), [TOO_LONG], filters=[strip], render_kw={"rows": 2}
    )
    route_grounds = required_text(_("裁定理由"), _("请写明裁定的理由，各方都会看到。"), 2)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        offered = outcomes.reasons(TicketState.LEGAL_ROUTE).items()
        self.route.choices = [SelectChoice(code, named(one)) for code, one in offered]


HARD_CASE_FORMS = (RaiseForm, SponsorForm, LongTermForm, LegalVerdictForm)
