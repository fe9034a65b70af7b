"""The light of a clock: green, yellow or red, from the clock and its events alone (H01). Pure."""

from datetime import datetime, timedelta
from typing import Protocol

from hotline.service_hours import ONE_DAY, Calendar
from hotline.tickets.sla import LENGTH, WALL, Limit

COLOURS = ("green", "yellow", "red")
# An unclaimed order warns its unit (E02); a right that lapses warns nobody. All other clocks end in red.
WORST = {"claim": "yellow", "return_window": "green"}


class Dial(Protocol):
    """What a light is read from: a row of ticket_clock, or a clock that was recounted from its facts."""

    @property
    def clock(self) -> str: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def yellow_at(self) -> datetime | None: ...
    @property
    def paused_at(self) -> datetime | None: ...
    @property
    def stopped_at(self) -> datetime | None: ...


def yellow_from(due_at: datetime, margin: Limit | None, calendar: Calendar) -> datetime | None:
    """So long before it is due a light turns yellow; working days back keep the hour of the day."""
    if margin is None:
        return None
    if margin.unit in WALL:
        return due_at - margin.amount * LENGTH[margin.unit]
    last = day = calendar.day_of(due_at - timedelta(microseconds=1))
    for _ in range(margin.amount):
        day -= ONE_DAY
        while not calendar.is_working_day(day):
            day -= ONE_DAY
    return due_at.astimezone(calendar.zone) - (last - day)


def turnings(clock: str, due_at: datetime, yellow_at: datetime | None) -> tuple[tuple[str, datetime], ...]:
    """The colours a running clock will show, each after the moment beside it: on the second it is due it is
    still in time."""
    worst = WORST.get(clock, "red")
    if worst != "red":
        return ((worst, due_at),)
    return ((("yellow", yellow_at),) if yellow_at else ()) + (("red", due_at),)


def light(dial: Dial, now: datetime) -> str:
    """green, yellow or red, from clock and events alone; a clock that is paused keeps what it showed."""
    turned = turnings(dial.clock, dial.due_at, dial.yellow_at)
    moment = dial.stopped_at or dial.paused_at or now
    if dial.stopped_at:
        turned = turned[-1:]
    return next((colour for colour, after in reversed(turned) if moment > after), "green")
