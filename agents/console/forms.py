"""The forms of agents: the shape of what a browser sends. Rules are checked by agents/intake.py."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp, ValidationError
from wtforms.widgets import HiddenInput

from agents.intake import Matter
from agents.states import CHOSEN_DISPOSITIONS, CHOSEN_REASONS
from hotline.callbacks.service import OUTCOMES
from hotline.cases.service import LONGEST_NOTE
from hotline.organisations.models import Area
from hotline.surveys.grades import Answer, Satisfaction
from hotline.tickets import supplements
from hotline.tickets.mending import Mended
from hotline.tickets.notes import MAX_NOTE
from hotline.tickets.service import MAX_PLACE, MAX_TEXT
from hotline.web.forms import Form
from hotline.web.labels import choices
from hotline.web.uploads import FilesField

HOTLINES = ("12345", "12348")
LARGEST_ID = 2**63 - 1

UNASKED = SelectChoice("", _("未问"))


def _stripped(value: str | None) -> str:
    return (value or "").replace("\0", "").strip()


def _id_or_none(value: Any) -> int | None:
    """A row id from a form; empty is none. ValueError for anything else (WTForms then refuses the field)."""
    if value in (None, ""):
        return None
    number = int(value)
    if not 0 < number <= LARGEST_ID:
        raise ValueError(f"{number} is no row id")
    return number


class AreaField(Field):
    """Four selects of one name, from county to grid; `picked` are their ids. `data` is the last of them until
    the page's view has settled which belong together."""

    picked: tuple[int, ...] = ()

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            self.picked = tuple(filter(None, map(_id_or_none, valuelist)))
        except ValueError as error:
            raise ValueError(_("请从列表中选择区域")) from error
        self.data = self.picked[-1] if self.picked else None


def _matter() -> TextAreaField:
    longest = Length(max=MAX_TEXT, message=_("最多 %(max)d 字，请删减"))
    return TextAreaField(
        _("诉求内容"), filters=[_stripped], validators=[DataRequired(_("请写明诉求内容")), longest]
    )


class TicketForm(Form):
    form_key = HiddenField(validators=[Regexp(r"[0-9a-f-]{8,40}\Z")])
    shown = HiddenField()
    call_id = IntegerField(widget=HiddenInput(), validators=[Optional()])
    callback_id = IntegerField(widget=HiddenInput(), validators=[Optional()])
    hotline = SelectField(_("热线"), choices=[SelectChoice(hotline) for hotline in HOTLINES], default="12345")
    kind = RadioField(_("类型"), choices=choices("ticket_kind"), validators=[InputRequired(_("请选择类型"))])
    text = _matter()
    item_code = StringField(
        _("事项"), filters=[_stripped], validators=[DataRequired(_("请选择事项")), Length(max=10)]
    )
    area_id = AreaField(_("区域"))
    place = StringField(_("详细地点"), filters=[_stripped], validators=[Length(max=200)])
    unit = StringField(_("被投诉单位"), filters=[_stripped], validators=[Length(max=100)])
    caller_name = StringField(_("姓名或称呼"), filters=[_stripped], validators=[Length(max=40)])
    number = StringField(_("联系电话"), filters=[_stripped], validators=[Length(max=30)])
    files = FilesField(_("来电人或来访人提供的照片、视频或 PDF"))
    contact_wish = RadioField(_("结果告知"), choices=choices("contact_wish"), default="sms")
    confidential = BooleanField(_("要求保密"))
    share_contact = BooleanField(_("来电人同意把联系方式提供给服务企业"))
    on_the_phone = BooleanField(_("已当场答复，直接办结"))
    reply = TextAreaField(_("答复内容（来电人可以看到）"), filters=[_stripped], validators=[Length(max=2000)])

    def validate_reply(self, field: TextAreaField) -> None:
        if self.on_the_phone.data and not field.data:
            raise ValidationError(_("当场办结要写明答复内容"))

    def matter(self) -> Matter:
        return Matter(
            form_key=self.form_key.data,
            hotline=self.hotline.data,
            kind=self.kind.data,
            item_code=self.item_code.data.split()[0].upper(),
            text=self.text.data,
            area_id=self.area_id.data,
            place=self.place.data,
            call_id=self.call_id.data,
            callback_id=self.callback_id.data,
            number=self.number.data,
            caller_name=self.caller_name.data,
            contact_wish=self.contact_wish.data,
            confidential=self.confidential.data,
            share_contact=self.share_contact.data,
            unit=self.unit.data,
            reply=self.reply.data if self.on_the_phone.data else "",
            shown=self.shown.data or "",
            files=tuple(self.files.data),
        )


