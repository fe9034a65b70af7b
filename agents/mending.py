"""What the desk sent back to an agent: mended, and registered again."""

from datetime import datetime

from sqlalchemy.orm import Session

from hotline.learning import decisions
from hotline.learning.models import Source
from hotline.tickets import mending
from hotline.tickets.mending import Mended
from hotline.tickets.models import Ticket


def register_again(
    session: Session, ticket: Ticket, mended: Mended, *, reason: str, staff_id: int, now: datetime
) -> None:
    """Another item than before is a correction the classifier learns from. Raises InvalidInput, UnknownItem,
    NotFound, TransitionRefused."""
    actor = f"staff:{staff_id}"
    if mending.register_again(session, ticket, mended, reason=reason, actor=actor, now=now):
        decisions.remember(session, ticket, Source.CORRECTION, staff_id=staff_id, actor=actor, now=now)
