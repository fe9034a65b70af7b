"""One assisting part of joint work: told, moved, taken back with its lead. While it is open a hold keeps the
lead from answering."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.models import WorkOrder
from dispatch.states import LIVE, MOVES, Part, WorkOrderState
from hotline.errors import HotlineError, TransitionRefused
from hotline.event_log import record
from hotline.events import PartMoved
from hotline.tickets import holds
from hotline.tickets.states import Hold

_S = WorkOrderState


class WaitsForThoseBelow(HotlineError):
    """What was handed down is not answered yet (D04)."""

    code = "waits_for_those_below"


def of(session: Session, order: WorkOrder) -> Sequence[WorkOrder]:
    """Those of the order's round, in the order they were asked."""
    wanted = select(WorkOrder).where(
        WorkOrder.ticket_id == order.ticket_id, WorkOrder.round == order.round, WorkOrder.part == Part.ASSIST
    )
    return session.scalars(wanted.order_by(WorkOrder.id)).all()


def handed_down(session: Session, order: WorkOrder) -> Sequence[WorkOrder]:
    """What this organisation gave to offices below it, in that order (D04)."""
    wanted = select(WorkOrder).where(
        WorkOrder.ticket_id == order.ticket_id, WorkOrder.handed_by_id == order.id
    )
    return session.scalars(wanted.order_by(WorkOrder.id)).all()


def check_nothing_below(session: Session, part: WorkOrder) -> None:
    """Raises WaitsForThoseBelow."""
    if any(below.state in LIVE for below in handed_down(session, part)):
        raise WaitsForThoseBelow("an office below has not answered: wait for it, or take it back")


def send(session: Session, part: WorkOrder, actor: str, now: datetime) -> None:
    """From now on the lead waits for it."""
    move(session, part, _S.SENT, actor, now)
    holds.place(session, part.ticket, Hold.PART, _ref(part), actor=actor, now=now)


def move(session: Session, part: WorkOrder, new: WorkOrderState, actor: str, now: datetime) -> None:
    """The only way a part changes state; one that ended holds nobody, nor does what was handed down from it.

    Raises TransitionRefused.
    """
    if new not in MOVES[WorkOrderState(part.state)]:
        raise TransitionRefused("assisting part", part.state, new)
    part.state = new
    tell(session, part, actor, now)
    if new not in LIVE:
        part.ended_at = now
        how = "taken_back" if new == _S.WITHDRAWN else new
        holds.clear(session, part.ticket, Hold.PART, how, _ref(part), actor=actor, now=now)
        for below in handed_down(session, part):
            if below.state in LIVE:
                move(session, below, _S.WITHDRAWN, actor, now)
    session.flush()


def drop(session: Session, part: WorkOrder, actor: str, now: datetime) -> None:
    """What was only proposed leaves no trace at the organisation that never heard of it."""
    tell(session, part, actor, now, state="refused")
    session.delete(part)
    session.flush()


def take_back(session: Session, lead: WorkOrder, *, actor: str, now: datetime) -> None:
    """The lead no longer has the ticket: nobody assists it any more."""
    for part in of(session, lead):
        if part.state == _S.PROPOSED:
            drop(session, part, actor, now)
        elif part.state in LIVE:
            move(session, part, _S.WITHDRAWN, actor, now)


def tell(session: Session, part: WorkOrder, actor: str, now: datetime, state: str = "") -> None:
    assert part.due_at is not None and part.joint_kind is not None  # the database sees to it
    fact = PartMoved(
        ticket_id=part.ticket_id,
        work_order_id=part.id,
        organisation_id=part.organisation_id,
        state=state or part.state,
        joint_kind=part.joint_kind,
        due_at=part.due_at.isoformat(),
        on_time=now <= part.due_at if part.state == _S.ANSWERED else None,
    )
    record(session, fact, actor=actor, at=now)


def _ref(part: WorkOrder) -> str:
    return f"order:{part.id}"
