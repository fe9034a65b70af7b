"""What supervisors ask and fill in about learning."""

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length

from hotline.learning.golden import LONGEST, SHORTEST
from hotline.web.forms import Form


def _stripped(text: str | None) -> str:
    return (text or "").replace("\0", "").strip()


def _reason() -> StringField:
    return StringField(
        _("原因"),
        [DataRequired(_("请写明原因，会记录在案。")), Length(max=300)],
        filters=[_stripped],
        render_kw={"maxlength": 300},
    )


class RollBackForm(Form):
    """`model` empty: the one that ships."""

    model = HiddenField()
    reason = _reason()


class RetireForm(Form):
    reason = _reason()


class GoldenForm(Form):
    code = StringField(
        _("事项"),
        [DataRequired(_("请填写或选择事项。")), Length(max=100)],
        filters=[_stripped],
        render_kw={"autocomplete": "off"},
    )
    text = StringField(
        _("市民的说法"),
        [
            DataRequired(_("请写下一句话。")),
            Length(SHORTEST, LONGEST, _("%(min)d 至 %(max)d 个字。")),
        ],
        filters=[_stripped],
        render_kw={"maxlength": LONGEST},
    )
