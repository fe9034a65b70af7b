"""How surveys react to facts raised elsewhere."""

from sqlalchemy.orm import Session

from hotline.event_log import Event
from hotline.surveys import service
from hotline.tickets import service as tickets


def on_ticket_closed(session: Session, event: Event) -> None:
    """Every closure asks its own two questions (lessons 16)."""
    ticket = tickets.get(session, event.ticket_id or 0)
    if ticket.closures == event.data["closure"]:
        service.invite(session, ticket, event.at)
