"""Joint work: what leads, assisting organisations and the desk fill in (F01)."""

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from dispatch.console.forms import required_text, strip
from dispatch.joint import KINDS, MOST_DAYS
from hotline.web.forms import Form
from hotline.web.labels import choices


def working_days() -> IntegerField:
    return IntegerField(
        _("几个工作日内答复"),
        [
            InputRequired(_("请填写天数。")),
            NumberRange(1, MOST_DAYS, _("请填 1 到 %(max)s。")),
        ],
        render_kw={"min": 1, "max": MOST_DAYS},
    )


class PartForm(Form):
    name = "part"
    assisting = StringField(
        _("协办单位"),
        [DataRequired(_("请填写协办单位。")), Length(max=100)],
        filters=[strip],
        render_kw={"maxlength": 100, "list": "roles", "autocomplete": "off"},
    )
    joint_kind = SelectField(_("协办方式"), choices=choices("joint_kind", KINDS))
    task = required_text(_("需要做什么"), _("请写明请协办单位做什么。"), 2)
    part_days = working_days()


class WaiveForm(Form):
    name = "waive"
    waive_reason = required_text(_("免除协办的原因"), _("请写明为什么不再需要协办。"), 2)


class PartAnswerForm(Form):
    name = "part_answer"
    part_answer = required_text(_("给主办单位的答复"), _("请写明查到了什么、做了什么。"), 4)


class HandDownForm(Form):
    """`below` is chosen from the offices right below."""

    name = "hand_down"
    below = IntegerField(_("下级单位"), [InputRequired(_("请选择下级单位。"))])
    hand_down_task = required_text(_("需要做什么"), _("请写明请下级单位做什么。"), 2)
    hand_down_days = working_days()


class TakeBackForm(Form):
    name = "take_back"
    take_back_reason = required_text(_("收回原因"), _("请写明为什么收回。"), 2)


class HandBackForm(Form):
    name = "hand_back"
    hand_back_code = SelectField(_("退回类型"), choices=choices("return_reason"))
    hand_back_reason = required_text(_("退回原因"), _("请写明退回的原因。"), 2)
