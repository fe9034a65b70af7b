"""How the lawyers' tasks follow their tickets."""

from sqlalchemy.orm import Session

from hotline.event_log import Event
from hotline.legal import service


def on_answer_released(session: Session, event: Event) -> None:
    service.close_with_ticket(session, event.ticket_id or 0, now=event.at)


def on_ticket_withdrawn(session: Session, event: Event) -> None:
    service.close_with_ticket(session, event.ticket_id or 0, now=event.at)
