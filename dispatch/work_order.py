"""One work order: opened, locked, moved. `move` is the only mover; whoever acts locks the ticket first, so
two acts on one ticket wait for each other and the second sees what the first did."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from dispatch import parts, scope
from dispatch.models import PostponedOffer, WorkOrder
from dispatch.routing import Principle
from dispatch.states import ENDED, MOVES, Part, WorkOrderState
from hotline.errors import HotlineError, InvalidInput, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import Fact, WorkOrderDeclined
from hotline.organisations.models import Organisation
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.states import TicketState

SYSTEM = "system:dispatch"
MAX_TEXT = 2000


class ConcernsThemselves(HotlineError):
    """A complaint is not handled by the unit complained of, nor by one below it (H10)."""

    code = "concerns_themselves"


@dataclass(frozen=True)
class Round:
    """One dispatch of one ticket: no firm is asked twice in it."""

    ticket: Ticket
    number: int
    actor: str
    now: datetime


def add(
    session: Session,
    this: Round,
    organisation: Organisation,
    principle: Principle,
    expires_at: datetime | None = None,
) -> WorkOrder:
    """`expires_at` makes it an offer. Raises ConcernsThemselves."""
    check_not_about(session, this.ticket, organisation)
    order = WorkOrder(
        ticket=this.ticket,
        organisation=organisation,
        kind="firm" if organisation.kind == "firm" else "department",
        round=this.number,
        state=WorkOrderState.OFFERED if expires_at else WorkOrderState.SENT,
        principle=principle,
        sent_at=this.now,
        expires_at=expires_at,
    )
    session.add(order)
    session.flush()
    return order


def check_not_about(session: Session, ticket: Ticket, organisation: Organisation) -> None:
    """Raises ConcernsThemselves."""
    if ticket.complained_of_id and not scope.may_handle(session, ticket, organisation.id):
        raise ConcernsThemselves(f"the complaint is about {organisation.name} or whoever it belongs to")


def mark_dispatched(session: Session, this: Round, principle: Principle) -> None:
    """The first organisation of a round moves the ticket; later firms find it dispatched."""
    this.ticket.reviewer_id = None
    session.execute(delete(PostponedOffer).where(PostponedOffer.ticket_id == this.ticket.id))
    if this.ticket.state != TicketState.DISPATCHED:
        tickets.move(
            session, this.ticket, TicketState.DISPATCHED, actor=this.actor, now=this.now, reason=principle
        )


def locked(session: Session, order_id: int) -> WorkOrder:
    """The order as it is now, with its ticket locked until the transaction ends."""
    order = session.get(WorkOrder, order_id)
    if order is None:
        raise NotFound(f"no work order {order_id}")
    session.refresh(order.ticket, with_for_update=True)
    session.refresh(order)
    return order


def locked_lead(session: Session, order_id: int) -> WorkOrder:
    """As `locked`, for what only the organisation in charge does. Raises TransitionRefused for a part."""
    order = locked(session, order_id)
    if order.part != Part.LEAD:
        raise TransitionRefused("assisting part", order.state, "the lead's")
    return order


def check_move(order: WorkOrder, new: WorkOrderState) -> None:
    if new not in MOVES[WorkOrderState(order.state)]:
        raise TransitionRefused("work order", order.state, new)


def move(
    session: Session,
    order: WorkOrder,
    new: WorkOrderState,
    fact: Callable[..., Fact],
    *,
    actor: str,
    now: datetime,
    **more: object,
) -> None:
    """The only way a work order changes state. Flushed at once: the next offer may only be added after it."""
    check_move(order, new)
    order.state = new
    record(session, fact(**ids(order), **more), actor=actor, at=now)
    session.flush()
    if order.part == Part.LEAD and new in ENDED:
        parts.take_back(session, order, actor=actor, now=now)


def end(
    session: Session, order: WorkOrder, new: WorkOrderState, reason: str, *, actor: str, now: datetime
) -> None:
    """Nobody took it, or it was taken away."""
    order.ended_at = now
    move(session, order, new, WorkOrderDeclined, actor=actor, now=now, reason=reason)


def ids(order: WorkOrder) -> dict[str, int]:
    return {"ticket_id": order.ticket_id, "work_order_id": order.id, "organisation_id": order.organisation_id}


def said(field: str, text: str, otherwise: str, longest: int = MAX_TEXT) -> str:
    """What somebody wrote, which has to be there. Raises InvalidInput."""
    written = text.strip()
    if not written:
        raise InvalidInput(field, otherwise)
    if len(written) > longest:
        raise InvalidInput(field, f"at most {longest} characters")
    return written
