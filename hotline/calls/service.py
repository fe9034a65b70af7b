"""What happens to a call: born ringing or in a dialogue; every change passes `_move` and leaves a fact."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hotline.callers.service import caller_for
from hotline.calls.models import Call, CallLeg, Recording
from hotline.calls.states import MOVES, CallState, EndReason
from hotline.errors import NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import (
    AgentMissedRing,
    AgentRung,
    CallAnswered,
    CallBlocked,
    CallEnded,
    CallEnteredIvr,
    CallQueued,
    CallReceived,
    CallRecorded,
    CallTransferFailed,
    CallTransferred,
    CallUnderstood,
    CallWrappedUp,
    EmergencyHeard,
    IvrStepTaken,
)
from hotline.phone_numbers import normalise_or_none

# Made once: each call asks them.
_CALLED = select(Call).where(Call.system == bindparam("system"), Call.system_id == bindparam("system_id"))
_CALLED_LOCKED = _CALLED.with_for_update()
_OPEN = insert(Call).on_conflict_do_nothing().returning(Call)
# Emergencies first, then the longest wait.
NEXT_FIRST = (Call.alarm.is_(None), Call.queued_at, Call.id)
# Without the ORM: nobody looks at the legs of a call that is over.
_END_LEGS = (
    update(CallLeg)
    .where(CallLeg.call_id == bindparam("of_call"), CallLeg.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
)


def open_call(
    session: Session,
    *,
    hotline: str,
    dialled: str,
    number: str | None,
    system: str,
    system_id: str,
    now: datetime,
    direction: str = "inbound",
    purpose: str = "public_line",
    survey_id: int | None = None,
    into_ivr: bool = False,
) -> Call:
    """The call with this system id: made once, found when the system tells us again.

    `number` is the citizen's as the system wrote it; withheld or unreadable numbers are served too.
    `into_ivr`: a dialogue begins in this transaction, so the row is written once, where it then stands.
    The row is locked: nobody else can change this call before the transaction ends.
    """
    e164 = normalise_or_none(number)
    caller = caller_for(session, e164, now) if e164 else None
    values = {
        "hotline": hotline,
        "dialled": dialled,
        "caller_id": caller.id if caller else None,
        "system": system,
        "system_id": system_id,
        "direction": direction,
        "purpose": purpose,
        "survey_id": survey_id,
        "state": CallState.IN_IVR if into_ivr else CallState.RINGING,
        "started_at": now,
        "ivr_at": now if into_ivr else None,
        "version_id": 1,
    }
    made = session.scalar(_OPEN, values)
    if made is None:
        return session.scalars(_CALLED_LOCKED, {"system": system, "system_id": system_id}).one()
    record(session, _received(made), actor=_caller_actor(made), at=now)
    if into_ivr:
        record(session, CallEnteredIvr(call_id=made.id), actor="system:ivr", at=now)
    return made


def _received(call: Call) -> CallReceived:
    return CallReceived(
        call_id=call.id,
        hotline=call.hotline,
        dialled=call.dialled,
        system=call.system,
        direction=call.direction,
        caller_id=call.caller_id,
    )


def find(session: Session, system: str, system_id: str, *, lock: bool = False) -> Call | None:
    asked = {"system": system, "system_id": system_id}
    return session.scalar(_CALLED_LOCKED if lock else _CALLED, asked)


def get(session: Session, call_id: int, *, lock: bool = False) -> Call:
    call = session.get(Call, call_id, with_for_update=lock)
    if call is None:
        raise NotFound(f"no call {call_id}")
    return call


def enter_ivr(session: Session, call: Call, now: datetime) -> None:
    _move(call, CallState.IN_IVR)
    call.ivr_at = now
    record(session, CallEnteredIvr(call_id=call.id), actor="system:ivr", at=now)


def take_step(
    session: Session, call: Call, *, place: str, heard: str, keys: str, outcome: str, now: datetime
) -> None:
    """One turn of the dialogue; `heard` is keys, speech, silence or hang_up."""
    fact = IvrStepTaken(call_id=call.id, place=place, input=heard, keys=keys, outcome=outcome)
    record(session, fact, actor=_caller_actor(call), at=now)


def understand(
    session: Session,
    call: Call,
    *,
    item_code: str,
    confidence: float,
    source: str,
    now: datetime,
    heard: str | None = None,
    suggestions: list[dict[str, Any]] | None = None,
) -> None:
    """Pre-fill the item; the agent confirms. `source` is keys, confirmed (said, then 1) or alarm."""
    call.item_code, call.confidence, call.understood_by = item_code, confidence, source
    call.heard = heard or call.heard
    call.suggestions = suggestions or call.suggestions
    fact = CallUnderstood(call_id=call.id, item_code=item_code, confidence=confidence, source=source)
    record(session, fact, actor="system:ivr", at=now)


def remember_words(call: Call, heard: str, suggestions: list[dict[str, Any]]) -> None:
    """What the caller said, for the agent to see, also when nothing was understood with confidence."""
    call.heard, call.suggestions = heard, suggestions


def raise_alarm(
    session: Session, call: Call, *, rule: str, number: str, item_code: str, now: datetime
) -> None:
    """What was said sounds like an emergency: this caller is next."""
    call.alarm = rule
    record(session, EmergencyHeard(call_id=call.id, rule=rule, number=number), actor="system:ivr", at=now)
    understand(session, call, item_code=item_code, confidence=1.0, source="alarm", now=now)


def enqueue(session: Session, call: Call, queue: str, now: datetime) -> None:
    """The caller waits for a person. Told twice, it counts once."""
    if call.state == CallState.QUEUED:
        return
    _move(call, CallState.QUEUED)
    call.queue, call.queued_at = queue, now
    record(session, CallQueued(call_id=call.id, queue=queue), actor="system:ivr", at=now)


def requeue(session: Session, call: Call, queue: str, *, staff_id: int, now: datetime) -> None:
    """The agent puts the caller through: they wait again. Received and answered stay what they were."""
    _move(call, CallState.QUEUED)
    call.queue, call.requeued_at, call.staff_id = queue, now, None
    session.connection().execute(_END_LEGS, {"of_call": call.id, "now": now})
    fact = CallTransferred(
        call_id=call.id, staff_id=staff_id, queue=queue, case_number=call.case_number or ""
    )
    record(session, fact, actor=f"staff:{staff_id}", at=now)


def take_back(session: Session, call: Call, queue: str, *, staff_id: int, now: datetime) -> None:
    """The telephone system did not put the caller through: they talk to this agent as before."""
    if call.state != CallState.QUEUED or call.requeued_at is None:
        return
    _move(call, CallState.ANSWERED)
    call.queue, call.requeued_at, call.staff_id = queue, None, staff_id
    fact = CallTransferFailed(call_id=call.id, staff_id=staff_id)
    record(session, fact, actor="system:telephony", at=now)


def ring_agent(session: Session, call: Call, *, staff_id: int, system_id: str, now: datetime) -> CallLeg:
    """An agent's telephone rings; `system_id` is that leg's channel."""
    leg = _leg(session, call, system_id)
    if leg:
        return leg
    leg = CallLeg(call_id=call.id, party="agent", system_id=system_id, staff_id=staff_id, rang_at=now)
    session.add(leg)
    session.flush()
    fact = AgentRung(call_id=call.id, leg_id=leg.id, staff_id=staff_id)
    record(session, fact, actor="system:telephony", at=now)
    return leg


def miss_ring(session: Session, call: Call, *, system_id: str, now: datetime) -> None:
    """The agent's telephone stopped ringing unanswered."""
    leg = _leg(session, call, system_id)
    if leg is None or leg.answered_at or leg.ended_at or leg.staff_id is None:
        return
    leg.ended_at = now
    fact = AgentMissedRing(call_id=call.id, leg_id=leg.id, staff_id=leg.staff_id)
    record(session, fact, actor="system:telephony", at=now)


