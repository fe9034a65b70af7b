"""What stands against a move of a ticket until it is cleared: open parts, a sign-off, a notice on its way."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.errors import HotlineError
from hotline.event_log import record
from hotline.events import HoldCleared, HoldPlaced
from hotline.tickets.models import Ticket, TicketHold
from hotline.tickets.states import Hold, Move


class HeldBack(HotlineError):
    """The table allows the move, and something stands against it: `holds` say what."""

    code = "held_back"

    def __init__(self, move: Move, holds: Sequence[str]) -> None:
        super().__init__(f"{move.act} has to wait: {', '.join(holds)}")
        self.holds = tuple(holds)


def place(session: Session, ticket: Ticket, hold: Hold, ref: str = "", *, actor: str, now: datetime) -> None:
    """Nothing happens where the same one stands already."""
    if _open(session, ticket, [hold], ref):
        return
    session.add(TicketHold(ticket_id=ticket.id, hold=hold, ref=ref, placed_at=now))
    record(session, HoldPlaced(ticket_id=ticket.id, hold=hold, ref=ref), actor=actor, at=now)


def clear(
    session: Session, ticket: Ticket, hold: Hold, how: str, ref: str = "", *, actor: str, now: datetime
) -> None:
    """`how` it was dealt with: answered, waived, signed, delivered … Nothing happens where none stands."""
    for row in _open(session, ticket, [hold], ref):
        row.cleared_at, row.cleared_as = now, how
        record(session, HoldCleared(ticket_id=ticket.id, hold=hold, ref=ref, how=how), actor=actor, at=now)


def check(session: Session, ticket: Ticket, move: Move) -> None:
    """Raises HeldBack."""
    if move.stopped_by and (found := _open(session, ticket, sorted(move.stopped_by))):
        raise HeldBack(move, sorted({row.hold for row in found}))


def standing(session: Session, ticket: Ticket) -> Sequence[TicketHold]:
    """What stands against some move now, the oldest first."""
    return _open(session, ticket, list(Hold))


def _open(
    session: Session, ticket: Ticket, holds: Sequence[str], ref: str | None = None
) -> Sequence[TicketHold]:
    found = select(TicketHold).where(
        TicketHold.ticket_id == ticket.id, TicketHold.hold.in_(holds), TicketHold.cleared_at.is_(None)
    )
    if ref is not None:
        found = found.where(TicketHold.ref == ref)
    return session.scalars(found.order_by(TicketHold.id)).all()
