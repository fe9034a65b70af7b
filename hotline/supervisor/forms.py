"""The period and view a manager asks for, from the query string."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from flask import request
from flask_babel import gettext as _

from hotline import clock
from hotline.config import settings
from hotline.errors import InvalidInput
from hotline.reports.queries import YEARS, Dimension, Period

HOTLINES = ("12345", "12348")
VIEWS = ("all", "category", "organisation_id")


@dataclass(frozen=True)
class Asked:
    """`hotline` None means both."""

    period: Period
    hotline: str | None
    by: Dimension

    def arguments(self) -> dict[str, str]:
        """The same view as a query string."""
        return {
            "from": self.period.first.isoformat(),
            "to": self.period.last.isoformat(),
            "hotline": self.hotline or "",
            "by": self.by,
        }


def asked() -> Asked:
    """The last 30 days unless a period is given. Raises InvalidInput naming what to mend."""
    today = clock.to_local(clock.now(), settings().site.time_zone).date()
    last = _day("to", today)
    first = _day("from", last - timedelta(days=29))
    if first > last:
        raise InvalidInput("to", _("结束日期早于开始日期"))
    hotline = request.args.get("hotline") or None
    by = request.args.get("by", "all")
    if hotline not in (None, *HOTLINES):
        raise InvalidInput("hotline", _("没有这条热线"))
    if by not in VIEWS:
        raise InvalidInput("by", _("没有这种分组"))
    return Asked(Period(first, last, settings().site.zone), hotline, cast(Dimension, by))


def _day(name: str, default: date) -> date:
    text = request.args.get(name, "")
    if not text:
        return default
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=settings().site.zone).date()
    except ValueError as error:
        raise InvalidInput(name, _("日期要写成 2026-01-31 这样")) from error
    if day.year not in YEARS:
        raise InvalidInput(name, _("日期超出范围"))
    return day
