"""How partners' systems hear of facts."""

from sqlalchemy.orm import Session

from dispatch.partners import hooks
from hotline.event_log import Event


def on_work_order(session: Session, event: Event) -> None:
    hooks.queue(session, event)
