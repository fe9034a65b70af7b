"""The clocks and lights of a ticket told again from its facts alone (H01). Pure: the rows of ticket_clock
are not asked, so both can be held against each other."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hotline.service_hours import Calendar
from hotline.tickets import counted

Told = tuple[str, datetime, dict[str, Any]]  # kind, at, data: a row of the log of facts


@dataclass
class Recounted:
    """As a row of ticket_clock; `lights` are the colours it turned, each with the moment after which."""

    clock: str
    round: int
    started_at: datetime
    limit_text: str
    margin_text: str
    due_at: datetime
    calendar: str
    extension: int = 0
    pauses: counted.Pauses = field(default_factory=list)
    paused_at: datetime | None = None
    stopped_at: datetime | None = None
    met: bool | None = None
    yellow_at: datetime | None = None
    light: str = "green"
    lights: list[tuple[str, datetime]] = field(default_factory=list)


def recount(facts: Iterable[Told], calendar: Calendar, now: datetime) -> list[Recounted]:
    """In the order the clocks began. Raises CalendarYearMissing where a calendar of then was not kept."""
    clocks: dict[tuple[str, int], Recounted] = {}
    for kind, at, said in facts:
        if kind == "clock_started":
            clock = _started(said)
            clocks[clock.clock, clock.round] = clock
        elif kind in CHANGES:
            clock = clocks[said["clock"], said["round"]]
            _turn(clock, at)
            CHANGES[kind](clock, at, said)
        else:
            continue
        if "calendar" in said:
            counted.count_anew(clock, counted.calendar_of_then(said["calendar"], calendar))
    for clock in clocks.values():
        _turn(clock, now)
    return list(clocks.values())


def _started(said: dict[str, Any]) -> Recounted:
    return Recounted(
        clock=said["clock"],
        round=said["round"],
        started_at=datetime.fromisoformat(said["started_at"]),
        limit_text=said["limit"],
        margin_text=said["margin"],
        due_at=datetime.fromisoformat(said["due_at"]),
        calendar=said["calendar"],
    )


def _turn(clock: Recounted, at: datetime) -> None:
    for colour, since in counted.turned(clock, at):
        clock.light = colour
        clock.lights.append((colour, since))


def _stopped(clock: Recounted, at: datetime, said: dict[str, Any]) -> None:
    """What owed no answer any more was neither met nor late."""
    clock.stopped_at, clock.met = at, None if said["met"] is None else at <= clock.due_at


def _paused(clock: Recounted, at: datetime, said: dict[str, Any]) -> None:
    counted.pause(clock, said["reason"], at)


def _resumed(clock: Recounted, at: datetime, said: dict[str, Any]) -> None:
    counted.resume(clock, said["reason"], at)


def _extended(clock: Recounted, _at: datetime, said: dict[str, Any]) -> None:
    clock.extension += said["amount"]


def _limited_anew(clock: Recounted, _at: datetime, said: dict[str, Any]) -> None:
    clock.limit_text, clock.margin_text = said["limit"], said["margin"]


CHANGES: dict[str, Callable[[Recounted, datetime, dict[str, Any]], None]] = {
    "clock_stopped": _stopped,
    "clock_paused": _paused,
    "clock_resumed": _resumed,
    "clock_extended": _extended,
    "clock_limit_changed": _limited_anew,
}
