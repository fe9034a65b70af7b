"""What citizens fill in."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from hotline.config import settings
from hotline.phone_numbers import normalise_or_none
from hotline.places.queries import Found
from hotline.tickets import supplements
from hotline.tickets.service import MAX_PLACE, MAX_TEXT
from hotline.web.forms import Form
from hotline.web.labels import choices
from hotline.web.uploads import FilesField

ASKED = "1"
LIKELY = 0.8


class MatterForm(Form):
    """A matter sent in on the web. Without a number it is anonymous and followed by its code."""

    kind = SelectField(_("类型"), validators=[DataRequired(_("请选择类型"))])
    text = TextAreaField(
        _("您要反映的事情"),
        validators=[
            DataRequired(_("请写下您要反映的事情")),
            Length(max=MAX_TEXT, message=_("最多 %(max)d 个字")),
        ],
    )
    place = StringField(
        _("地点"), validators=[Optional(), Length(max=MAX_PLACE, message=_("最多 %(max)d 个字"))]
    )
    area_id = SelectField(_("区县"), coerce=int, validators=[Optional()])
    files = FilesField(_("照片、视频或 PDF（可不传）"))
    number = StringField(
        _("手机号（可不填）"), validators=[Optional(), Length(max=30, message=_("最多 %(max)d 个字"))]
    )
    share_contact = BooleanField(_("需要企业上门服务时，同意把我的手机号提供给承接的企业"))
    confidential = BooleanField(_("请为我保密，不向承办单位透露我的联系方式"))
    here = RadioField(_("是这里吗？"), coerce=int, choices=[], validators=[Optional()], validate_choice=False)
    asked = HiddenField()  # this citizen was asked which place is meant; not sent by who never saw the page
    told = HiddenField()  # the emergency rule this citizen has been told of already

    def validate_number(self, field: StringField) -> None:
        if field.data and normalise_or_none(field.data, settings().site.region) is None:
            raise ValidationError(_("这不像电话号码。请填 11 位手机号，或留空匿名提交。"))

    def offer(self, areas: list[tuple[int, str]]) -> None:
        self.kind.choices = choices("ticket_kind")
        self.area_id.choices = [SelectChoice(0, _("不清楚")), *(SelectChoice(*area) for area in areas)]

    def ask_where(self, places: Sequence[Found]) -> None:
        """Offer these places to choose from; the likeliest is chosen where it is likely enough."""
        self.asked.data = ASKED
        named = [SelectChoice(found.area_id, f"{found.area_name}（{found.words}）") for found in places]
        self.here.choices = [*named, SelectChoice(0, _("都不是"))]
        if self.here.data is None and places[0].confidence >= LIKELY:
            self.here.data = places[0].area_id

    def area(self) -> int | None:
        """The place that was confirmed, else the county that was chosen."""
        offered = {choice.value for choice in self.here.choices}
        confirmed = self.here.data if self.here.data in offered else None
        return confirmed or self.area_id.data or None


class LookUpForm(Form):
    number = StringField(_("工单编号"), validators=[DataRequired(_("请填写短信里的工单编号"))])
    code = StringField(_("查询码"), validators=[DataRequired(_("请填写短信里的六位查询码"))])


class SupplementForm(Form):
    answer = TextAreaField(
        _("您的补充"),
        validators=[
            DataRequired(_("请写下要补充的情况")),
            Length(max=supplements.MAX_TEXT, message=_("最多 %(max)d 个字")),
        ],
    )
    files = FilesField(_("照片、视频或 PDF（可不传）"))


class SurveyForm(Form):
    solved = RadioField(
        _("您反映的事情解决了吗？"),
        choices=choices("solved"),
        validators=[DataRequired(_("请选择是否解决"))],
    )
    satisfaction = RadioField(
        _("您对办理是否满意？"),
        choices=choices("satisfaction"),
        validators=[DataRequired(_("请选择满意程度"))],
    )
