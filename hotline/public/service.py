"""A citizen asks for a ticket with its number and query code."""

import unicodedata
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.errors import HotlineError
from hotline.event_log import Event, record
from hotline.events import TicketLookUpRefused
from hotline.tickets.models import Ticket

TRIES_PER_HOUR = 10


class TooManyTries(HotlineError):
    """Query codes are short, so guessing one ticket's code is stopped (R02)."""

    code = "too_many_tries"


def look_up(session: Session, number: str, code: str, now: datetime) -> Ticket | None:
    """None when number and code do not belong together, which is noted. Raises TooManyTries.

    The ticket is locked, so that tries made at once are counted one after another.
    """
    wanted = select(Ticket).where(Ticket.number == _as_typed(number).upper())
    ticket = session.scalar(wanted.with_for_update(key_share=True))
    if ticket is None:
        return None
    refused = select(func.count()).where(
        Event.kind == TicketLookUpRefused.kind,
        Event.ticket_id == ticket.id,
        Event.at > now - timedelta(hours=1),
    )
    if session.scalars(refused).one() >= TRIES_PER_HOUR:
        raise TooManyTries("too many wrong codes for this ticket; try again in an hour or ring the hotline")
    if ticket.query_code == _as_typed(code):
        return ticket
    record(session, TicketLookUpRefused(ticket_id=ticket.id), actor="caller:anonymous", at=now)
    return None


def _as_typed(text: str) -> str:
    """Without spaces, and with the plain digits that a Chinese keyboard may have made wide."""
    return "".join(unicodedata.normalize("NFKC", text).split())
