"""What becomes of a question to 12348 out of hours: a ticket with a lawyer's task, claimed and answered."""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.callbacks import service as callbacks
from hotline.callbacks.models import CallBackReason
from hotline.callers.service import caller_for
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.catalogue.alarms import alarm
from hotline.config import settings
from hotline.errors import InvalidInput, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import LawyerAsked, LawyerTaskMoved
from hotline.legal.hours import LegalHours
from hotline.legal.models import LawyerTask
from hotline.legal.states import LIVE, MOVES, ClosedBecause, LawyerTaskState
from hotline.phone_numbers import normalise
from hotline.service_hours import CalendarYearMissing, shipped_calendar
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket

logger = logging.getLogger(__name__)

HOTLINE = "12348"
MESSAGE = "（非工作时间电话留言，%d 秒，内容见录音）"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`number` is what the caller said in the message, where none was shown; `by_phone`: a person rings."""

    text: str
    item_code: str
    number: str = ""
    by_phone: bool = False


def hours() -> LegalHours:
    legal = settings().legal
    calendar = shipped_calendar(settings().site.time_zone)
    return LegalHours(legal.opens, legal.closes, legal.days == "working", calendar)


def takes_messages(hotline: str, now: datetime) -> bool:
    """Is this the legal line, out of its hours? People answer when the calendar cannot name the next day."""
    if hotline != HOTLINE:
        return False
    try:
        if hours().include(now):
            return False
        hours().answer_due(now)
        return True
    except CalendarYearMissing as error:
        logger.error("%s", error)
        return False


def ask(
    session: Session, ticket: Ticket, *, now: datetime, call_id: int | None = None, seconds: int | None = None
) -> LawyerTask:
    """A lawyer shall answer this ticket by the end of the next legal day."""
    task = LawyerTask(
        ticket=ticket, call_id=call_id, seconds=seconds, asked_at=now, due_at=hours().answer_due(now)
    )
    session.add(task)
    session.flush()
    fact = LawyerAsked(
        lawyer_task_id=task.id,
        ticket_id=ticket.id,
        call_id=call_id,
        due_at=task.due_at.isoformat(),
        seconds=seconds,
    )
    record(session, fact, actor="system:legal", at=now)
    return task


def asked(session: Session, ticket_id: int) -> bool:
    """Was a lawyer ever asked about this ticket?"""
    return session.scalar(select(LawyerTask.id).where(LawyerTask.ticket_id == ticket_id)) is not None


def take_message(session: Session, call: Call, *, seconds: int, now: datetime) -> LawyerTask:
    """The caller left a message: a ticket of the call, and its task. Told twice, it is one."""
    calls.get(session, call.id, lock=True)
    known = session.scalar(select(LawyerTask).where(LawyerTask.call_id == call.id))
    if known:
        return known
    new = tickets.NewTicket(
        hotline=HOTLINE,
        channel="phone",
        kind="consult",
        item_code=settings().legal.message_item,
        text=MESSAGE % seconds,
        caller_id=call.caller_id,
        call_id=call.id,
    )
    actor = f"caller:{call.caller_id}" if call.caller_id else "caller:withheld"
    ticket = tickets.open_ticket(session, new, actor=actor, now=now)
    return ask(session, ticket, now=now, call_id=call.id, seconds=seconds)


def note_words(session: Session, task_id: int, words: str, now: datetime) -> None:
    """What a recogniser made of the message. Words of an emergency are not left until tomorrow (N04)."""
    task = get(session, task_id, lock=True)
    task.words = words
    caller_id = task.ticket.caller_id
    if caller_id and alarm(words):
        callbacks.request(
            session,
            reason=CallBackReason.URGENT_MESSAGE,
            caller_id=caller_id,
            ticket_id=task.ticket_id,
            now=now,
        )


def get(session: Session, task_id: int, *, lock: bool = False) -> LawyerTask:
    task = session.get(LawyerTask, task_id, with_for_update=lock)
    if task is None:
        raise NotFound(f"no lawyer's task {task_id}")
    return task


def claim(session: Session, task_id: int, *, staff_id: int, now: datetime) -> None:
    """Of two lawyers the second is refused."""
    task = get(session, task_id, lock=True)
    if task.state == LawyerTaskState.CLAIMED and task.staff_id == staff_id:
        return
    _move(session, task, LawyerTaskState.CLAIMED, actor=f"staff:{staff_id}", now=now)
    task.staff_id, task.claimed_at = staff_id, now


def assign(session: Session, task: LawyerTask, staff_id: int, *, now: datetime) -> None:
    """The rota gives an open task to a lawyer on duty (M05)."""
    _move(session, task, LawyerTaskState.CLAIMED, actor="system:legal", now=now, reason="on_duty")
    task.staff_id, task.claimed_at = staff_id, now


def give_back(session: Session, task_id: int, *, staff_id: int, now: datetime) -> None:
    task = _mine(session, task_id, staff_id, LawyerTaskState.OPEN)
    _reopen(session, task, "given_back", actor=f"staff:{staff_id}", now=now)


def release_stale(session: Session, claimed_before: datetime, now: datetime) -> int:
    """Tasks that a lawyer holds since before this moment are anybody's again (M05). Returns how many."""
    held = select(LawyerTask).where(
        LawyerTask.state == LawyerTaskState.CLAIMED, LawyerTask.claimed_at < claimed_before
    )
    tasks = session.scalars(held.with_for_update(skip_locked=True)).all()
    for task in tasks:
        _reopen(session, task, "too_long", actor="system:legal", now=now)
    return len(tasks)


