"""What the desk fills in about tickets that are out: verdicts."""

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired

from dispatch.console.forms import required_text
from hotline.web.forms import Form
from hotline.web.labels import choices


class VerdictForm(Form):
    name = "verdict"
    verdict_for = IntegerField(_("裁定由谁承办"), [InputRequired(_("请选择一个单位。"))])
    verdict_code = SelectField(_("裁定依据"), choices=choices("verdict_grounds"))
    grounds = required_text(_("裁定理由"), _("请写明裁定的理由，各方都会看到。"), 3)


DESK_FORMS = (VerdictForm,)
