"""The rota of lawyers (M05): who is on duty when and for what, and giving them the questions that wait."""

from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline import clock
from hotline.config import settings
from hotline.errors import InvalidInput, NotFound
from hotline.event_log import record
from hotline.events import LawyerDutySet
from hotline.legal import service
from hotline.legal.models import LawyerDuty, LawyerTask
from hotline.legal.rota import OnRota, whose
from hotline.legal.states import LawyerTaskState
from hotline.staff.models import Staff


def lawyers(session: Session) -> Sequence[Staff]:
    """Those who may be put on the rota."""
    found = select(Staff).where(Staff.role == "lawyer", Staff.active).order_by(Staff.name, Staff.id)
    return session.scalars(found).all()


def rota(session: Session) -> list[OnRota]:
    """By lawyer, with what each has in hand."""
    load = (
        select(func.count())
        .where(LawyerTask.staff_id == LawyerDuty.staff_id, LawyerTask.state == LawyerTaskState.CLAIMED)
        .scalar_subquery()
    )
    rows = session.execute(
        select(LawyerDuty, load).join(Staff, Staff.id == LawyerDuty.staff_id).where(Staff.active)
    )
    return [
        OnRota(d.staff_id, frozenset(d.weekdays), d.begins, d.ends, frozenset(d.categories), busy)
        for d, busy in rows
    ]


def set_duty(
    session: Session,
    staff_id: int,
    *,
    weekdays: Sequence[int],
    begins: time,
    ends: time,
    categories: Sequence[str],
    actor: str,
    now: datetime,
) -> None:
    """A lawyer's duty from now on; no weekday: off the rota. Raises NotFound, InvalidInput."""
    if staff_id not in {one.id for one in lawyers(session)}:
        raise NotFound(f"no lawyer {staff_id}")
    if begins >= ends:
        raise InvalidInput("ends", "is not after the beginning; a duty past midnight is two")
    duty = session.get(LawyerDuty, staff_id, with_for_update=True) or LawyerDuty(staff_id=staff_id)
    duty.weekdays, duty.begins, duty.ends = sorted(weekdays), begins, ends
    duty.categories = sorted(categories)
    session.add(duty)
    fact = LawyerDutySet(
        staff_id=staff_id,
        weekdays=duty.weekdays,
        begins=f"{begins:%H:%M}",
        ends=f"{ends:%H:%M}",
        categories=duty.categories,
    )
    record(session, fact, actor=actor, at=now)


def give_out(session: Session, asked_before: datetime, now: datetime) -> int:
    """Questions that nobody has taken since then go to lawyers on duty; how many. The others stay open."""
    waiting = select(LawyerTask).where(
        LawyerTask.state == LawyerTaskState.OPEN, LawyerTask.asked_at < asked_before
    )
    ordered = waiting.order_by(LawyerTask.due_at, LawyerTask.id).with_for_update(skip_locked=True)
    local = clock.to_local(now, settings().site.time_zone)
    given = 0
    for task in session.scalars(ordered).all():
        category = task.ticket.item.category.code
        lawyer = whose(rota(session), category, local, let_go_by=task.let_go_by)
        if lawyer:
            service.assign(session, task, lawyer, now=now)
            given += 1
    return given
