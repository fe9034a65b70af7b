"""The working calendar: statutory holidays, make-up working days (调休) and office hours. Pure.

A year that is not in the data is an error, never a guess (Z41). A year that was replaced stays readable under
its version, so a deadline of the past can be counted again as it was.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from hotline.errors import HotlineError

ONE_DAY = timedelta(days=1)
OFFICE_HOURS = ((time(8, 30), time(12)), (time(14), time(17, 30)))  # the demo site's (rules.md part 3)

Span = tuple[datetime, datetime]  # half-open, in UTC


class CalendarYearMissing(HotlineError):
    code = "calendar_year_missing"

    def __init__(self, year: int, version: str = "") -> None:
        file = f"hotline/data/calendar_{year}{'_' if version else ''}{version}.toml"
        super().__init__(f"the working calendar has no data for {year} {version}: add {file}")
        self.year = year


@dataclass(frozen=True)
class Year:
    """`holidays` are days off though they may be weekdays; `make_up` are weekends worked instead."""

    number: int
    version: str
    holidays: frozenset[date]
    make_up: frozenset[date]


@dataclass(frozen=True)
class Calendar:
    """`hours` are the parts of a working day with lunch between them; closing at 0:00 is closing at 24:00.

    `years` holds the year in force, `replaced` those it replaced, by number and version.
    """

    zone: ZoneInfo
    hours: tuple[tuple[time, time], ...]
    years: dict[int, Year]
    replaced: dict[tuple[int, str], Year] = field(default_factory=dict)

    def kind_of(self, day: date) -> str:
        """working, make_up (a weekend day that is worked), weekend or holiday."""
        year = self.year(day.year)
        if day in year.make_up:
            return "make_up"
        if day in year.holidays:
            return "holiday"
        return "weekend" if day.weekday() >= 5 else "working"

    def is_working_day(self, day: date) -> bool:
        return self.kind_of(day) in ("working", "make_up")

    def year(self, number: int) -> Year:
        try:
            return self.years[number]
        except KeyError:
            raise CalendarYearMissing(number) from None

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def midnight_after(self, day: date) -> datetime:
        return datetime.combine(day + ONE_DAY, time(0), self.zone)

    def office_closes(self, day: date) -> datetime:
        return self._closing(day, self.hours[-1][1])

    def office_spans(self, day: date) -> Iterator[Span]:
        """When the office is open on that day, as instants."""
        if self.is_working_day(day):
            for opens, closes in self.hours:
                start = datetime.combine(day, opens, self.zone)
                yield start.astimezone(UTC), self._closing(day, closes).astimezone(UTC)

    def version_of(self, first: date, last: date) -> str:
        """Which data decided, e.g. '2025/1 2026/1'."""
        numbers = range(first.year, last.year + 1)
        return " ".join(f"{number}/{self.year(number).version}" for number in numbers)

    def as_of(self, versions: str) -> "Calendar":
        """This calendar with the years as `version_of` named them then. Raises CalendarYearMissing."""
        then = dict(self.years)
        for named in versions.split():
            number, _slash, version = named.partition("/")
            if self.years.get(int(number), _NO_YEAR).version != version:
                then[int(number)] = self._replaced(int(number), version)
        return replace(self, years=then)

    def _replaced(self, number: int, version: str) -> Year:
        try:
            return self.replaced[number, version]
        except KeyError:
            raise CalendarYearMissing(number, version) from None

    def _closing(self, day: date, closes: time) -> datetime:
        return datetime.combine(day if closes > time(0) else day + ONE_DAY, closes, self.zone)


_NO_YEAR = Year(0, "", frozenset(), frozenset())


def read_year(text: str) -> Year:
    """A calendar file: year, version, holidays and make_up as lists of dates."""
    data = tomllib.loads(text)
    return Year(data["year"], str(data["version"]), frozenset(data["holidays"]), frozenset(data["make_up"]))


def calendar_of(years: Iterable[Year], zone: str) -> Calendar:
    """Of several versions of a year the highest is in force; a provisional one only while it is alone."""
    in_order = sorted(years, key=lambda year: (year.number, year.version.isdecimal(), year.version))
    in_force = {year.number: year for year in in_order}
    replaced = {(year.number, year.version): year for year in in_order}
    return Calendar(ZoneInfo(zone), OFFICE_HOURS, in_force, replaced)


@cache
def shipped_calendar(zone: str) -> Calendar:
    """Every year we ship."""
    shipped = files("hotline").joinpath("data").iterdir()
    texts = [path.read_text(encoding="utf-8") for path in shipped if path.name.startswith("calendar_")]
    return calendar_of(map(read_year, texts), zone)
