"""Two of the six powers act on the ticket itself: taking it from its unit, and sending whom it takes in an
emergency (H07). The rest is in `papers`, `counting` and `matters`."""

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch import service
from dispatch.models import WorkOrder
from hotline.errors import InvalidInput, NotAllowed
from hotline.permissions import Permission, allows
from hotline.staff.models import Staff
from hotline.tickets.models import Ticket
from hotline.tickets.states import ON_THE_DESK


def take_back(session: Session, ticket: Ticket, *, reason: str, staff: Staff, now: datetime) -> WorkOrder:
    """From the unit to the desk, which sends it to another (E02). Raises NotAllowed, TransitionRefused."""
    _check(staff, Permission.ASSIGN)
    return service.withdraw(session, ticket, reason=reason, actor=f"staff:{staff.id}", now=now)


def send_at_once(
    session: Session, ticket: Ticket, organisation_id: int, *, reason: str, staff: Staff, now: datetime
) -> WorkOrder | None:
    """An emergency goes to this unit now, whoever has it. Raises InvalidInput for what is no emergency, and
    what dispatch refuses."""
    _check(staff, Permission.MOBILISE)
    if not ticket.item.emergency_minutes:
        raise InvalidInput("ticket", "this item is no emergency: take it back, and the desk sends it on")
    actor = f"staff:{staff.id}"
    if ticket.state not in ON_THE_DESK:
        service.withdraw(session, ticket, reason=reason, actor=actor, now=now)
    return service.dispatch(session, ticket, actor=actor, now=now, organisation_id=organisation_id)


def _check(staff: Staff, power: Permission) -> None:
    if not allows(staff.role, power):
        raise NotAllowed(f"it takes the power to {power}")
