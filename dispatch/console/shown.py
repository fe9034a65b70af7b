"""What the pages of a ticket and of a work order show beside the matter: the dispute about it, and what was
asked for and decided meanwhile."""

from typing import Any

from sqlalchemy.orm import Session

from dispatch import returns
from dispatch.models import WorkOrder
from hotline import clock
from hotline.organisations import queries as organisations
from hotline.permissions import Permission, allows
from hotline.tickets.models import Ticket
from hotline.web.access import current_staff


def on_order(session: Session, order: WorkOrder) -> dict[str, Any]:
    may_return = returns.may_return(session, order, clock.now())
    return {
        "may_return": may_return,
        "window": returns.window(order.ticket),
        "roles": organisations.role_names(session) if may_return else [],
    }


def on_ticket(session: Session, ticket: Ticket) -> dict[str, Any]:
    return {
        "dispute": returns.open_dispute(session, ticket.id),
        "may_adjudicate": allows(current_staff().role, Permission.ADJUDICATE),
    }
