"""What citizens fill in."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from hotline.surveys.grades import Satisfaction
from hotline.tickets.service import MAX_TEXT
from hotline.web.labels import choices

GRADES = [grade.value for grade in Satisfaction]


class MatterForm(FlaskForm):
    """A matter sent in on the web. Without a number it is anonymous and followed by its code."""

    kind = SelectField(_("类型"), validators=[DataRequired(_("请选择类型"))])
    text = TextAreaField(
        _("您要反映的事情"),
        validators=[
            DataRequired(_("请写下您要反映的事情")),
            Length(max=MAX_TEXT, message=_("最多 %(max)d 个字")),
        ],
    )
    place = StringField(_("地点"), validators=[Optional(), Length(max=200, message=_("最多 %(max)d 个字"))])
    area_id = SelectField(_("区县"), coerce=int, validators=[Optional()])
    number = StringField(_("手机号(可不填)"), validators=[Optional(), Length(max=30)])

    def offer(self, areas: list[tuple[int, str]]) -> None:
        self.kind.choices = choices("ticket_kind")
        self.area_id.choices = [(0, _("不清楚")), *areas]


class LookUpForm(FlaskForm):
    number = StringField(_("工单编号"), validators=[DataRequired(_("请填写短信里的工单编号"))])
    code = StringField(_("查询码"), validators=[DataRequired(_("请填写短信里的六位查询码"))])


class SurveyForm(FlaskForm):
    solved = RadioField(
        _("您反映的事情解决了吗?"),
        choices=[("yes", _("已解决")), ("no", _("未解决"))],
        validators=[DataRequired(_("请选择是否解决"))],
    )
    satisfaction = RadioField(
        _("您对办理是否满意?"),
        choices=choices("satisfaction"),
        validators=[DataRequired(_("请选择满意程度"))],
    )
