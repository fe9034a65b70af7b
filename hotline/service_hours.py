"""The working calendar: statutory holidays, make-up working days (调休) and office hours. Pure.

A year that is not in the data is an error, never a guess (Z41).
"""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from hotline.errors import HotlineError


class CalendarYearMissing(HotlineError):
    code = "calendar_year_missing"

    def __init__(self, year: int) -> None:
        super().__init__(
            f"the working calendar has no data for {year}: add hotline/data/calendar_{year}.toml"
        )
        self.year = year


@dataclass(frozen=True)
class Year:
    """`holidays` are days off though they may be weekdays; `make_up` are weekends worked instead."""

    version: str
    holidays: frozenset[date]
    make_up: frozenset[date]


@dataclass(frozen=True)
class Calendar:
    zone: ZoneInfo
    opens: time
    closes: time
    years: dict[int, Year]

    def is_working_day(self, day: date) -> bool:
        year = self.year(day.year)
        return day in year.make_up or (day.weekday() < 5 and day not in year.holidays)

    def year(self, number: int) -> Year:
        try:
            return self.years[number]
        except KeyError:
            raise CalendarYearMissing(number) from None

    def next_working_day(self, day: date) -> date:
        """`day` itself when it is one."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def after_calendar_days(self, start: datetime, days: int) -> datetime:
        """The first day is not counted, a last day off moves on, it ends at 24:00 (民法典 201, 203)."""
        last = self.next_working_day(start.astimezone(self.zone).date() + timedelta(days=days))
        return datetime.combine(last + timedelta(days=1), time(0), self.zone)

    def after_working_days(self, start: datetime, days: int) -> datetime:
        """The end of office hours of the `days`-th working day after the day of `start`."""
        day = start.astimezone(self.zone).date()
        for _ in range(days):
            day = self.next_working_day(day + timedelta(days=1))
        return datetime.combine(day, self.closes, self.zone)

    def version_of(self, *moments: datetime) -> str:
        """Which data decided, e.g. '2026/1', for the "why is it due then?" line."""
        years = sorted({moment.astimezone(self.zone).year for moment in moments})
        return " ".join(f"{number}/{self.year(number).version}" for number in years)


def read_year(text: str) -> tuple[int, Year]:
    """A calendar file: year, version, holidays and make_up as lists of dates."""
    data = tomllib.loads(text)
    return data["year"], Year(str(data["version"]), frozenset(data["holidays"]), frozenset(data["make_up"]))


@cache
def shipped_calendar(zone: str) -> Calendar:
    """Office hours of the demo site (rules.md part 3: to 17:30) and every year we ship."""
    shipped = files("hotline").joinpath("data").iterdir()
    texts = (path.read_text(encoding="utf-8") for path in shipped if path.name.startswith("calendar_"))
    years = dict(map(read_year, texts))
    return Calendar(ZoneInfo(zone), time(8, 30), time(17, 30), years)
