"""How surveys react to facts raised elsewhere."""

from sqlalchemy.orm import Session

from hotline.callbacks.models import CallBack
from hotline.event_log import Event
from hotline.surveys import service
from hotline.tickets import service as tickets


def on_answer_released(session: Session, event: Event) -> None:
    """Every answer asks its own two questions (lessons 16)."""
    ticket = tickets.get(session, event.ticket_id or 0)
    if ticket.closures == event.data["closure"]:
        service.invite(session, ticket, event.at)


def on_call_back_ended(session: Session, event: Event) -> None:
    """Whoever a person reached after the answer was released has been told of it (E01)."""
    if event.ticket_id is None or event.data["outcome"] != "reached":
        return
    task = session.get_one(CallBack, event.data["callback_id"])
    ticket = tickets.get(session, event.ticket_id, lock=True)
    if ticket.released_at and task.requested_at >= ticket.released_at:
        tickets.told(session, ticket, ticket.closures, "by_telephone", actor=event.actor, now=event.at)
