"""Whose work orders and tickets an organisation may see: its own and, for a centre, those of its territory
(R03); never one that complains of it or of a body it is subordinate to (H10)."""

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from dispatch.models import WorkOrder
from dispatch.states import WorkOrderState
from hotline.config import settings
from hotline.organisations import queries as organisations
from hotline.organisations.models import Area, Organisation
from hotline.tickets.models import Ticket


def not_about(session: Session, organisation_id: int) -> ColumnElement[bool]:
    """The ticket complains neither of this organisation nor of one above it."""
    above = organisations.lineage(session, organisation_id)
    return or_(Ticket.complained_of_id.is_(None), Ticket.complained_of_id.not_in(above))


def own_orders(session: Session, organisation_id: int) -> ColumnElement[bool]:
    """Its work orders but for tickets `not_about` leaves out. Those are few, and found without a look at the
    tickets of all the others."""
    above = organisations.lineage(session, organisation_id)
    about = select(Ticket.id).where(Ticket.complained_of_id.in_(above))
    return (WorkOrder.organisation_id == organisation_id) & WorkOrder.ticket_id.not_in(about)


def may_handle(session: Session, ticket: Ticket, organisation_id: int) -> bool:
    """False for the unit complained of and all below it."""
    return ticket.complained_of_id not in organisations.lineage(session, organisation_id)


def is_centre(organisation: Organisation | None) -> bool:
    """Centres watch over their territory; others see their own work orders only."""
    return organisation is not None and organisation.role_name == settings().dispatch.territory_centre


def of_territory(session: Session, centre: Organisation) -> ColumnElement[bool]:
    """Tickets anywhere in the centre's territory, but for those that complain of it."""
    below = Area.path.startswith(f"{centre.area.path}/")
    inside = exists().where(Area.id == Ticket.area_id, or_(Area.id == centre.area_id, below))
    return inside & not_about(session, centre.id)


def order_of(session: Session, order_id: int, organisation_id: int) -> WorkOrder | None:
    """None for another's order, and for one that is not this organisation's to see."""
    known = WorkOrder.state != WorkOrderState.PROPOSED  # nobody has been asked yet
    mine = select(WorkOrder).where(WorkOrder.id == order_id, own_orders(session, organisation_id))
    return session.scalar(mine.where(known))