def answer(session: Session, call: Call, *, staff_id: int, system_id: str, now: datetime) -> None:
    """A person talks to the caller. Told twice, it counts once."""
    if call.state == CallState.ANSWERED:
        return
    leg = ring_agent(session, call, staff_id=staff_id, system_id=system_id, now=now)
    _move(call, CallState.ANSWERED)
    call.answered_at = call.answered_at or now
    call.staff_id, call.requeued_at, leg.answered_at = staff_id, None, now
    fact = CallAnswered(call_id=call.id, leg_id=leg.id, staff_id=staff_id)
    record(session, fact, actor=f"staff:{staff_id}", at=now)


def end(session: Session, call: Call, now: datetime, reason: EndReason | None = None) -> None:
    """Hang-up. The reason follows from where the call stood unless `reason` is given."""
    if call.state == CallState.ENDED:
        return
    call.end_reason = reason or _reason_for(call)
    _move(call, CallState.ENDED)
    call.ended_at = now
    session.connection().execute(_END_LEGS, {"of_call": call.id, "now": now})
    fact = CallEnded(call_id=call.id, reason=call.end_reason, answered=call.answered_at is not None)
    record(session, fact, actor="system:telephony", at=now)


def end_with_message(session: Session, call: Call, now: datetime) -> None:
    """The caller left a message. Who was told of as having hung up meanwhile did not abandon the call."""
    if call.state == CallState.ENDED and call.end_reason == EndReason.ABANDONED_IVR:
        call.end_reason = EndReason.MESSAGE
        fact = CallEnded(call_id=call.id, reason=EndReason.MESSAGE, answered=False)
        record(session, fact, actor="system:ivr", at=call.ended_at or now)
    else:
        end(session, call, now, EndReason.MESSAGE)


