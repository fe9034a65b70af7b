"""What is wrong with a paid job: citizens write it on their page, agents for them on the telephone."""

from flask_babel import lazy_gettext as _
from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from hotline.tickets.grievances import MAX_TEXT
from hotline.web.forms import Form
from hotline.web.labels import choices


class GrievanceForm(Form):
    about = RadioField(
        _("对什么有异议"), choices=choices("grievance_about"), validators=[InputRequired(_("请选择一项。"))]
    )
    text = TextAreaField(
        _("具体情况"),
        [DataRequired(_("请写明具体情况，企业会看到。")), Length(max=MAX_TEXT)],
        render_kw={"maxlength": MAX_TEXT},
    )
