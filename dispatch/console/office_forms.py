"""What is kept of an office: to whom its matters go for a time, and who is on duty there."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateField, DateTimeLocalField, FileField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from dispatch.console.forms import required_text, strip
from dispatch.console.words import PRESENCE
from hotline.organisations.delegations import MAX_BASIS
from hotline.organisations.duty import MAX_NAME
from hotline.organisations.presence import CHOSEN
from hotline.web.forms import Form


def _line(label: str, otherwise: str, longest: int) -> StringField:
    return StringField(
        label,
        [DataRequired(otherwise), Length(max=longest)],
        filters=[strip],
        render_kw={"maxlength": longest, "autocomplete": "off"},
    )


class DelegationForm(Form):
    office = _line(_("委托单位全称"), _("请填写单位全称。"), 100)
    delegate = _line(_("受委托单位全称"), _("请填写单位全称。"), 100)
    first_day = DateField(_("开始日期"), [DataRequired(_("请选择日期。"))])
    last_day = DateField(_("结束日期（含当日）"), [DataRequired(_("请选择日期。"))])
    basis = _line(_("依据"), _("请写明依据的文件。"), MAX_BASIS)

    def validate_last_day(self, field: DateField) -> None:
        if field.data and self.first_day.data and field.data < self.first_day.data:
            raise ValidationError(_("结束日期不能早于开始日期。"))


class SummonsForm(Form):
    """Who has to come, one name a line, and what for."""

    name = "summons"
    called = required_text(_("请哪些单位报到"), _("请至少写一个单位。"), 3)
    summons_reason = required_text(_("地点和事由"), _("请写明到哪里、做什么。"), 2)

    @property
    def names(self) -> list[str]:
        return [line.strip() for line in self.called.data.splitlines() if line.strip()]


class PresenceForm(Form):
    office = _line(_("单位全称"), _("请填写单位全称。"), 100)
    presence_kind = SelectField(_("方式"), choices=[SelectChoice(kind, PRESENCE[kind]) for kind in CHOSEN])
    at_window = StringField(_("窗口"), [Length(max=40)], filters=[strip])
    hours = StringField(_("办公时间"), [Length(max=100)], filters=[strip])
    first_day = DateField(_("开始日期"), [DataRequired(_("请选择日期。"))])
    last_day = DateField(_("结束日期（含当日）"), [Optional()])


class ShiftForm(Form):
    starts_at = DateTimeLocalField(_("开始"), [DataRequired(_("请选择时间。"))])
    ends_at = DateTimeLocalField(_("结束"), [DataRequired(_("请选择时间。"))])
    person = _line(_("姓名"), _("请填写姓名。"), MAX_NAME)
    phone = _line(_("电话"), _("请填写能接短信的电话。"), 20)

    def validate_ends_at(self, field: DateTimeLocalField) -> None:
        begins: datetime | None = self.starts_at.data
        if field.data and begins and field.data <= begins:
            raise ValidationError(_("结束时间要晚于开始时间。"))


class RosterForm(Form):
    file = FileField(_("值班表（CSV 或 XLSX）"), render_kw={"accept": ".csv,.xlsx"})


FAULTS: dict[str, Any] = {
    "columns": _("第一行要有四列：开始、结束、姓名、电话。"),
    "starts_at": _("开始时间要写成 2026-01-31 17:30 这样。"),
    "ends_at": _("结束时间要写成 2026-01-31 17:30 这样，并晚于开始时间。"),
    "name": _("姓名不能空，最多 40 字。"),
    "phone": _("电话号码有误。"),
    "twice": _("与前面的一行重复。"),
    "empty": _("文件里没有班次。"),
    "too_large": _("文件太大，最多 2000 行、1 MB。"),
    "unreadable": _("打不开。请另存为 CSV（UTF-8）或 XLSX 后再试。"),
}
