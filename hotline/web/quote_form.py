"""The question to a price: citizens answer it on their page, agents for them on the telephone."""

from flask_babel import lazy_gettext as _
from wtforms import RadioField
from wtforms.validators import InputRequired

from hotline.web.forms import Form
from hotline.web.labels import choices


class QuoteForm(Form):
    verdict = RadioField(
        _("是否接受这个价格"),
        choices=choices("quote_verdict"),
        validators=[InputRequired(_("请选择是否接受。"))],
    )
