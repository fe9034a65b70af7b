"""A clock that keeps its limit and its pauses, as a row does: count its deadline anew, and pause it. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from hotline.service_hours import Calendar
from hotline.tickets import lights
from hotline.tickets.sla import WALL_CLOCK, Deadline, Limit, Pause, deadline

Pauses = list[dict[str, str]]  # reason, since, and until once it is over


class Counted(Protocol):
    """A row of ticket_clock, or a clock that is recounted from its facts."""

    clock: str
    started_at: datetime
    limit_text: str
    margin_text: str
    extension: int
    pauses: Pauses
    paused_at: datetime | None
    stopped_at: datetime | None
    due_at: datetime
    yellow_at: datetime | None
    calendar: str
    light: str


def count_anew(clock: Counted, calendar: Calendar) -> Deadline:
    """Set due_at, yellow_at and calendar from all the rest. Raises CalendarYearMissing."""
    found = deadline(
        clock.started_at, Limit.read(clock.limit_text), calendar, _over(clock.pauses), clock.extension
    )
    margin = Limit.read(clock.margin_text) if clock.margin_text else None
    clock.due_at, clock.calendar = found.due_at, found.calendar
    clock.yellow_at = lights.yellow_from(found.due_at, margin, calendar)
    return found


def why(clock: Counted, calendar: Calendar) -> Deadline:
    """The count that gave its deadline, on the calendar of then. Raises CalendarYearMissing."""
    limit, then = Limit.read(clock.limit_text), calendar_of_then(clock.calendar, calendar)
    return deadline(clock.started_at, limit, then, _over(clock.pauses), clock.extension)


def calendar_of_then(versions: str, calendar: Calendar) -> Calendar:
    return calendar if versions == WALL_CLOCK else calendar.as_of(versions)


def pause(clock: Counted, reason: str, now: datetime) -> None:
    clock.pauses = [*clock.pauses, {"reason": reason, "since": now.isoformat()}]
    clock.paused_at = clock.paused_at or now


def resume(clock: Counted, reason: str, now: datetime) -> None:
    """The pause for this reason is over; the clock runs again unless another lasts."""
    clock.pauses = [
        {**one, "until": now.isoformat()} if one["reason"] == reason and "until" not in one else one
        for one in clock.pauses
    ]
    if not reasons_lasting(clock):
        clock.paused_at = None


def reasons_lasting(clock: Counted) -> list[str]:
    return [one["reason"] for one in clock.pauses if "until" not in one]


def turned(clock: Counted, now: datetime) -> list[tuple[str, datetime]]:
    """The colours it has shown by now and that are not on record, each with the moment it turned."""
    if clock.stopped_at or clock.paused_at:
        return []
    return [(colour, max(after, clock.started_at)) for colour, after in _ahead(clock) if now > after]


def turns_at(clock: Counted) -> datetime | None:
    """When the next light has to be put on record."""
    ahead = [] if clock.stopped_at or clock.paused_at else _ahead(clock)
    return ahead[0][1] if ahead else None


def _ahead(clock: Counted) -> list[tuple[str, datetime]]:
    on_record = lights.COLOURS.index(clock.light)
    turnings = lights.turnings(clock.clock, clock.due_at, clock.yellow_at)
    return [one for one in turnings if lights.COLOURS.index(one[0]) > on_record]


def _over(pauses: Iterable[dict[str, str]]) -> list[Pause]:
    return [
        Pause(datetime.fromisoformat(one["since"]), datetime.fromisoformat(one["until"]), one["reason"])
        for one in pauses
        if "until" in one
    ]
