"""What acts do to the clocks of one ticket. Pure: rows and an act go in, rows and facts come out.

`clocks` brings the rows from the database and keeps what became of them; a hundred thousand random lives are
lived here without one (tests/tickets/lives.py).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from hotline.errors import InvalidInput
from hotline.events import (
    ClockExtended,
    ClockLimitChanged,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockStopped,
    Fact,
    LightTurned,
)
from hotline.service_hours import Calendar
from hotline.tickets import counted
from hotline.tickets.acts import ACTS, Clock
from hotline.tickets.counted import Counted
from hotline.tickets.profiles import ByLaw, Profile, limits_of_law
from hotline.tickets.sla import Limit, Unit

OF_THE_ITEM = (Clock.EMERGENCY_DISPATCH, Clock.ACCEPTANCE, Clock.STATUTORY)


class Row(Counted, Protocol):
    """A row of ticket_clock."""

    ticket_id: int
    round: int
    met: bool | None
    turns_at: datetime | None


class Item(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def emergency_minutes(self) -> int | None: ...
    @property
    def statutory_limit(self) -> str | None: ...


class Matter(Protocol):
    """What the clocks of a ticket hang on."""

    @property
    def id(self) -> int: ...
    @property
    def channel(self) -> str: ...
    @property
    def tier(self) -> str: ...
    @property
    def item(self) -> Item: ...
    @property
    def organisation_id(self) -> int | None: ...


@dataclass
class Clockwork:
    """The clocks of one ticket, the first one first; `make` makes a row. `facts` tell what was done at `now`.
    Each act first puts on record the lights that turned before it."""

    matter: Matter
    rows: list[Row]
    make: Callable[..., Row]
    profile: Profile
    calendar: Calendar
    now: datetime
    facts: list[Fact] = field(default_factory=list)

    def act(self, name: str) -> None:
        """As the table of acts has it. Raises CalendarYearMissing."""
        rule = ACTS.get(name)
        if rule is None:
            return
        for row in self.rows:
            if row.clock in rule.stops:
                self.stop(row, counts=rule.counts)
        if rule.pauses:
            self.pause(rule.pauses)
        for reason in rule.resumes:
            self.resume(self.rows, reason)
        self._start(rule.starts, name)

    def stop(self, row: Row, *, counts: bool = True) -> None:
        """A pause ends with its clock; one already stopped keeps its first result."""
        if row.stopped_at is not None:
            return
        for reason in counted.reasons_lasting(row):
            self.resume([row], reason)
        self._turn(row)
        row.stopped_at, row.turns_at = self.now, None
        row.met = self.now <= row.due_at if counts else None
        self.facts.append(ClockStopped(**_names(row), met=row.met))

    def pause(self, reason: str) -> None:
        """Those the profile lists for this reason stand still. Raises InvalidInput for any other reason."""
        listed = self.profile.pauses
        if reason not in listed:
            raise InvalidInput("reason", f"one of {', '.join(sorted(listed))}")
        for row in self.rows:
            stands = row.stopped_at is not None or reason in counted.reasons_lasting(row)
            if row.clock in listed[reason] and not stands:
                self._turn(row)
                counted.pause(row, reason, self.now)
                row.turns_at = None
                self.facts.append(ClockPaused(**_names(row), reason=reason))

    def resume(self, rows: Iterable[Row], reason: str) -> None:
        """They run again, unless another pause lasts. Raises CalendarYearMissing."""
        for row in rows:
            if row.stopped_at is None and reason in counted.reasons_lasting(row):
                counted.resume(row, reason, self.now)
                self._count(row)
                due_at = row.due_at.isoformat()
                fact = ClockResumed(**_names(row), reason=reason, due_at=due_at, calendar=row.calendar)
                self.facts.append(fact)

    def extend(self, clock: str, amount: int, reason: str) -> datetime:
        """So much more, in the unit of its limit; answers when it is due now. Raises InvalidInput beyond what
        the profile or the law allows in all."""
        row = self.newest(clock)
        most = extension_left(self.matter, row, self.profile)
        if not 0 < amount <= most:
            raise InvalidInput("days", f"at most {most} more may be granted")
        self._turn(row)
        old_due_at, row.extension = row.due_at, row.extension + amount
        self._count(row)
        fact = ClockExtended(
            **_names(row),
            amount=amount,
            reason=reason,
            old_due_at=old_due_at.isoformat(),
            due_at=row.due_at.isoformat(),
            calendar=row.calendar,
        )
        self.facts.append(fact)
        return row.due_at

    def limit_anew(self) -> None:
        """The ticket has another item: the limits of its tier from where the clocks began (G01), and the
        item's own clocks."""
        for row in self.rows:
            limit = self._limit(row.clock)
            if limit is None and row.clock in OF_THE_ITEM:
                self.stop(row)
            elif limit and row.stopped_at is None and str(limit) != row.limit_text:
                self._change_limit(row, limit)
        self._start(OF_THE_ITEM, "open")

    def newest(self, clock: str) -> Row:
        return [row for row in self.rows if row.clock == clock][-1]

    # --- one clock -----------------------------------------------------------------------------------------

    def _start(self, clocks: Iterable[str], act: str) -> None:
        """Those that have a limit and do not run."""
        running = {row.clock for row in self.rows if row.stopped_at is None}
        for clock in clocks:
            limit = self._limit(clock, act)
            if limit and clock not in running:
                row = self._started(clock, limit)
                self.rows.append(row)
                self.facts.append(_told(row))

    def _started(self, clock: str, limit: Limit) -> Row:
        row = self.make(
            ticket_id=self.matter.id,
            clock=clock,
            round=sum(row.clock == clock for row in self.rows) + 1,
            started_at=self.now,
            limit_text=str(limit),
            margin_text=self._margin(clock),
            extension=0,
            pauses=[],
            light="green",
        )
        self._count(row)
        return row

    def _change_limit(self, row: Row, limit: Limit) -> None:
        self._turn(row)
        row.limit_text, row.margin_text = str(limit), self._margin(row.clock)
        self._count(row)
        fact = ClockLimitChanged(
            **_names(row),
            limit=row.limit_text,
            margin=row.margin_text,
            due_at=row.due_at.isoformat(),
            calendar=row.calendar,
        )
        self.facts.append(fact)

    def _turn(self, row: Row) -> None:
        self.facts += turn(row, self.matter.organisation_id, self.now)

    def _count(self, row: Row) -> None:
        counted.count_anew(row, self.calendar)
        row.turns_at = counted.turns_at(row)

    # --- limits --------------------------------------------------------------------------------------------

    def _limit(self, clock: str, act: str | None = None) -> Limit | None:
        """None: this ticket has no such clock, or the law starts it with another act."""
        minutes = self.matter.item.emergency_minutes
        if clock == Clock.EMERGENCY_DISPATCH:
            return Limit(minutes, Unit.MINUTES) if minutes else None
        if clock == Clock.EMERGENCY_SITE and not minutes:
            return None
        if clock in (Clock.ACCEPTANCE, Clock.STATUTORY):
            law = _by_law(self.matter, clock)
            return law.limit if law and act in (None, law.starts) else None
        return self.profile.limit(clock, *_is(self.matter, self.profile))

    def _margin(self, clock: str) -> str:
        return str(self.profile.margin(clock, *_is(self.matter, self.profile)) or "")