def new_key() -> str:
    return uuid.uuid4().hex


class PauseForm(Form):
    reason = SelectField(_("原因"), choices=choices("pause_reason", CHOSEN_REASONS))


class WrapUpForm(Form):
    disposition = SelectField(_("处理结果"), choices=choices("disposition", CHOSEN_DISPOSITIONS))
    then = SelectField(
        _("然后"),
        choices=[SelectChoice("available", _("接下一个电话")), *choices("pause_reason", CHOSEN_REASONS)],
        default="available",
    )


def _note() -> StringField:
    wanted = [DataRequired(_("请写明原因")), Length(max=LONGEST_NOTE)]
    return StringField(_("转接原因"), filters=[_stripped], validators=wanted)


class TransferForm(Form):
    call_id = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    note = _note()


class ReferForm(Form):
    item_code = StringField(_("事项"), filters=[_stripped], validators=[DataRequired(), Length(max=60)])
    note = _note()

    def code(self) -> str:
        return str(self.item_code.data).split()[0].upper()


class MendForm(Form):
    """What the desk sent back, as it should read."""

    text = _matter()
    item_code = StringField(
        _("事项"), filters=[_stripped], validators=[DataRequired(_("请选择事项")), Length(max=60)]
    )
    area_id = SelectField(_("区域"), coerce=_id_or_none, validators=[Optional()])
    place = StringField(_("详细地点"), filters=[_stripped], validators=[Length(max=MAX_PLACE)])

    def offer(self, areas: Sequence[Area]) -> None:
        self.area_id.choices = [SelectChoice("", _("未识别")), *((one.id, one.name) for one in areas)]

    def mended(self) -> Mended:
        return Mended(
            text=self.text.data,
            place=self.place.data or "",
            area_id=self.area_id.data,
            item_code=self.item_code.data.split()[0].upper(),
        )


class TakenBackForm(Form):
    reason = StringField(
        _("市民撤回的原因"),
        filters=[_stripped],
        validators=[DataRequired(_("请写明市民为什么撤回。")), Length(max=MAX_NOTE)],
        render_kw={"maxlength": MAX_NOTE, "autocomplete": "off"},
    )


class CallBackForm(Form):
    outcome = SelectField(_("结果"), choices=choices("callback_outcome", OUTCOMES))
    note = StringField(_("备注"), filters=[_stripped], validators=[Length(max=500)])
    solved = SelectField(_("是否解决"), choices=[UNASKED, *choices("solved")], default="")
    satisfaction = SelectField(_("是否满意"), choices=[UNASKED, *choices("satisfaction")], default="")

    def validate_satisfaction(self, field: SelectField) -> None:
        if bool(field.data) != bool(self.solved.data):
            raise ValidationError(_("两个问题要一起记录"))

    def said(self) -> Answer | None:
        """What the citizen answered to the two questions; None when they were not asked."""
        if not self.solved.data:
            return None
        return Answer(self.solved.data == "yes", Satisfaction(self.satisfaction.data))


class SupplementForm(Form):
    """What a citizen says on the telephone when something was asked for."""

    answer = TextAreaField(
        _("诉求人的补充"), [DataRequired(), Length(max=supplements.MAX_TEXT)], filters=[_stripped]
    )
