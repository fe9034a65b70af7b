"""What people look at: the texts of a ticket, and how many stand where."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sms.models import SmsMessage
from sms.states import SmsState


def of_ticket(session: Session, ticket_id: int) -> Sequence[SmsMessage]:
    """Newest first. Show `hotline.phone_numbers.mask(recipient)`, never the recipient itself."""
    texts = select(SmsMessage).where(SmsMessage.ticket_id == ticket_id)
    return session.scalars(texts.order_by(SmsMessage.id.desc())).all()


def unsettled(session: Session) -> dict[str, int]:
    """Messages on the way or of unknown fate, by state."""
    open_states = (SmsState.QUEUED, SmsState.SENDING, SmsState.UNKNOWN)
    count = select(SmsMessage.state, func.count()).where(SmsMessage.state.in_(open_states))
    return {row[0]: row[1] for row in session.execute(count.group_by(SmsMessage.state))}
