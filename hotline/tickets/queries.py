"""What everybody looks up of tickets: one by its number with what its page shows, its history, a caller's."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from hotline.errors import NotFound
from hotline.event_log import Event
from hotline.organisations.models import Area, Organisation
from hotline.staff.models import Staff
from hotline.tickets.lights import COLOURS, WORST
from hotline.tickets.models import Ticket, TicketClock

LISTED = (joinedload(Ticket.item), joinedload(Ticket.organisation))  # what a line in a list shows
EARLIER_SHOWN = 5


def find(session: Session, number: str) -> Ticket | None:
    """The ticket with the number somebody wrote, and what its page shows."""
    wanted = select(Ticket).where(Ticket.number == number.replace("\0", "").strip())
    place = joinedload(Ticket.area).joinedload(Area.parent)
    together = (*LISTED, place, joinedload(Ticket.caller), selectinload(Ticket.clocks))
    return session.scalar(wanted.options(*together))


def by_number(session: Session, number: str) -> Ticket:
    """As `find`. Raises NotFound."""
    ticket = find(session, number)
    if ticket is None:
        raise NotFound(f"no ticket {number}")
    return ticket


def locked(session: Session, number: str) -> Ticket:
    """As it is now; whoever else acts on it waits. Raises NotFound."""
    ticket = session.scalar(select(Ticket).where(Ticket.number == number).with_for_update())
    if ticket is None:
        raise NotFound(f"no ticket {number}")
    return ticket


def by_id(session: Session, ids: Collection[int]) -> dict[int, Ticket]:
    found = session.scalars(select(Ticket).where(Ticket.id.in_(ids)).options(*LISTED))
    return {ticket.id: ticket for ticket in found}


def of_call(session: Session, call_id: int) -> Sequence[Ticket]:
    """C02: one call yields none, one or many."""
    found = select(Ticket).where(Ticket.call_id == call_id).options(joinedload(Ticket.item))
    return session.scalars(found.order_by(Ticket.id)).all()


def earlier(session: Session, caller_id: int | None, without: Collection[int] = ()) -> Sequence[Ticket]:
    """A caller's last few, the newest first."""
    if caller_id is None:
        return ()
    theirs = select(Ticket).where(Ticket.caller_id == caller_id, Ticket.id.not_in(without)).options(*LISTED)
    return session.scalars(theirs.order_by(Ticket.accepted_at.desc()).limit(EARLIER_SHOWN)).all()


def history(session: Session, ticket_id: int) -> Sequence[Event]:
    """Every fact about a ticket, the first one first."""
    return session.scalars(select(Event).where(Event.ticket_id == ticket_id).order_by(Event.id)).all()


def actors(session: Session, events: Iterable[Event]) -> dict[str, str]:
    """'staff:7' -> name, 'organisation:12' -> name; citizens and machines keep no name here."""
    named: dict[str, str] = {}
    models: tuple[tuple[str, type[Staff] | type[Organisation]], ...] = (
        ("staff", Staff),
        ("organisation", Organisation),
    )
    for noun, model in models:
        ids = {int(e.actor.split(":")[1]) for e in events if e.actor.startswith(f"{noun}:")}
        for row_id, name in session.execute(select(model.id, model.name).where(model.id.in_(ids))):
            named[f"{noun}:{row_id}"] = name
    return named


def closing_clock(ticket: Ticket) -> TicketClock | None:
    """The deadline in force."""
    return max((c for c in ticket.clocks if c.clock == "closing"), key=lambda c: c.round, default=None)


def light_rank(now: datetime) -> ColumnElement[int]:
    """`lights.light` of a clock that runs, as an index into COLOURS. `TicketClock.light` is what is on
    record: a deadline that was moved does not change that."""
    moment = func.coalesce(TicketClock.paused_at, now)
    worst = {clock: COLOURS.index(colour) for clock, colour in WORST.items()}
    return case(
        (moment > TicketClock.due_at, case(worst, value=TicketClock.clock, else_=COLOURS.index("red"))),
        (and_(moment > TicketClock.yellow_at, TicketClock.clock.not_in(WORST)), COLOURS.index("yellow")),
        else_=COLOURS.index("green"),
    )
