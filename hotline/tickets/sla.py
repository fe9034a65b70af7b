"""When a clock is due, and its light. Pure.

A deadline is computed from its start, its limit, its pauses, the extension granted and the calendar, and is
computed anew when one of these changes: nothing is ever added to a deadline. How a pause counts:

* minutes and hours: the time of the pause does not count, to the second;
* working minutes and hours: the office time within the pause does not count;
* calendar days and months: a day counts when the clock runs as the day ends (24:00), so a pause of n
  midnights costs n days. The first such day is not counted; a last day off moves on (民法典 201-203);
* working days: a working day counts when the clock runs as the office closes; the first day is not counted.

An extension is counted with the limit, in its unit. A pause that begins after the deadline changes nothing.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import count, groupby
from typing import Self

from hotline.errors import HotlineError
from hotline.service_hours import ONE_DAY, Calendar, Span

WALL_CLOCK = "wall clock"
DAYS_OFF = ("weekend", "holiday")


class LimitRefused(HotlineError):
    """Not a limit: `text` should read like '5 calendar days'."""

    code = "limit_refused"

    def __init__(self, text: str) -> None:
        units = ", ".join(unit.words for unit in Unit)
        super().__init__(f"{text!r} is not a limit: write a number and one of {units}")


class Unit(StrEnum):
    MINUTES = "minutes"
    HOURS = "hours"
    WORKING_MINUTES = "working_minutes"
    WORKING_HOURS = "working_hours"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"

    @property
    def words(self) -> str:
        return self.replace("_", " ")


LENGTH = {
    Unit.MINUTES: timedelta(minutes=1),
    Unit.HOURS: timedelta(hours=1),
    Unit.WORKING_MINUTES: timedelta(minutes=1),
    Unit.WORKING_HOURS: timedelta(hours=1),
}
WALL = (Unit.MINUTES, Unit.HOURS)


@dataclass(frozen=True)
class Limit:
    """How long somebody has: '5 calendar days', '72 hours', '0 working days' (the end of this office day)."""

    amount: int
    unit: Unit

    @classmethod
    def read(cls, text: str) -> Self:
        amount, _space, unit = text.partition(" ")
        try:
            return cls(int(amount), Unit(unit.replace(" ", "_")))
        except ValueError:
            raise LimitRefused(text) from None

    def __str__(self) -> str:
        return f"{self.amount} {self.unit.words}"


@dataclass(frozen=True)
class Pause:
    """The clock stood still from `since` until `until`, for one of the listed reasons."""

    since: datetime
    until: datetime
    reason: str


@dataclass(frozen=True)
class Step:
    """One line of the answer to "why is it due then?": what became of the days from `first` to `last`.

    `verdict`: wall, worked, first_day, counted, make_up, weekend, holiday, paused, moved_on. `amount` is
    days, or minutes where the limit is in minutes or hours.
    """

    verdict: str
    first: date
    last: date
    amount: int


@dataclass(frozen=True)
class Deadline:
    """`calendar` names the data that decided, or says that it was the wall clock."""

    due_at: datetime
    calendar: str
    steps: tuple[Step, ...]


def deadline(
    start: datetime, limit: Limit, calendar: Calendar, pauses: Sequence[Pause] = (), extension: int = 0
) -> Deadline:
    """Raises CalendarYearMissing. `extension` is in the limit's unit."""
    amount = limit.amount + extension
    standing = _merged(pauses)
    if limit.unit in WALL:
        due, steps = _on_the_wall(start, amount * LENGTH[limit.unit], standing, calendar)
        return Deadline(due, WALL_CLOCK, steps)
    if limit.unit in LENGTH:
        due, steps = _in_office_time(start, amount * LENGTH[limit.unit], standing, calendar)
    else:
        due, steps = _in_days(start, Limit(amount, limit.unit), standing, calendar)
    return Deadline(due, calendar.version_of(steps[0].first, steps[-1].last), steps)


