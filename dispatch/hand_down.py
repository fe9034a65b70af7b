"""Down and up again between an office and those below it (D04): the office above stays responsible, sets a
clock inside its own, and may take the work back; whoever cannot do it sends it back with a reason.

What is handed down is a part like joint work: until it is answered the office above cannot answer.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch import joint, parts, queries, returns, work_order
from dispatch.models import WorkOrder
from dispatch.routing import Principle
from dispatch.states import LIVE, WorkOrderState
from dispatch.work_order import SYSTEM, said
from hotline.errors import HotlineError, InvalidInput, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import WorkHandedBack, WorkHandedDown
from hotline.organisations import queries as organisations
from hotline.organisations.models import Organisation

_S = WorkOrderState


class PassedOnTooOften(HotlineError):
    """Through as many hands as the site allows: whoever has it does it, or the centre decides (D07)."""

    code = "passed_on_too_often"


def may_be_asked(session: Session, order: WorkOrder) -> Sequence[Organisation]:
    """The offices right below that may have this matter and were not part of it yet."""
    known = {order.organisation_id, *(part.organisation_id for part in parts.of(session, order))}
    below = organisations.right_below(session, order.organisation, order.ticket.item)
    return [office for office in below if office.id not in known]


def hand_down(
    session: Session, order_id: int, *, organisation_id: int, task: str, days: int, actor: str, now: datetime
) -> WorkOrder:
    """By the lead, or by an office that was itself handed it.

    Raises InvalidInput for an office that is not right below, PassedOnTooOften, TransitionRefused and as
    `joint.add`.
    """
    order = work_order.locked(session, order_id)
    if order.state != _S.ACCEPTED or (order.part == "assist" and order.handed_by_id is None):
        raise TransitionRefused("work order", order.state, "handed down")
    if returns.passed_on_too_often(session, order.ticket):
        raise PassedOnTooOften("do it yourselves, or return it: the centre decides")
    if organisation_id not in {office.id for office in may_be_asked(session, order)}:
        raise InvalidInput("below", "an office right below yours that was not asked before")
    due_at = joint.due_within(order.ticket, days, now)
    part = joint.open_part(
        session,
        order.ticket,
        organisation_id,
        principle=Principle.HANDED_DOWN,
        kind=Principle.HANDED_DOWN,
        task=task,
        due_at=min(due_at, order.due_at or due_at),
        now=now,
        handed_by_id=order.id,
    )
    parts.send(session, part, actor, now)
    fact = WorkHandedDown(
        **work_order.ids(part),
        from_organisation_id=order.organisation_id,
        hops=queries.hops(session, order.ticket_id),
    )
    record(session, fact, actor=actor, at=now)
    return part


def take_back(
    session: Session, part_id: int, *, order_id: int, reason: str, actor: str, now: datetime
) -> WorkOrder:
    """The office above does it itself, or asks another. Raises NotFound for what it did not hand down."""
    part = work_order.locked(session, part_id)
    if part.handed_by_id != order_id:
        raise NotFound(f"work order {order_id} handed down no {part_id}")
    work_order.check_move(part, _S.WITHDRAWN)
    part.hotline_note = said("take_back_reason", reason, "say why it is taken back")
    parts.move(session, part, _S.WITHDRAWN, actor, now)
    return part


def hand_back(
    session: Session, part_id: int, *, code: str, reason: str, actor: str, now: datetime
) -> WorkOrder:
    """Up again, with the reason. Passed on too often, the centre decides whose it is (D07), unless it has.

    Raises InvalidInput, TransitionRefused.
    """
    part = work_order.locked(session, part_id)
    if part.handed_by_id is None:
        raise TransitionRefused("work order", part.state, "handed back")
    work_order.check_move(part, _S.RETURNED)
    if code not in returns.REASONS:
        raise InvalidInput("hand_back_code", f"one of {', '.join(returns.REASONS)}")
    part.return_code, part.return_reason = code, said("hand_back_reason", reason, "say why it goes back")
    above = session.get_one(WorkOrder, part.handed_by_id)
    parts.move(session, part, _S.RETURNED, actor, now)
    fact = WorkHandedBack(**work_order.ids(part), to_organisation_id=above.organisation_id, code=code)
    record(session, fact, actor=actor, at=now)
    lead = queries.last_order(session, part.ticket_id)
    decided = lead.principle == Principle.ADJUDICATED or lead.state not in LIVE
    if not decided and returns.passed_on_too_often(session, part.ticket):
        work_order.end(session, lead, _S.WITHDRAWN, "passed_on", actor=SYSTEM, now=now)
        returns.bring_to_the_centre(session, part.ticket, "passed_on", actor=actor, now=now)
    return part
