"""What an organisation fills in while it works: more days, a question to the citizen."""

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired

from dispatch.console.forms import required_text
from dispatch.console.office_forms import SummonsForm
from dispatch.console.part_forms import (
    HandBackForm,
    HandDownForm,
    PartAnswerForm,
    PartForm,
    TakeBackForm,
    WaiveForm,
)
from hotline.web.forms import Form
from hotline.web.labels import choices


class ExtensionForm(Form):
    name = "extension"
    days = IntegerField(_("延长天数"), [InputRequired(_("请填写需要延长的天数。"))], render_kw={"min": 1})
    extension_code = SelectField(_("延期原因"), choices=choices("extension_reason"))
    extension_reason = required_text(_("说明"), _("请写明为什么需要更多时间。"), 2)


class SupplementForm(Form):
    name = "supplement"
    supplement_code = SelectField(_("缺什么"), choices=choices("supplement_reason"))
    question = required_text(_("请诉求人补充什么"), _("请写明要诉求人补充什么。"), 2)


class AppraisalForm(Form):
    name = "appraisal"
    appraisal_note = required_text(_("检验鉴定的情况"), _("请写明检什么、谁来检、预计何时出结果。"), 2)


class GrievanceAnswerForm(Form):
    name = "grievance"
    side = required_text(_("企业的答复"), _("请写明企业的意见。"), 3)


WORK_FORMS = (
    ExtensionForm,
    SupplementForm,
    AppraisalForm,
    PartForm,
    SummonsForm,
    WaiveForm,
    PartAnswerForm,
    HandDownForm,
    TakeBackForm,
    HandBackForm,
    GrievanceAnswerForm,
)
