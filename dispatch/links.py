"""What a work order's link still opens (the signature itself: hotline.organisations.links)."""

from sqlalchemy.orm import Session

from dispatch.models import WorkOrder
from dispatch.states import LIVE, Part, WorkOrderState
from hotline.organisations.links import LinkEnded, order_of
from hotline.tickets import grievances
from hotline.tickets.states import TicketState

__all__ = ["LinkEnded", "is_open", "opened", "order_of"]


def opened(session: Session, token: str) -> WorkOrder:
    """Raises LinkEnded: also once the order is over, as nobody can take a text back."""
    order = session.get(WorkOrder, order_of(token))
    if order is None or not is_open(session, order):
        raise LinkEnded("this work order is over")
    return order


def is_open(session: Session, order: WorkOrder) -> bool:
    """While somebody has to act, until the hotline has reviewed the answer, and while the job is contested.
    A confidential ticket is read by people with a name only (Z35), and an assisting part is done in the
    in-tray."""
    if order.ticket.confidential or order.part == Part.ASSIST:
        return False
    waits_for_review = order.state == WorkOrderState.ANSWERED and order.ticket.state == TicketState.ANSWERED
    contested = grievances.of_order(session, order.id)
    return order.state in LIVE or waits_for_review or (contested is not None and contested.stage == "raised")