# --- units -------------------------------------------------------------------------------------------------


def _merged(pauses: Iterable[Pause]) -> list[Span]:
    """Two reasons at once stop the clock once."""
    merged: list[Span] = []
    for pause in sorted(pauses, key=lambda one: one.since):
        if merged and pause.since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], pause.until))
        else:
            merged.append((pause.since, pause.until))
    return merged


def _on_the_wall(
    start: datetime, length: timedelta, pauses: list[Span], calendar: Calendar
) -> tuple[datetime, tuple[Step, ...]]:
    due = start + length
    for since, until in pauses:
        if since >= due:
            break
        due += until - max(since, start)
    return due, (Step("wall", calendar.day_of(start), calendar.day_of(due), _minutes(length)),)


def _in_office_time(
    start: datetime, length: timedelta, pauses: list[Span], calendar: Calendar
) -> tuple[datetime, tuple[Step, ...]]:
    left = length
    days: list[tuple[date, str, int]] = []
    for day in _days_from(calendar.day_of(start)):
        worked = timedelta(0)
        for since, until in _running(calendar.office_spans(day), start, pauses):
            if until - since >= left:
                return since + left, _steps([*days, (day, "worked", _minutes(worked + left))])
            worked, left = worked + (until - since), left - (until - since)
        kind = calendar.kind_of(day)
        days.append((day, kind if kind in DAYS_OFF else "worked", _minutes(worked)))
    raise AssertionError("the calendar ends with an error, never without one")


def _running(spans: Iterable[Span], start: datetime, pauses: list[Span]) -> Iterator[Span]:
    """What is left of these spans from `start` on without the pauses."""
    for opens, closes in spans:
        since = max(opens, start)
        for stood, ran_again in pauses:
            if ran_again <= since or stood >= closes:
                continue
            if since < stood:
                yield since, stood
            since = ran_again
        if since < closes:
            yield since, closes


def _in_days(
    start: datetime, limit: Limit, pauses: list[Span], calendar: Calendar
) -> tuple[datetime, tuple[Step, ...]]:
    first, office = calendar.day_of(start), limit.unit is Unit.WORKING_DAYS
    wanted, counted, days = _days_wanted(first, limit), -1, []
    for day in _days_from(first):
        ends = calendar.office_closes(day) if office else calendar.midnight_after(day)
        kind = calendar.kind_of(day)
        if any(since < ends <= until for since, until in pauses):
            days.append((day, "paused", 1))
            continue
        verdict = _verdict(kind, office, counted, wanted)
        counted += verdict in ("first_day", "counted", "make_up")
        days.append((day, verdict, 1))
        if counted >= wanted and kind not in DAYS_OFF and ends > start:
            return ends, _steps(days)
    raise AssertionError("the calendar ends with an error, never without one")


def _days_wanted(first: date, limit: Limit) -> int:
    """A month ends on its day with the number of the first, or on its last (民法典 202)."""
    if limit.unit is not Unit.MONTHS:
        return limit.amount
    years, month = divmod(first.month - 1 + limit.amount, 12)
    year, month = first.year + years, month + 1
    return (date(year, month, min(first.day, monthrange(year, month)[1])) - first).days


def _verdict(kind: str, office: bool, counted: int, wanted: int) -> str:
    if counted < 0:
        return "first_day"
    if office and kind in DAYS_OFF:
        return kind
    if counted >= wanted:
        return "moved_on"
    return "make_up" if office and kind == "make_up" else "counted"


def _days_from(day: date) -> Iterator[date]:
    return (day + number * ONE_DAY for number in count())


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


def _steps(days: Iterable[tuple[date, str, int]]) -> tuple[Step, ...]:
    """Days in a row that met the same fate are one line."""
    runs = (list(run) for _verdict, run in groupby(days, key=lambda day: day[1]))
    return tuple(Step(run[0][1], run[0][0], run[-1][0], sum(day[2] for day in run)) for run in runs)
