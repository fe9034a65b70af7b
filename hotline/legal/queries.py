"""What lawyers look at, and what others ask about their tasks. Changes nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session, joinedload

from hotline.calls.models import Recording
from hotline.errors import NotFound
from hotline.legal.models import LawyerTask
from hotline.legal.states import LIVE
from hotline.tickets.models import Ticket

TABS = ("open", "claimed", "answered", "closed")


def tasks(tab: str) -> Select[LawyerTask]:
    """Of one state: those to do by when they are due, those done the newest first."""
    wanted = select(LawyerTask).where(LawyerTask.state == tab)
    shown = wanted.options(
        joinedload(LawyerTask.staff),
        joinedload(LawyerTask.ticket).options(joinedload(Ticket.item), joinedload(Ticket.caller)),
    )
    if tab in LIVE:
        return shown.order_by(LawyerTask.due_at, LawyerTask.id)
    return shown.order_by(LawyerTask.ended_at.desc(), LawyerTask.id.desc())


def counts(session: Session) -> dict[str, int]:
    """Tasks still to do, by state."""
    live = select(LawyerTask.state, func.count()).where(LawyerTask.state.in_(LIVE))
    found: dict[str, int] = dict(session.execute(live.group_by(LawyerTask.state)).all())
    return {state: found.get(state, 0) for state in LIVE}


def recordings(session: Session, task: LawyerTask) -> Sequence[Recording]:
    if task.call_id is None:
        return ()
    kept = select(Recording).where(Recording.call_id == task.call_id)
    return session.scalars(kept.order_by(Recording.id)).all()


def recording(session: Session, task: LawyerTask, recording_id: int) -> Recording:
    """One of this task's call. Raises NotFound."""
    found = session.get(Recording, recording_id)
    if found is None or found.call_id != task.call_id:
        raise NotFound(f"the lawyer's task {task.id} has no recording {recording_id}")
    return found


def without_words(session: Session, since: datetime) -> list[tuple[int, str]]:
    """Live tasks whose message nobody has written down: task and file, the oldest first."""
    asked = (
        select(LawyerTask.id, func.min(Recording.path))
        .join(Recording, Recording.call_id == LawyerTask.call_id)
        .where(LawyerTask.words.is_(None), LawyerTask.state.in_(LIVE), LawyerTask.asked_at > since)
    )
    return [
        (row[0], row[1]) for row in session.execute(asked.group_by(LawyerTask.id).order_by(LawyerTask.id))
    ]


def with_a_lawyer() -> ColumnElement[bool]:
    """A condition on Ticket: a lawyer has it, or shall have it."""
    return exists().where(LawyerTask.ticket_id == Ticket.id, LawyerTask.state.in_(LIVE))


def is_with_a_lawyer(session: Session, ticket_id: int) -> bool:
    asked = exists().where(LawyerTask.ticket_id == ticket_id, LawyerTask.state.in_(LIVE))
    return bool(session.scalar(select(asked)))
