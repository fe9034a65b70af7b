"""The organisation at work asks the citizen for what is missing (C04)."""

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch import work_order
from dispatch.states import WorkOrderState
from hotline.errors import TransitionRefused
from hotline.tickets import supplements
from hotline.tickets.models import Supplement


def ask(
    session: Session, order_id: int, *, code: str, question: str, actor: str, now: datetime
) -> Supplement:
    """Only the lead asks, and only a citizen who can be reached. Raises NobodyToAsk, InvalidInput,
    TransitionRefused."""
    order = work_order.locked_lead(session, order_id)
    if order.state != WorkOrderState.ACCEPTED:
        raise TransitionRefused("work order", order.state, "waiting for the citizen")
    return supplements.ask(session, order.ticket, code=code, question=question, actor=actor, now=now)
