"""A matter stalled or too hard goes to a higher level (提级); none is jumped without a reason (G06)."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch import queries, service, work_order
from dispatch.models import WorkOrder
from dispatch.routing import Principle
from dispatch.states import LIVE, WorkOrderState
from hotline.errors import InvalidInput, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import TicketRaised
from hotline.organisations.models import Area, Organisation
from hotline.organisations.nearest import LEVELS
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.states import AT_WORK, ON_THE_DESK, TicketState

REASONS = ("stalled", "poor", "beyond_authority", "cross_area", "major", "repeated")
JUMPS = ("no_office_between", "urgent", "conflict", "ordered")


def raise_ticket(
    session: Session,
    ticket: Ticket,
    *,
    code: str,
    actor: str,
    now: datetime,
    organisation_id: int | None = None,
    jump: str = "",
) -> WorkOrder:
    """From whoever had it last to the office of the same role next above, or to the chosen one; `jump` says
    why a level between is left out. Raises InvalidInput, NoRoute, TransitionRefused and as a dispatch."""
    session.refresh(ticket, with_for_update=True)
    if code not in REASONS:
        raise InvalidInput("code", f"one of {', '.join(REASONS)}")
    last = queries.newest_order(session, ticket.id)
    if last is None or ticket.state not in AT_WORK | ON_THE_DESK:
        raise TransitionRefused("ticket", ticket.state, "raised")
    below, above = last.organisation, _target(session, last.organisation, organisation_id)
    levels = LEVELS.index(below.level) - LEVELS.index(above.level)
    if levels < 1:
        raise InvalidInput("raise_to", "choose an office of a higher level")
    if levels > 1 and jump not in JUMPS:
        raise InvalidInput("jump", "say why a level is left out (G06)")
    _take_away(session, ticket, last, actor, now)
    this = work_order.Round(ticket, queries.last_round(session, ticket.id) + 1, actor, now)
    order = service.dispatch_to(session, this, above.id, Principle.RAISED)
    fact = TicketRaised(
        ticket_id=ticket.id,
        from_organisation_id=below.id,
        organisation_id=above.id,
        from_level=below.level,
        to_level=above.level,
        code=code,
        jump=jump if levels > 1 else "",
    )
    record(session, fact, actor=actor, at=now)
    return order


def next_above(session: Session, office: Organisation) -> Organisation | None:
    """The office of the same role with the next larger territory around this one's."""
    around = (
        select(Organisation)
        .join(Organisation.area)
        .where(
            Organisation.role_name == office.role_name,
            Organisation.kind != "firm",
            Area.code.in_(office.area.path.split("/")[:-1]),
        )
    )
    return session.scalar(around.order_by(func.length(Area.path).desc(), Organisation.id).limit(1))


def _target(session: Session, below: Organisation, organisation_id: int | None) -> Organisation:
    if organisation_id is None:
        found = next_above(session, below)
        if found is None:
            raise service.NoRoute(f"no higher office of {below.role_name}: choose one")
        return found
    chosen = session.get(Organisation, organisation_id)
    if chosen is None:
        raise NotFound(f"no organisation {organisation_id}")
    return chosen


def _take_away(session: Session, ticket: Ticket, last: WorkOrder, actor: str, now: datetime) -> None:
    """Who has it now loses it, and stays responsible until the higher one accepts (Z42)."""
    if last.state in LIVE:
        work_order.end(session, last, WorkOrderState.WITHDRAWN, "raised", actor=actor, now=now)
    if ticket.state in AT_WORK:
        tickets.move(session, ticket, TicketState.IN_REVIEW, actor=actor, now=now, reason="raised")
