"""What a lawyer fills in; the rules are hotline/legal's."""

from datetime import time

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput

from hotline.catalogue.models import Category, Item
from hotline.config import settings
from hotline.legal.service import Answer
from hotline.phone_numbers import normalise_or_none
from hotline.web.forms import Form
from hotline.web.labels import named

LONGEST = 2000


class AnswerForm(Form):
    text = TextAreaField(
        _("答复（市民凭编号和查询码可以看到）"),
        validators=[
            DataRequired(_("请写下答复")),
            Length(max=LONGEST, message=_("最多 %(max)d 个字")),
        ],
    )
    item_code = SelectField(_("咨询事项"))
    number = StringField(_("留言中说的电话"), validators=[Length(max=30, message=_("最多 %(max)d 个字"))])
    by_phone = BooleanField(_("请话务员打电话告知（不发短信）"))

    def validate_number(self, field: StringField) -> None:
        if field.data and normalise_or_none(field.data, settings().site.region) is None:
            raise ValidationError(_("不是有效的电话号码，请再听一遍录音核对。"))

    def offer(self, items: list[Item]) -> None:
        self.item_code.choices = [SelectChoice(item.code, f"{item.code} {named(item)}") for item in items]

    def said(self) -> Answer:
        return Answer(
            text=self.text.data,
            item_code=self.item_code.data,
            number=self.number.data or "",
            by_phone=self.by_phone.data,
        )


WEEKDAYS = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))


class DutyForm(Form):
    """Ticks; no weekday takes the lawyer off the rota."""

    weekdays = SelectMultipleField(
        _("值班日"),
        coerce=int,
        choices=[SelectChoice(*day) for day in enumerate(WEEKDAYS)],
        option_widget=CheckboxInput(),
    )
    begins = TimeField(_("从"), [DataRequired(_("请填写时间"))], default=time(9))
    ends = TimeField(_("到"), [DataRequired(_("请填写时间"))], default=time(17))
    categories = SelectMultipleField(_("专长"), option_widget=CheckboxInput())

    def offer(self, categories: list[Category]) -> None:
        self.categories.choices = [SelectChoice(one.code, named(one)) for one in categories]


class UnreachableForm(Form):
    reason = TextAreaField(
        _("无法答复的原因（凭编号可以看到）"),
        default=_("留言没有留下联系电话，无法答复。请再次拨打12348。"),
        validators=[
            DataRequired(_("请写明原因")),
            Length(max=LONGEST, message=_("最多 %(max)d 个字")),
        ],
    )
