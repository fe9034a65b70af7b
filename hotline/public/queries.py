"""What a citizen may see of a ticket: stages, times and the answer; never notes, staff or other people."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.event_log import Event
from hotline.events import TicketStateChanged
from hotline.tickets.models import Ticket
from hotline.tickets.states import PUBLIC_STATE, TicketState


@dataclass(frozen=True)
class Stage:
    at: datetime
    state: str


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
