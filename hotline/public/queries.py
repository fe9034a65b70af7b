"""What a citizen may see of a ticket: stages, times and the answer; never notes, staff or other people."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.errors import HotlineError
from hotline.event_log import Event, record
from hotline.events import TicketLookUpRefused, TicketStateChanged
from hotline.tickets.models import Ticket
from hotline.tickets.states import PUBLIC_STATE, TicketState

TRIES_PER_HOUR = 10


class TooManyTries(HotlineError):
    """Query codes are short, so guessing one ticket's code is stopped (R02)."""

    code = "too_many_tries"


@dataclass(frozen=True)
class Stage:
    at: datetime
    state: str


def ticket_by_code(session: Session, number: str, code: str, now: datetime) -> Ticket | None:
    """None when number and code do not belong together, which is noted. Raises TooManyTries.

    The ticket is locked, so that tries made at once are counted one after another.
    """
    wanted = select(Ticket).where(Ticket.number == as_typed(number).upper())
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
    if ticket.query_code == as_typed(code):
        return ticket
    record(session, TicketLookUpRefused(ticket_id=ticket.id), actor="caller:anonymous", at=now)
    return None


def as_typed(text: str) -> str:
    """Without spaces, and with the plain digits that a Chinese keyboard may have made wide."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def stages(session: Session, ticket: Ticket) -> list[Stage]:
    """Each change a citizen can tell apart, oldest first."""
    changes = select(Event.at, Event.data).where(
        Event.ticket_id == ticket.id, Event.kind == TicketStateChanged.kind
    )
    found = [Stage(ticket.accepted_at, PUBLIC_STATE[TicketState.REGISTERED])]
    for change in session.execute(changes.order_by(Event.id)):
        state = PUBLIC_STATE[TicketState(change.data["new"])]
        if state != found[-1].state:
            found.append(Stage(change.at, state))
    return found
