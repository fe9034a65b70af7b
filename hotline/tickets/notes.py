"""What somebody wrote when they did something with a ticket."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.errors import InvalidInput
from hotline.tickets.models import Ticket, TicketNote

MAX_NOTE = 500


def write(session: Session, ticket: Ticket, act: str, note: str, *, actor: str, now: datetime) -> None:
    """`act` as the table of moves names it. Raises InvalidInput for an empty note or one too long."""
    said = note.replace("\0", "").strip()
    if not said:
        raise InvalidInput("note", "say why")
    if len(said) > MAX_NOTE:
        raise InvalidInput("note", f"at most {MAX_NOTE} characters")
    keep(session, ticket, act, said, actor=actor, now=now)


def keep(session: Session, ticket: Ticket, act: str, note: str, *, actor: str, now: datetime) -> None:
    """As `write`, whatever its length."""
    session.add(TicketNote(ticket_id=ticket.id, act=act, note=note, actor=actor, at=now))


def of(session: Session, ticket_id: int) -> Sequence[TicketNote]:
    """The newest first."""
    wanted = select(TicketNote).where(TicketNote.ticket_id == ticket_id)
    return session.scalars(wanted.order_by(TicketNote.id.desc())).all()


def newest(session: Session, ticket_ids: Collection[int], act: str) -> dict[int, TicketNote]:
    """Of each ticket what was written when this was last done."""
    wanted = select(TicketNote).where(TicketNote.ticket_id.in_(ticket_ids), TicketNote.act == act)
    return {note.ticket_id: note for note in session.scalars(wanted.order_by(TicketNote.id))}
