"""What the lead does away from its desk: it is there (Z24), or others examine and appraise for it, and the
clocks the profile lists stand still."""

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch import work_order
from dispatch.models import WorkOrder
from dispatch.states import Part, WorkOrderState
from hotline.errors import TransitionRefused
from hotline.event_log import record
from hotline.events import AppraisalBegun, AppraisalEnded, SiteReached
from hotline.tickets import clocks, notes
from hotline.tickets.acts import ACTS, Clock
from hotline.tickets.models import Ticket
from hotline.tickets.states import TicketState

APPRAISAL = ACTS["begin_appraisal"].pauses


def awaits_arrival(order: WorkOrder) -> bool:
    """Somebody has to be there by a time, and is not yet."""
    works = order.part == Part.LEAD and order.state == WorkOrderState.ACCEPTED
    return works and any(
        clock.clock == Clock.EMERGENCY_SITE and clock.stopped_at is None for clock in order.ticket.clocks
    )


def may_begin_appraisal(order: WorkOrder) -> bool:
    works = order.part == Part.LEAD and order.state == WorkOrderState.ACCEPTED
    return works and order.ticket.state == TicketState.IN_HAND and not is_appraised(order.ticket)


def is_appraised(ticket: Ticket) -> bool:
    return clocks.stands_still(ticket, APPRAISAL)


def arrive(session: Session, order_id: int, *, actor: str, now: datetime) -> None:
    """Raises TransitionRefused where nobody is waited for."""
    order = work_order.locked_lead(session, order_id)
    if not awaits_arrival(order):
        raise TransitionRefused("work order", order.state, "arrived")
    clocks.on_act(session, order.ticket, "arrive", actor=actor, now=now)
    record(session, SiteReached(**work_order.ids(order)), actor=actor, at=now)


def begin_appraisal(session: Session, order_id: int, *, note: str, actor: str, now: datetime) -> None:
    """`note` says what is examined, by whom, until about when. Raises InvalidInput, TransitionRefused."""
    order = work_order.locked_lead(session, order_id)
    if not may_begin_appraisal(order):
        raise TransitionRefused("ticket", order.ticket.state, APPRAISAL)
    notes.write(session, order.ticket, "begin_appraisal", note, actor=actor, now=now)
    clocks.on_act(session, order.ticket, "begin_appraisal", actor=actor, now=now)
    record(session, AppraisalBegun(**work_order.ids(order)), actor=actor, at=now)


def end_appraisal(session: Session, ticket: Ticket, *, actor: str, now: datetime) -> None:
    """The result is there, or the desk waits no longer: the clocks run again. The ticket is locked.

    Raises TransitionRefused.
    """
    if not is_appraised(ticket):
        raise TransitionRefused("ticket", ticket.state, "appraised")
    clocks.on_act(session, ticket, "end_appraisal", actor=actor, now=now)
    record(session, AppraisalEnded(ticket_id=ticket.id), actor=actor, at=now)
