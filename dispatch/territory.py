"""Where a ticket belongs is decided before whose matter it is (D03): who reviews a ticket without a
recognisable place, and what the decision does."""

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch import work_order
from dispatch.models import WorkOrder
from dispatch.states import WorkOrderState
from hotline.catalogue.files import UNSORTED
from hotline.config import settings
from hotline.errors import HotlineError, TransitionRefused
from hotline.events import WorkOrderReturned
from hotline.organisations import queries as organisations
from hotline.organisations.models import Area, Organisation
from hotline.places import queries as places
from hotline.places.queries import Found
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.states import ON_THE_DESK, TicketState


class TerritoryUndecided(HotlineError):
    """A body of one county cannot be given a ticket nobody knows the place of."""

    code = "territory_undecided"


def undecided(session: Session, ticket: Ticket) -> bool:
    """No place is known, and bodies of several counties may be in charge, as of a matter nobody has sorted.
    Emergencies do not wait, nor what is the city's own wherever it is (B04)."""
    item = ticket.item
    if ticket.area_id is not None or item.handler == "emergency" or item.level == "city":
        return False
    return item.handler in ("firm", UNSORTED) or organisations.has_local_offices(session, item.department)


def centre_for(session: Session, ticket: Ticket) -> Organisation | None:
    """Whose review it is: the centre of the county the words point to, of the only county there is, else the
    city's. None where the site has no such office: then the hotline decides."""
    guessed = places.resolve(session, f"{ticket.place or ''}，{ticket.text}")
    counties = organisations.areas(session, "county")
    only = counties[0].id if len(counties) == 1 else None
    county_id = guessed[0].chain[1].id if guessed else only
    try:
        found = organisations.handler_for(session, settings().dispatch.territory_centre, county_id)
    except organisations.NoHandler:
        return None
    return found.organisation


def proposals(session: Session, ticket: Ticket, looked_up: str) -> list[Found]:
    """Places a reviewer may choose: those looked up, else those the ticket's own words point to."""
    if looked_up:
        return places.resolve(session, looked_up) or places.search(session, looked_up)
    return places.resolve(session, f"{ticket.place or ''}，{ticket.text}", ticket.area_id)


def whole_counties(session: Session) -> list[Area]:
    """The counties and, first, the city: for what belongs to none of them."""
    return [*organisations.areas(session, "city"), *organisations.areas(session, "county")]


def is_review(order: WorkOrder) -> bool:
    """The order asks where the ticket belongs, not for an answer."""
    centre = order.organisation.role_name == settings().dispatch.territory_centre
    return centre and order.ticket.area_id is None


def check(ticket: Ticket, organisation: Organisation) -> None:
    """Raises TerritoryUndecided for a body of one county, unless it is asked for the territory itself."""
    local = organisation.level != "city" and organisation.role_name != settings().dispatch.territory_centre
    if ticket.area_id is None and local:
        raise TerritoryUndecided("decide the territory first, then the body in charge (D03)")


def decide(session: Session, ticket: Ticket, area_id: int, *, actor: str, now: datetime) -> Area:
    """The hotline says where a ticket that nobody works on belongs; the city itself is an answer too.

    Raises NotFound, TransitionRefused.
    """
    session.refresh(ticket, with_for_update=True)
    if ticket.state not in ON_THE_DESK:
        raise TransitionRefused("ticket", ticket.state, TicketState.DISPATCHED)
    area = organisations.area(session, area_id)
    tickets.settle_territory(session, ticket, area, organisation_id=None, actor=actor, now=now)
    return area


def decide_at_centre(session: Session, order_id: int, area_id: int, *, actor: str, now: datetime) -> Area:
    """The centre says where the ticket belongs and gives it back, to be sent to the body in charge there.

    Raises NotFound, TransitionRefused.
    """
    order = work_order.locked_lead(session, order_id)
    if not is_review(order):
        raise TransitionRefused("work order", order.state, WorkOrderState.RETURNED)
    area = organisations.area(session, area_id)
    order.return_reason, order.ended_at = area.name, now
    work_order.move(session, order, WorkOrderState.RETURNED, WorkOrderReturned, actor=actor, now=now)
    tickets.move(
        session, order.ticket, TicketState.IN_REVIEW, actor=actor, now=now, reason="territory_decided"
    )
    centre_id = order.organisation_id
    tickets.settle_territory(session, order.ticket, area, organisation_id=centre_id, actor=actor, now=now)
    return area
