"""What an agent does, and what the telephone does to them. `_move` is the only mover of a presence."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from agents.models import AgentPresence
from agents.states import MOVES, WITH_CALL, AgentState, Disposition, PauseReason
from hotline.callbacks import service as callbacks
from hotline.callbacks.models import CallBack, CallBackReason
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.calls.states import CallState
from hotline.cases import service as cases
from hotline.errors import InvalidInput, TransitionRefused
from hotline.event_log import record
from hotline.events import AgentStateChanged
from hotline.surveys import service as surveys
from hotline.surveys.grades import Answer
from hotline.telephony.ports import queue_of

MACHINE = "system:telephony"
DISTRIBUTION = "system:distribution"


def presence_of(session: Session, staff_id: int, now: datetime, *, lock: bool = False) -> AgentPresence:
    """The one row of this agent, made signed out when they come for the first time."""
    presence = session.get(AgentPresence, staff_id, with_for_update=lock, populate_existing=lock)
    if presence:
        return presence
    first = insert(AgentPresence).values(staff_id=staff_id, state=AgentState.SIGNED_OUT, since=now)
    session.execute(first.on_conflict_do_nothing())
    return session.get_one(AgentPresence, staff_id, with_for_update=lock)


# --- what agents do --------------------------------------------------------------------------------------


def become_available(session: Session, staff_id: int, now: datetime) -> None:
    """Take calls: from signed out, from a pause, or after wrap-up (which then counts as finished)."""
    presence = presence_of(session, staff_id, now, lock=True)
    if presence.state == AgentState.WRAP_UP:
        _close_wrap_up(session, presence, Disposition.NOT_GIVEN, now)
    if presence.state != AgentState.AVAILABLE:
        _move(session, presence, AgentState.AVAILABLE, actor=f"staff:{staff_id}", now=now)


def pause(session: Session, staff_id: int, reason: PauseReason, now: datetime) -> None:
    """Take no calls, and say why. Refused while a call rings or is talked to."""
    presence = presence_of(session, staff_id, now, lock=True)
    if presence.state == AgentState.PAUSED and presence.reason == reason:
        return
    if presence.state == AgentState.WRAP_UP:
        _close_wrap_up(session, presence, Disposition.NOT_GIVEN, now)
    _move(session, presence, AgentState.PAUSED, actor=f"staff:{staff_id}", now=now, reason=reason)


def leave(session: Session, staff_id: int, now: datetime) -> None:
    """Leave the line. An agent who talks goes on talking and is not signed out by this."""
    presence = presence_of(session, staff_id, now, lock=True)
    if presence.state == AgentState.WRAP_UP:
        _close_wrap_up(session, presence, Disposition.NOT_GIVEN, now)
    if AgentState.SIGNED_OUT in MOVES[AgentState(presence.state)]:
        _move(session, presence, AgentState.SIGNED_OUT, actor=f"staff:{staff_id}", now=now)


def finish_wrap_up(
    session: Session,
    staff_id: int,
    disposition: Disposition,
    now: datetime,
    *,
    then_pause: PauseReason | None = None,
) -> None:
    """After-call work is done: say how the call went, then take the next one or pause."""
    presence = presence_of(session, staff_id, now, lock=True)
    if presence.state != AgentState.WRAP_UP:
        raise TransitionRefused("presence", presence.state, "finished")
    if disposition == Disposition.NOT_GIVEN:
        raise InvalidInput("disposition", "say how the call went")
    _close_wrap_up(session, presence, disposition, now)
    state = AgentState.PAUSED if then_pause else AgentState.AVAILABLE
    _move(session, presence, state, actor=f"staff:{staff_id}", now=now, reason=then_pause)


def end_callback(
    session: Session,
    callback_id: int,
    *,
    staff_id: int,
    outcome: str,
    note: str,
    now: datetime,
    said: Answer | None = None,
) -> None:
    """A citizen was rung back; `said` is what they answered to the survey, if it is still open.

    Who was reached need not be rung for other calls they lost.
    """
    callbacks.finish(session, callback_id, staff_id=staff_id, outcome=outcome, note=note, now=now)
    if outcome != "reached":
        return
    task = session.get_one(CallBack, callback_id)
    if task.reason in (CallBackReason.ABANDONED, CallBackReason.NO_AGENT):
        callbacks.cancel_missed(session, caller_id=task.caller_id, now=now)
    survey = surveys.open_about(session, task.ticket_id) if said and task.ticket_id else None
    if said and survey:
        surveys.answer(
            session, survey.id, solved=said.solved, satisfaction=said.satisfaction, mode="person", now=now
        )


def transfer(session: Session, call_id: int, wish: cases.Wish) -> Call:
    """Put the caller of this agent through to the other hotline; the agent goes to wrap-up.

    Raises as cases.transfer_call. Ask the telephone system next, and `keep_talking` if it refuses.
    """
    presence = presence_of(session, wish.staff_id, wish.now, lock=True)
    call = cases.transfer_call(session, call_id, wish, queue_of)
    if presence.state == AgentState.TALKING:
        _move(session, presence, AgentState.WRAP_UP, actor=f"staff:{wish.staff_id}", now=wish.now, call=call)
    return call


def keep_talking(session: Session, call_id: int, queue: str, wish: cases.Wish) -> None:
    """The telephone system did not put them through; `queue` is where the caller came from."""
    call = calls.get(session, call_id, lock=True)
    calls.take_back(session, call, queue, staff_id=wish.staff_id, now=wish.now)
    presence = presence_of(session, wish.staff_id, wish.now, lock=True)
    if call.state == CallState.ANSWERED and presence.call_id == call.id:
        _move(session, presence, AgentState.TALKING, actor=MACHINE, now=wish.now, call=call)


# --- what the telephone does -----------------------------------------------------------------------------
# Facts arrive at least once and perhaps late: each of these asks where the call stands now and does
# nothing when the moment has passed.


def ring(session: Session, staff_id: int, call: Call, now: datetime) -> None:
    """The agent's telephone rings for this caller, who still waits."""
    presence = presence_of(session, staff_id, now, lock=True)
    if presence.call_id == call.id or call.state != CallState.QUEUED:
        return
    _follow(session, presence, AgentState.RINGING, call, now)


