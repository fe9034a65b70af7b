"""The clocks of a ticket: rows, and a fact for whatever becomes of them.

Whoever acts on a ticket says `on_act(session, ticket, "claim", actor=..., now=...)`; the table in `acts`
knows which clocks that starts, stops, pauses or resumes, the site's profile how long they run. Beside it:
`stop` one clock; `pause` and `resume` for a reason no act has (force majeure); `extend` by what was granted;
`limit_anew` when the ticket has another item. A deadline is counted anew from its row each time (`counted`).

Acts on one clock wait for each other, and each first puts on record the lights that turned before it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.config import settings
from hotline.errors import InvalidInput
from hotline.event_log import record, record_all
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
from hotline.service_hours import Calendar, shipped_calendar
from hotline.tickets import counted
from hotline.tickets.acts import ACTS, Clock
from hotline.tickets.models import Ticket, TicketClock
from hotline.tickets.profiles import ByLaw, Profile, limits_of_law, shipped_profile
from hotline.tickets.sla import Deadline, Limit, Unit

SYSTEM = "system:clocks"
OF_THE_ITEM = (Clock.EMERGENCY_DISPATCH, Clock.ACCEPTANCE, Clock.STATUTORY)


@dataclass(frozen=True)
class _Deed:
    session: Session
    ticket: Ticket
    actor: str
    now: datetime


def profile() -> Profile:
    tiers = settings().tiers
    return shipped_profile(tiers.profile, tuple(sorted(tiers.overrides.items())))


def calendar() -> Calendar:
    return shipped_calendar(settings().site.time_zone)


# --- acts --------------------------------------------------------------------------------------------------


def on_act(session: Session, ticket: Ticket, act: str, *, actor: str, now: datetime) -> None:
    """Raises CalendarYearMissing."""
    rule = ACTS.get(act)
    if rule is None:
        return
    deed = _Deed(session, ticket, actor, now)
    rows = [] if act == "open" else _locked(session, ticket)
    for row in rows:
        if row.clock in rule.stops:
            _stop(deed, row, counts=rule.counts)
    if rule.pauses:
        _pause(deed, rows, rule.pauses)
    for reason in rule.resumes:
        _resume(deed, rows, reason)
    _start(deed, rows, rule.starts, act)


def stop(session: Session, ticket: Ticket, clock: str, actor: str, now: datetime) -> bool:
    """True when it stopped in time; a clock already stopped keeps its first result."""
    row = _newest(_locked(session, ticket), clock)
    _stop(_Deed(session, ticket, actor, now), row)
    return bool(row.met)


def pause(session: Session, ticket: Ticket, reason: str, *, actor: str, now: datetime) -> None:
    """The clocks the profile lists for this reason stand still. Raises InvalidInput for any other reason."""
    _pause(_Deed(session, ticket, actor, now), _locked(session, ticket), reason)


def resume(session: Session, ticket: Ticket, reason: str, *, actor: str, now: datetime) -> None:
    """They run again, unless another pause lasts. Raises CalendarYearMissing."""
    _resume(_Deed(session, ticket, actor, now), _locked(session, ticket), reason)


def extend(
    session: Session,
    ticket: Ticket,
    amount: int,
    *,
    reason: str,
    actor: str,
    now: datetime,
    clock: str = Clock.CLOSING,
) -> datetime:
    """So much more, in the unit of the clock's limit; answers when it is due now. Raises InvalidInput beyond
    what the profile or the law allows in all."""
    row = _newest(_locked(session, ticket), clock)
    most = extension_left(ticket, row)
    if not 0 < amount <= most:
        raise InvalidInput("days", f"at most {most} more may be granted")
    _turn(session, ticket.organisation_id, row, now)
    old_due_at, row.extension = row.due_at, row.extension + amount
    _count(row)
    fact = ClockExtended(
        **_names(row),
        amount=amount,
        reason=reason,
        old_due_at=old_due_at.isoformat(),
        due_at=row.due_at.isoformat(),
        calendar=row.calendar,
    )
    record(session, fact, actor=actor, at=now)
    return row.due_at


def extension_left(ticket: Ticket, row: TicketClock) -> int:
    """The most that may still be granted, in the unit of its limit."""
    return _most_extension(ticket, row.clock) - row.extension


def limit_anew(session: Session, ticket: Ticket, *, actor: str, now: datetime) -> datetime:
    """The ticket has another item: the limits of its tier from where the clocks began (G01), and the item's
    own clocks. Answers when the ticket is due now."""
    deed, rows = _Deed(session, ticket, actor, now), _locked(session, ticket)
    for row in rows:
        limit = _limit(ticket, row.clock)
        if limit is None and row.clock in OF_THE_ITEM:
            _stop(deed, row)
        elif limit and row.stopped_at is None and str(limit) != row.limit_text:
            _change_limit(deed, row, limit)
    _start(deed, rows, OF_THE_ITEM, "open")
    return _newest(rows, Clock.CLOSING).due_at


def runs(session: Session, ticket: Ticket, clock: str, now: datetime) -> bool:
    """Is it started, not stopped and not over? So one asks whether a return comes within its window (D07)."""
    asked = select(TicketClock).where(TicketClock.ticket_id == ticket.id, TicketClock.clock == clock)
    row = session.scalar(asked.where(TicketClock.stopped_at.is_(None)))
    return row is not None and (row.paused_at is not None or now <= row.due_at)


def why(row: TicketClock) -> Deadline:
    """The count that gave its deadline. Raises CalendarYearMissing where a calendar replaced was not kept."""
    return counted.why(row, calendar())


def turn_lights(session: Session, now: datetime, most: int) -> int:
    """Put on record the lights that turned, each once; of how many clocks. Two processes share the work."""
    late = (
        select(TicketClock, Ticket.organisation_id)
        .join(Ticket, Ticket.id == TicketClock.ticket_id)
        .where(TicketClock.turns_at < now)
        .order_by(TicketClock.turns_at)
        .limit(most)
        .with_for_update(of=TicketClock, skip_locked=True)
    )
    found = session.execute(late).all()
    for row, organisation_id in found:
        _turn(session, organisation_id, row, now)
    return len(found)


# --- one clock ---------------------------------------------------------------------------------------------


def _start(deed: _Deed, rows: Sequence[TicketClock], clocks: Iterable[str], act: str) -> None:
    """Those that have a limit and do not run."""
    running = {row.clock for row in rows if row.stopped_at is None}
    started = []
    for clock in clocks:
        limit = _limit(deed.ticket, clock, act)
        if limit and clock not in running:
            round_ = sum(row.clock == clock for row in rows) + 1
            started.append(_started(deed.ticket, clock, limit, round_, deed.now))
    if started:
        deed.session.add_all(started)
        deed.session.expire(deed.ticket, ["clocks"])
        record_all(deed.session, [_told(row) for row in started], actor=SYSTEM, at=deed.now)


def _started(ticket: Ticket, clock: str, limit: Limit, round_: int, now: datetime) -> TicketClock:
    margin = profile().margin(clock, ticket.tier)
    row = TicketClock(
        ticket_id=ticket.id,
        clock=clock,
        round=round_,
        started_at=now,
        limit_text=str(limit),
        margin_text=str(margin or ""),
        extension=0,
        pauses=[],
        light="green",
    )
    _count(row)
    return row


def _told(row: TicketClock) -> ClockStarted:
    return ClockStarted(
        **_names(row),
        due_at=row.due_at.isoformat(),
        limit=row.limit_text,
        started_at=row.started_at.isoformat(),
        margin=row.margin_text,
        calendar=row.calendar,
    )


def _stop(deed: _Deed, row: TicketClock, *, counts: bool = True) -> None:
    """A pause ends with its clock."""
    if row.stopped_at is not None:
        return
    for reason in counted.reasons_lasting(row):
        _resume(deed, [row], reason)
    _turn(deed.session, deed.ticket.organisation_id, row, deed.now)
    row.stopped_at, row.turns_at = deed.now, None
    row.met = deed.now <= row.due_at if counts else None
    _record(deed, ClockStopped(**_names(row), met=row.met))


def _pause(deed: _Deed, rows: Iterable[TicketClock], reason: str) -> None:
    listed = profile().pauses
    if reason not in listed:
        raise InvalidInput("reason", f"one of {', '.join(sorted(listed))}")
    for row in rows:
        stands = row.stopped_at is not None or reason in counted.reasons_lasting(row)
        if row.clock in listed[reason] and not stands:
            _turn(deed.session, deed.ticket.organisation_id, row, deed.now)
            counted.pause(row, reason, deed.now)
            row.turns_at = None
            _record(deed, ClockPaused(**_names(row), reason=reason))


def _resume(deed: _Deed, rows: Iterable[TicketClock], reason: str) -> None:
    for row in rows:
        if row.stopped_at is None and reason in counted.reasons_lasting(row):
            counted.resume(row, reason, deed.now)
            _count(row)
            due_at = row.due_at.isoformat()
            _record(deed, ClockResumed(**_names(row), reason=reason, due_at=due_at, calendar=row.calendar))


def _change_limit(deed: _Deed, row: TicketClock, limit: Limit) -> None:
    _turn(deed.session, deed.ticket.organisation_id, row, deed.now)
    row.limit_text = str(limit)
    row.margin_text = str(profile().margin(row.clock, deed.ticket.tier) or "")
    _count(row)
    fact = ClockLimitChanged(
        **_names(row),
        limit=row.limit_text,
        margin=row.margin_text,
        due_at=row.due_at.isoformat(),
        calendar=row.calendar,
    )
    _record(deed, fact)


def _record(deed: _Deed, fact: Fact) -> None:
    record(deed.session, fact, actor=deed.actor, at=deed.now)


def _turn(session: Session, organisation_id: int | None, row: TicketClock, now: datetime) -> None:
    for colour, since in counted.turned(row, now):
        row.light = colour
        fact = LightTurned(
            **_names(row),
            light=colour,
            since=since.isoformat(),
            due_at=row.due_at.isoformat(),
            organisation_id=organisation_id,
        )
        record(session, fact, actor=SYSTEM, at=now)
    row.turns_at = counted.turns_at(row)


def _count(row: TicketClock) -> None:
    counted.count_anew(row, calendar())
    row.turns_at = counted.turns_at(row)


def _locked(session: Session, ticket: Ticket) -> Sequence[TicketClock]:
    """Its clocks in the order they began, as they are now; who else acts on them waits."""
    wanted = select(TicketClock).where(TicketClock.ticket_id == ticket.id).order_by(TicketClock.id)
    return session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).all()


def _newest(rows: Sequence[TicketClock], clock: str) -> TicketClock:
    return [row for row in rows if row.clock == clock][-1]


def _names(row: TicketClock) -> dict[str, Any]:
    return {"ticket_id": row.ticket_id, "clock": row.clock, "round": row.round}


# --- limits ------------------------------------------------------------------------------------------------


def _limit(ticket: Ticket, clock: str, act: str | None = None) -> Limit | None:
    """None: this ticket has no such clock, or the law starts it with another act."""
    minutes = ticket.item.emergency_minutes
    if clock == Clock.EMERGENCY_DISPATCH:
        return Limit(minutes, Unit.MINUTES) if minutes else None
    if clock == Clock.EMERGENCY_SITE and not minutes:
        return None
    if clock in (Clock.ACCEPTANCE, Clock.STATUTORY):
        law = _by_law(ticket, clock)
        return law.limit if law and act in (None, law.starts) else None
    return profile().limit(clock, ticket.tier)


def _by_law(ticket: Ticket, clock: str) -> ByLaw | None:
    laws = limits_of_law().get(ticket.item.statutory_limit or "", ())
    return next((law for law in laws if law.clock == clock), None)


def _most_extension(ticket: Ticket, clock: str) -> int:
    law = _by_law(ticket, clock)
    return law.extension if law else profile().most_extension(clock, ticket.tier)