def block(session: Session, call: Call, reason: str, now: datetime) -> None:
    """All lines taken: the caller heard busy. Counted apart from received-in-queue (rules 2.2)."""
    if call.state == CallState.ENDED:
        return
    record(session, CallBlocked(call_id=call.id, reason=reason), actor="system:telephony", at=now)
    end(session, call, now, EndReason.BLOCKED)


def keep_recording(session: Session, call: Call, path: str, now: datetime) -> None:
    """`path` is relative to the recordings directory; told twice, kept once."""
    statement = insert(Recording).values(call_id=call.id, path=path, recorded_at=now)
    if session.execute(statement.on_conflict_do_nothing().returning(Recording.id)).scalar():
        record(session, CallRecorded(call_id=call.id, path=path), actor="system:telephony", at=now)


def wrap_up(session: Session, call: Call, *, staff_id: int, disposition: str, now: datetime) -> None:
    """After-call work is done (`w`)."""
    if call.wrapped_up_at or call.staff_id not in (None, staff_id):
        return  # who talked last says how it went
    call.wrapped_up_at, call.disposition = now, disposition
    fact = CallWrappedUp(call_id=call.id, staff_id=staff_id, disposition=disposition)
    record(session, fact, actor=f"staff:{staff_id}", at=now)


def _move(call: Call, new: CallState) -> None:
    old = CallState(call.state)
    if new not in MOVES[old]:
        raise TransitionRefused("call", old, new)
    call.state = new


def _reason_for(call: Call) -> EndReason:
    if call.answered_at:
        return EndReason.ANSWERED
    # an outbound call whose citizen asked for a person ends like any other
    if call.direction == "outbound" and call.state in (CallState.RINGING, CallState.IN_IVR):
        return EndReason.SERVED if call.state == CallState.IN_IVR else EndReason.NO_ANSWER
    return {
        CallState.ANSWERED: EndReason.ANSWERED,
        CallState.QUEUED: EndReason.ABANDONED_QUEUE,
    }.get(CallState(call.state), EndReason.ABANDONED_IVR)


def _leg(session: Session, call: Call, system_id: str) -> CallLeg | None:
    return session.scalar(select(CallLeg).where(CallLeg.call_id == call.id, CallLeg.system_id == system_id))


def _caller_actor(call: Call) -> str:
    return f"caller:{call.caller_id}" if call.caller_id else "caller:withheld"