def talk(session: Session, staff_id: int, call: Call, now: datetime) -> None:
    presence = presence_of(session, staff_id, now, lock=True)
    mine = call.state == CallState.ANSWERED and call.staff_id == staff_id
    if not mine or (presence.state, presence.call_id) == (AgentState.TALKING, call.id):
        return
    _release_others(session, call, staff_id, now)
    _follow(session, presence, AgentState.TALKING, call, now)


def miss(session: Session, staff_id: int, call: Call, now: datetime) -> None:
    """Nobody took it: paused, so that the next caller is not offered to an empty chair."""
    presence = presence_of(session, staff_id, now, lock=True)
    if presence.state == AgentState.RINGING and presence.call_id == call.id:
        _move(session, presence, AgentState.PAUSED, actor=MACHINE, now=now, reason=PauseReason.NO_ANSWER)


def call_over(session: Session, call: Call, now: datetime) -> None:
    """The caller hung up: who talked goes to wrap-up, whose telephone only rang is free again."""
    for presence in _with_call(session, call.id):
        state = AgentState.WRAP_UP if presence.state == AgentState.TALKING else AgentState.AVAILABLE
        if presence.state != AgentState.WRAP_UP:
            _move(session, presence, state, actor=MACHINE, now=now, call=call)


def end_overdue_wrap_up(session: Session, staff_id: int, started_before: datetime, now: datetime) -> None:
    """Wrap-up time is over: the agent takes the next call, the disposition stays not given."""
    presence = presence_of(session, staff_id, now, lock=True)
    if presence.state == AgentState.WRAP_UP and presence.since <= started_before:
        _close_wrap_up(session, presence, Disposition.NOT_GIVEN, now)
        _move(session, presence, AgentState.AVAILABLE, actor="system:wrap_up", now=now)


def release(session: Session, staff_id: int, call: Call, now: datetime) -> None:
    """Claimed for a call that was never put through: free for the next."""
    presence = presence_of(session, staff_id, now, lock=True)
    if presence.state == AgentState.RINGING and presence.call_id == call.id:
        _move(session, presence, AgentState.AVAILABLE, actor=DISTRIBUTION, now=now)


def claim(session: Session, presence: AgentPresence, call: Call, now: datetime) -> None:
    """Distribution chose this available agent for this waiting caller; the row is locked by the caller."""
    _move(session, presence, AgentState.RINGING, actor=DISTRIBUTION, now=now, call=call)


def staff_in(session: Session, state: AgentState, before: datetime) -> list[int]:
    """Agents who are in this state since before a moment, the longest first."""
    waiting = select(AgentPresence.staff_id).where(
        AgentPresence.state == state, AgentPresence.since <= before
    )
    return list(session.scalars(waiting.order_by(AgentPresence.since)))


def _with_call(session: Session, call_id: int) -> Iterator[AgentPresence]:
    rows = select(AgentPresence).where(AgentPresence.call_id == call_id, AgentPresence.state.in_(WITH_CALL))
    yield from session.scalars(rows.order_by(AgentPresence.staff_id).with_for_update())


def _release_others(session: Session, call: Call, staff_id: int, now: datetime) -> None:
    """Somebody else answered first."""
    for other in _with_call(session, call.id):
        if other.staff_id != staff_id and other.state == AgentState.RINGING:
            _move(session, other, AgentState.AVAILABLE, actor=MACHINE, now=now)


def _follow(session: Session, presence: AgentPresence, state: AgentState, call: Call, now: datetime) -> None:
    """The telephone is the fact: an agent in wrap-up or signed out who answers is on that call."""
    if presence.state == AgentState.WRAP_UP:
        _close_wrap_up(session, presence, Disposition.NOT_GIVEN, now)
    if state not in MOVES[AgentState(presence.state)]:
        _move(session, presence, AgentState.AVAILABLE, actor=MACHINE, now=now)
    _move(session, presence, state, actor=MACHINE, now=now, call=call)


def _close_wrap_up(
    session: Session, presence: AgentPresence, disposition: Disposition, now: datetime
) -> None:
    if presence.call_id is not None:
        call = calls.get(session, presence.call_id, lock=True)
        calls.wrap_up(session, call, staff_id=presence.staff_id, disposition=disposition, now=now)


def _move(
    session: Session,
    presence: AgentPresence,
    new: AgentState,
    *,
    actor: str,
    now: datetime,
    reason: PauseReason | None = None,
    call: Call | None = None,
) -> None:
    """Raises TransitionRefused for a move the table does not have."""
    old = AgentState(presence.state)
    if new not in MOVES[old]:
        raise TransitionRefused("presence", old, new)
    presence.state, presence.reason, presence.since = new, reason, now
    presence.call_id = call.id if call and new in WITH_CALL else None
    session.flush()
    fact = AgentStateChanged(staff_id=presence.staff_id, old=old, new=new, reason=reason or "")
    record(session, fact, actor=actor, at=now)
