"""What the people who keep the register of firms fill in."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    DateField,
    DecimalField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput

from hotline import clock
from hotline.config import settings
from hotline.errors import InvalidInput
from hotline.organisations import credit_code, opening
from hotline.organisations.register import Entry, Price
from hotline.phone_numbers import normalise
from hotline.web.forms import Form
from hotline.web.labels import choices


def _stripped(text: str | None) -> str:
    return (text or "").replace("\0", "").strip()


def _line(label: Any, longest: int, otherwise: Any = None) -> StringField:
    needed = [DataRequired(otherwise)] if otherwise else []
    return StringField(
        label, [*needed, Length(max=longest)], filters=[_stripped], render_kw={"maxlength": longest}
    )


def _reason(label: Any) -> TextAreaField:
    return TextAreaField(
        label,
        [DataRequired(_("请写明原因，会记录在案。")), Length(max=500)],
        filters=[_stripped],
        render_kw={"rows": 2, "maxlength": 500},
    )


def _ticks(label: Any, **named: Any) -> SelectMultipleField:
    """Several of a list, each with a box to tick."""
    return SelectMultipleField(label, option_widget=CheckboxInput(), **named)


class EntryForm(Form):
    """A firm's entry; `classes` and `areas` are what there is to choose from."""

    name = _line(_("企业名称"), 100, _("请填写企业名称。"))
    credit_code = _line(_("统一社会信用代码"), 18)
    phone = _line(_("联系电话"), 20)
    role_name = SelectField(_("主营类别"))
    further_roles = _ticks(_("兼营类别"))
    counties = _ticks(_("服务区县"), coerce=int)
    capacity_per_day = IntegerField(
        _("每天可接单数"), [Optional(), NumberRange(1, 10_000, _("请填 1 至 10000。"))]
    )
    licence_number = _line(_("许可或执照编号"), 40)
    licence_until = DateField(_("许可有效期至"), [Optional()])
    hours = _line(_("营业时间"), 100)
    open_days = _ticks(_("营业日"), coerce=int, choices=choices("weekday"))
    closed_on = _line(_("停业日期"), 400)
    review_due = DateField(_("年审截止日期"), [Optional()])

    def __init__(
        self, classes: Sequence[str] = (), areas: Sequence[tuple[int, str]] = (), **named: Any
    ) -> None:
        super().__init__(**named)
        self.role_name.choices = list(classes)
        self.further_roles.choices = list(classes)
        self.counties.choices = list(areas)

    def validate_credit_code(self, field: StringField) -> None:
        if field.data and not credit_code.is_valid(field.data):
            raise ValidationError(_("信用代码应为 18 位，请核对。"))

    def validate_phone(self, field: StringField) -> None:
        try:
            field.data = normalise(field.data) if field.data else ""
        except InvalidInput as error:
            raise ValidationError(_("这不是一个电话号码。")) from error

    def validate_counties(self, field: SelectMultipleField) -> None:
        if not field.data:
            raise ValidationError(_("请至少选择一个区县。"))

    def validate_open_days(self, field: SelectMultipleField) -> None:
        if not field.data:
            raise ValidationError(_("请至少选择一天。"))

    def validate_hours(self, field: StringField) -> None:
        try:
            opening.hours(field.data)
        except ValueError as error:
            raise ValidationError(
                _("请写成 08:00-12:00 14:00-18:00 这样，前后不重叠；不填表示全天营业。")
            ) from error

    def validate_closed_on(self, field: StringField) -> None:
        try:
            opening.closed_days(field.data)
        except ValueError as error:
            raise ValidationError(
                _("请写成 2026-10-01 或 2026-02-16~2026-02-22 这样，用空格分开。")
            ) from error

    def validate_licence_number(self, field: StringField) -> None:
        if self.licence_until.data and not field.data:
            raise ValidationError(_("请填写编号。"))

    def entry(self) -> Entry:
        return Entry(
            name=self.name.data,
            phone=self.phone.data or None,
            credit_code=self.credit_code.data or None,
            role_name=self.role_name.data,
            further_roles=tuple(name for name in self.further_roles.data if name != self.role_name.data),
            counties=tuple(sorted(self.counties.data)),
            capacity_per_day=self.capacity_per_day.data,
            licence_number=self.licence_number.data or None,
            licence_until=self.licence_until.data,
            hours=self.hours.data,
            open_days=tuple(sorted(self.open_days.data)),
            closed_on=self.closed_on.data,
            review_due=self.review_due.data,
        )


class SuspendForm(Form):
    name = "suspend"
    suspend_reason = _reason(_("暂停原因"))
    from_day = DateField(_("从哪天起（不填为立即）"), [Optional()])
    last_day = DateField(_("到哪天止（不填为直到恢复）"), [Optional()])

    def validate_last_day(self, field: DateField) -> None:
        if field.data and field.data < max(_today(), self.from_day.data or _today()):
            raise ValidationError(_("结束日期不能早于开始日期，也不能早于今天。"))

    @property
    def days(self) -> tuple[datetime | None, datetime | None]:
        first, last = self.from_day.data, self.last_day.data
        return _midnight(first) if first else None, _midnight(last + timedelta(days=1)) if last else None


class LiftForm(Form):
    name = "lift"
    lift_reason = _reason(_("恢复原因"))


class ReviewForm(Form):
    name = "review"
    passed = RadioField(
        _("年审结论"), choices=choices("review"), validators=[InputRequired(_("请选择结论。"))]
    )
    note = _reason(_("审查情况"))
    next_due = DateField(_("下次年审截止日期"), [DataRequired(_("请选择日期。"))])

    def validate_next_due(self, field: DateField) -> None:
        if field.data and field.data <= _today():
            raise ValidationError(_("请选择今天以后的日期。"))


class PriceForm(Form):
    name = "price"
    price_class = SelectField(_("类别"))
    work = _line(_("服务内容"), 60, _("请填写服务内容。"))
    call_out_fee = DecimalField(
        _("上门费（元）"), [InputRequired(_("请填写金额，没有则填 0。")), NumberRange(0, 999_999)]
    )
    unit_price = DecimalField(_("单价（元）"), [InputRequired(_("请填写金额。")), NumberRange(0, 999_999)])
    unit = _line(_("计价单位"), 20, _("请填写计价单位，例如次、小时、平方米。"))
    remark = _line(_("说明"), 200)

    def __init__(self, classes: Sequence[str] = (), **named: Any) -> None:
        super().__init__(**named)
        self.price_class.choices = list(classes)

    def price(self) -> Price:
        return Price(
            role_name=self.price_class.data,
            work=self.work.data,
            call_out_fee=self.call_out_fee.data,
            unit_price=self.unit_price.data,
            unit=self.unit.data,
            remark=self.remark.data,
        )


def _today() -> date:
    return clock.to_local(clock.now(), settings().site.time_zone).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), settings().site.zone).astimezone(UTC)
