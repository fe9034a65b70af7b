"""Call-backs: asked for once a subject, done by a person, cancelled when the caller got through."""

from datetime import datetime, timedelta

from sqlalchemy import select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hotline.callbacks.models import CallBack, CallBackReason
from hotline.errors import InvalidInput, NotFound
from hotline.event_log import record
from hotline.events import CallBackEnded, CallBackRequested

DUE_IN = {
    CallBackReason.ABANDONED: timedelta(hours=1),
    CallBackReason.NO_AGENT: timedelta(hours=1),
    CallBackReason.DISSATISFIED: timedelta(hours=24),
    CallBackReason.SURVEY_FAILED: timedelta(days=3),
    CallBackReason.SMS_FAILED: timedelta(hours=24),
    CallBackReason.URGENT_MESSAGE: timedelta(0),
    CallBackReason.SUPPLEMENT: timedelta(hours=4),
    CallBackReason.PRICE: timedelta(hours=4),
    CallBackReason.REFUND: timedelta(hours=24),
    CallBackReason.RESULT: timedelta(hours=24),
}
OUTCOMES = ("reached", "not_reached")


def request(
    session: Session,
    *,
    reason: CallBackReason,
    caller_id: int,
    now: datetime,
    call_id: int | None = None,
    ticket_id: int | None = None,
    closure: int = 0,
) -> None:
    """Idempotent: the same call, or the same closure of a ticket, gives one task a reason."""
    subject = f"{reason}:call:{call_id}" if call_id else _closure(reason, ticket_id, closure)
    values = {
        "reason": reason,
        "subject": subject,
        "caller_id": caller_id,
        "call_id": call_id,
        "ticket_id": ticket_id,
        "requested_at": now,
        "due_at": now + DUE_IN[reason],
    }
    made = session.execute(
        insert(CallBack).values(values).on_conflict_do_nothing().returning(CallBack.id)
    ).scalar()
    if made:
        fact = CallBackRequested(callback_id=made, call_id=call_id, ticket_id=ticket_id, reason=reason)
        record(session, fact, actor="system:callbacks", at=now)


def finish(
    session: Session, callback_id: int, *, staff_id: int, outcome: str, note: str, now: datetime
) -> None:
    """`reached` ends the task; `not_reached` counts the attempt and keeps it open."""
    if outcome not in OUTCOMES:
        raise InvalidInput("outcome", f"one of {', '.join(OUTCOMES)}")
    task = session.get(CallBack, callback_id, with_for_update=True)
    if task is None:
        raise NotFound(f"no call-back {callback_id}")
    if task.state != "open":
        return
    task.attempts += 1
    task.staff_id, task.note, task.outcome = staff_id, note.strip() or None, outcome
    if outcome == "reached":
        _end(session, task, "done", outcome, actor=f"staff:{staff_id}", now=now)
    else:
        task.due_at = now + timedelta(hours=1)


def cancel_missed(session: Session, *, caller_id: int, now: datetime, only_call: int | None = None) -> None:
    """The caller got through by themselves: nobody need ring them about a missed call (Z09), or about one."""
    missed = select(CallBack).where(
        CallBack.caller_id == caller_id,
        CallBack.state == "open",
        CallBack.reason.in_([CallBackReason.ABANDONED, CallBackReason.NO_AGENT]),
        true() if only_call is None else CallBack.call_id == only_call,
    )
    for task in session.scalars(missed.with_for_update()):
        _end(session, task, "cancelled", "cancelled", actor="system:callbacks", now=now)


def cancel(session: Session, *, reason: CallBackReason, ticket_id: int, closure: int, now: datetime) -> None:
    """What the person should have asked is answered: the task of this closure ends, if it is open."""
    asked = select(CallBack).where(
        CallBack.subject == _closure(reason, ticket_id, closure), CallBack.state == "open"
    )
    task = session.scalar(asked.with_for_update())
    if task:
        _end(session, task, "cancelled", "cancelled", actor="system:callbacks", now=now)


def _closure(reason: CallBackReason, ticket_id: int | None, closure: int) -> str:
    return f"{reason}:ticket:{ticket_id}:{closure}"


def _end(session: Session, task: CallBack, state: str, outcome: str, *, actor: str, now: datetime) -> None:
    task.state, task.outcome, task.ended_at = state, outcome, now
    fact = CallBackEnded(callback_id=task.id, call_id=task.call_id, ticket_id=task.ticket_id, outcome=outcome)
    record(session, fact, actor=actor, at=now)
