"""What the review desk fills in. `name` is the key the page of a ticket knows the form by."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from dispatch import outcomes
from dispatch.console.forms import strip
from hotline.tickets.notes import MAX_NOTE
from hotline.tickets.service import MAX_PLACE, MAX_TEXT
from hotline.tickets.states import TicketState
from hotline.web.forms import Form
from hotline.web.labels import named

_SHORTER = _("内容太长，最多 %(max)d 字。")
TOO_LONG = Length(max=MAX_NOTE, message=_SHORTER)


def _note(label: str, otherwise: str) -> TextAreaField:
    return TextAreaField(label, [DataRequired(otherwise), TOO_LONG], filters=[strip], render_kw={"rows": 2})


def _reasons(outcome: TicketState) -> list[SelectChoice]:
    return [SelectChoice(code, named(one)) for code, one in outcomes.reasons(outcome).items()]


class MissingForm(Form):
    name = "missing"
    missing = _note(_("还缺什么"), _("请写明还缺什么，坐席会看到。"))


class LegalRouteForm(Form):
    name = "legal"
    legal_reason = SelectField(_("法定途径"), [InputRequired(_("请选择法定途径。"))])
    legal_explanation = TextAreaField(
        _("补充说明（市民会看到）"), [TOO_LONG], filters=[strip], render_kw={"rows": 2}
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.legal_reason.choices = _reasons(TicketState.LEGAL_ROUTE)


class NotAcceptForm(Form):
    name = "refuse"
    refuse_reason = SelectField(_("不予受理的原因"), [InputRequired(_("请选择原因。"))])
    refuse_explanation = _note(_("向市民说明（市民会看到）"), _("请向市民说明为什么不予受理。"))

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.refuse_reason.choices = _reasons(TicketState.NOT_ACCEPTED)


class TakenBackForm(Form):
    name = "taken_back"
    taken_back_reason = _note(_("市民撤回的原因"), _("请写明市民为什么撤回。"))


class ReconsiderForm(Form):
    name = "reconsider"
    reconsider_reason = _note(_("重新审核的原因"), _("请写明为什么重新审核。"))


class MergeForm(Form):
    name = "merge"
    lead_number = StringField(
        _("并入的工单号"),
        [DataRequired(_("请填写要并入的工单号。")), Length(max=20)],
        filters=[strip],
        render_kw={"maxlength": 20, "autocomplete": "off"},
    )


class SplitForm(Form):
    name = "split"
    split_text = TextAreaField(
        _("拆出的内容"),
        [
            DataRequired(_("请写明拆出的是什么事。")),
            Length(max=MAX_TEXT, message=_SHORTER),
        ],
        filters=[strip],
        render_kw={"rows": 4},
    )
    split_item = StringField(
        _("拆出工单的事项"),
        [DataRequired(_("请填写或选择事项。")), Length(max=100)],
        filters=[strip],
        render_kw={"autocomplete": "off"},
    )
    split_place = StringField(_("详细地点"), [Length(max=MAX_PLACE)], filters=[strip])


FORMS = (
    MissingForm,
    LegalRouteForm,
    NotAcceptForm,
    TakenBackForm,
    ReconsiderForm,
    MergeForm,
    SplitForm,
)