def turn(row: Row, organisation_id: int | None, now: datetime) -> list[Fact]:
    """The lights it turned by now and that are not on record."""
    facts: list[Fact] = []
    for colour, since in counted.turned(row, now):
        row.light = colour
        fact = LightTurned(
            **_names(row),
            light=colour,
            since=since.isoformat(),
            due_at=row.due_at.isoformat(),
            organisation_id=organisation_id,
        )
        facts.append(fact)
    row.turns_at = counted.turns_at(row)
    return facts


def extension_left(matter: Matter, row: Row, profile: Profile) -> int:
    """The most that may still be granted, in the unit of its limit."""
    law = _by_law(matter, row.clock)
    most = law.extension if law else profile.most_extension(row.clock, *_is(matter, profile))
    return most - row.extension


def _is(matter: Matter, profile: Profile) -> tuple[str, ...]:
    return profile.names(matter.item.code, matter.channel, matter.tier)


def _told(row: Row) -> ClockStarted:
    return ClockStarted(
        **_names(row),
        due_at=row.due_at.isoformat(),
        limit=row.limit_text,
        started_at=row.started_at.isoformat(),
        margin=row.margin_text,
        calendar=row.calendar,
    )


def _by_law(matter: Matter, clock: str) -> ByLaw | None:
    laws = limits_of_law().get(matter.item.statutory_limit or "", ())
    return next((law for law in laws if law.clock == clock), None)


def _names(row: Row) -> dict[str, Any]:
    return {"ticket_id": row.ticket_id, "clock": row.clock, "round": row.round}
