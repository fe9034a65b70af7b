"""What the desk fills in about tickets that are out: verdicts, decisions about more days."""

from flask_babel import lazy_gettext as _
from wtforms import DecimalField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, ValidationError

from dispatch.console.forms import TOO_LONG, required_text, strip
from dispatch.console.hard_case_forms import HARD_CASE_FORMS
from dispatch.console.office_forms import SummonsForm
from dispatch.console.part_forms import PartForm
from hotline.web.forms import Form
from hotline.web.labels import choices


class VerdictForm(Form):
    name = "verdict"
    verdict_for = IntegerField(_("裁定由谁承办"), [InputRequired(_("请选择一个单位。"))])
    verdict_code = SelectField(_("裁定依据"), choices=choices("verdict_grounds"))
    grounds = required_text(_("裁定理由"), _("请写明裁定的理由，各方都会看到。"), 3)


class ExtensionDecisionForm(Form):
    name = "extension"
    granted = RadioField(
        _("审批"),
        choices=[SelectChoice("yes", _("同意")), SelectChoice("no", _("不同意"))],
        validators=[InputRequired(_("请选择是否同意。"))],
    )
    extension_note = TextAreaField(
        _("意见（不同意时必填）"), [TOO_LONG], filters=[strip], render_kw={"rows": 2}
    )

    def validate_extension_note(self, field: TextAreaField) -> None:
        if self.granted.data == "no" and not field.data:
            raise ValidationError(_("请写明不同意的理由，承办单位会看到。"))


class GrievanceDecisionForm(Form):
    name = "grievance"
    refund = DecimalField(
        _("退款金额（元，不退填 0）"),
        [InputRequired(_("请填写金额，不退填 0。")), NumberRange(0, 999_999, _("请填写不小于 0 的金额。"))],
    )
    decision_reason = required_text(_("裁决理由"), _("请写明理由，诉求人和企业都会看到。"), 3)


class RefundPaidForm(Form):
    name = "paid"
    paid_note = required_text(_("如何确认已退款"), _("请写明如何确认，例如诉求人来电确认、转账凭证。"), 2)


DESK_FORMS = (
    GrievanceDecisionForm,
    RefundPaidForm,
    VerdictForm,
    ExtensionDecisionForm,
    PartForm,
    SummonsForm,
    *HARD_CASE_FORMS,
)