def answer(session: Session, task_id: int, said: Answer, *, staff_id: int, now: datetime) -> None:
    """The ticket closes with the answer; the citizen gets number and code, or a person rings (I02, Z40).

    Raises InvalidInput for an answer that would reach nobody: ask for a number, or close it as unreachable.
    """
    task = _mine(session, task_id, staff_id, LawyerTaskState.ANSWERED)
    ticket, actor = task.ticket, f"staff:{staff_id}"
    _reach(session, ticket, said, now)
    if said.item_code != ticket.item.code:
        tickets.reclassify(session, ticket, said.item_code, reason="heard by a lawyer", actor=actor, now=now)
    _move(session, task, LawyerTaskState.ANSWERED, actor=actor, now=now)
    task.answer, task.ended_at = said.text.strip(), now
    task.told = ticket.contact_wish if ticket.caller_id else "web"
    tickets.release(
        session, ticket, public_reply=said.text, actor=actor, now=now, reason="answered_by_lawyer"
    )


def close_unreachable(session: Session, task_id: int, *, reason: str, staff_id: int, now: datetime) -> None:
    """Nobody can be told: the ticket closes with the reason, for whoever asks with its number."""
    task = _mine(session, task_id, staff_id, LawyerTaskState.CLOSED)
    actor = f"staff:{staff_id}"
    _close(session, task, ClosedBecause.UNREACHABLE, actor=actor, now=now)
    tickets.release(session, task.ticket, public_reply=reason, actor=actor, now=now, reason="unreachable")


def hand_to_desk(session: Session, task_id: int, *, staff_id: int, now: datetime) -> None:
    """Not a lawyer's matter: the dispatcher finds the ticket on the desk, with its clocks as they run."""
    task = _mine(session, task_id, staff_id, LawyerTaskState.CLOSED)
    _close(session, task, ClosedBecause.TO_DESK, actor=f"staff:{staff_id}", now=now)


def close_with_ticket(session: Session, ticket_id: int, *, now: datetime) -> None:
    """The ticket was closed by other means."""
    held = select(LawyerTask).where(LawyerTask.ticket_id == ticket_id, LawyerTask.state.in_(LIVE))
    task = session.scalar(held.with_for_update())
    if task:
        _close(session, task, ClosedBecause.ELSEWHERE, actor="system:legal", now=now)


def _mine(session: Session, task_id: int, staff_id: int, new: LawyerTaskState) -> LawyerTask:
    """The task, locked. TransitionRefused unless this lawyer holds it."""
    task = get(session, task_id, lock=True)
    if task.state != LawyerTaskState.CLAIMED or task.staff_id != staff_id:
        raise TransitionRefused("lawyer's task", task.state, new)
    return task


def _reach(session: Session, ticket: Ticket, said: Answer, now: datetime) -> None:
    if ticket.caller_id is None and said.number.strip():
        number = normalise(said.number, settings().site.region)
        ticket.caller = caller_for(session, number, now)
        session.flush()
    if ticket.caller_id is None and ticket.channel != "web":
        raise InvalidInput("number", "nobody can be told without a number")
    if ticket.caller_id:
        ticket.contact_wish = "phone" if said.by_phone else "sms"


def _reopen(session: Session, task: LawyerTask, reason: str, *, actor: str, now: datetime) -> None:
    _move(session, task, LawyerTaskState.OPEN, actor=actor, now=now, reason=reason)
    task.let_go_by, task.staff_id, task.claimed_at = task.staff_id, None, None


def _close(session: Session, task: LawyerTask, why: ClosedBecause, *, actor: str, now: datetime) -> None:
    _move(session, task, LawyerTaskState.CLOSED, actor=actor, now=now, reason=why)
    task.closed_because, task.ended_at = why, now


def _move(
    session: Session,
    task: LawyerTask,
    new: LawyerTaskState,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
) -> None:
    old = LawyerTaskState(task.state)
    if new not in MOVES[old]:
        raise TransitionRefused("lawyer's task", old, new)
    task.state = new
    fact = LawyerTaskMoved(lawyer_task_id=task.id, ticket_id=task.ticket_id, old=old, new=new, reason=reason)
    record(session, fact, actor=actor, at=now)
