"""The clocks of a ticket: rows, and a fact for whatever becomes of them.

Whoever acts on a ticket says `on_act(session, ticket, "claim", actor=..., now=...)`; the table in `acts`
knows which clocks that starts, stops, pauses or resumes, the site's profile how long they run. Beside it:
`stop` one clock; `pause` and `resume` for a reason no act has (force majeure); `extend` by what was granted;
`limit_anew` when the ticket has another item. What then happens is counted in `clockwork`.

Acts on one clock wait for each other.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.config import settings
from hotline.event_log import record, record_all
from hotline.events import ClockStarted, LightTurned
from hotline.service_hours import Calendar, shipped_calendar
from hotline.tickets import clockwork, counted
from hotline.tickets.acts import ACTS, Clock
from hotline.tickets.clockwork import Clockwork
from hotline.tickets.models import Ticket, TicketClock
from hotline.tickets.profiles import Profile, shipped_profile
from hotline.tickets.sla import Deadline

SYSTEM = "system:clocks"
BY_ITSELF = (ClockStarted, LightTurned)  # the machine's own, whoever acted


def profile() -> Profile:
    tiers = settings().tiers
    return shipped_profile(tiers.profile, tuple(sorted(tiers.overrides.items())))


def calendar() -> Calendar:
    return shipped_calendar(settings().site.time_zone)


def on_act(session: Session, ticket: Ticket, act: str, *, actor: str, now: datetime) -> None:
    """Raises CalendarYearMissing."""
    if act not in ACTS:
        return
    with _at_hand(session, ticket, actor, now, new=act == "open") as clocks:
        clocks.act(act)


def stop(session: Session, ticket: Ticket, clock: str, actor: str, now: datetime) -> bool:
    """True when it stopped in time; a clock already stopped keeps its first result."""
    with _at_hand(session, ticket, actor, now) as clocks:
        row = clocks.newest(clock)
        clocks.stop(row)
    return bool(row.met)


def pause(session: Session, ticket: Ticket, reason: str, *, actor: str, now: datetime) -> None:
    """The clocks the profile lists for this reason stand still. Raises InvalidInput for any other reason."""
    with _at_hand(session, ticket, actor, now) as clocks:
        clocks.pause(reason)


def resume(session: Session, ticket: Ticket, reason: str, *, actor: str, now: datetime) -> None:
    """They run again, unless another pause lasts. Raises CalendarYearMissing."""
    with _at_hand(session, ticket, actor, now) as clocks:
        clocks.resume(clocks.rows, reason)


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
    with _at_hand(session, ticket, actor, now) as clocks:
        return clocks.extend(clock, amount, reason)


def extension_left(ticket: Ticket, row: TicketClock) -> int:
    """The most that may still be granted, in the unit of its limit."""
    return clockwork.extension_left(ticket, row, profile())


def limit_anew(session: Session, ticket: Ticket, *, actor: str, now: datetime) -> datetime:
    """The ticket has another item: the limits of its tier from where the clocks began (G01), and the item's
    own clocks. Answers when the ticket is due now."""
    with _at_hand(session, ticket, actor, now) as clocks:
        clocks.limit_anew()
        return clocks.newest(Clock.CLOSING).due_at


def runs(session: Session, ticket: Ticket, clock: str, now: datetime) -> bool:
    """Is it started, not stopped and not over? So one asks whether a return comes within its window (D07)."""
    asked = select(TicketClock).where(TicketClock.ticket_id == ticket.id, TicketClock.clock == clock)
    row = session.scalar(asked.where(TicketClock.stopped_at.is_(None)))
    return row is not None and (row.paused_at is not None or now <= row.due_at)


def stands_still(ticket: Ticket, reason: str) -> bool:
    """Is a clock of it paused for this reason?"""
    return any(row.stopped_at is None and reason in counted.reasons_lasting(row) for row in ticket.clocks)


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
        record_all(session, clockwork.turn(row, organisation_id, now), actor=SYSTEM, at=now)
    return len(found)


@contextmanager
def _at_hand(
    session: Session, ticket: Ticket, actor: str, now: datetime, *, new: bool = False
) -> Iterator[Clockwork]:
    """The ticket's clocks; what becomes of them is kept and goes on record. A `new` ticket has none yet."""
    rows = [] if new else _locked(session, ticket)
    clocks = Clockwork(ticket, [*rows], TicketClock, profile(), calendar(), now)
    yield clocks
    if started := clocks.rows[len(rows) :]:
        session.add_all(started)
        session.expire(ticket, ["clocks"])
    for fact in clocks.facts:
        record(session, fact, actor=SYSTEM if isinstance(fact, BY_ITSELF) else actor, at=now)


def _locked(session: Session, ticket: Ticket) -> Sequence[TicketClock]:
    """Its clocks in the order they began, as they are now; who else acts on them waits."""
    wanted = select(TicketClock).where(TicketClock.ticket_id == ticket.id).order_by(TicketClock.id)
    return session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).all()
