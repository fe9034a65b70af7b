"""What Asterisk tells of a call, put on record. Told twice, late or out of turn, nothing counts twice.

A call is the caller's channel: its Uniqueid is the call's system id, and the dialplan keeps it in
HOTLINE_CALL, which the agent's channel inherits. Whoever hears of a call first opens it: the dialogue
(ivr/asterisk), or we.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.calls.states import CallState
from hotline.config import settings
from hotline.staff.models import Staff
from hotline.telephony.asterisk.ami import AmiMessage
from hotline.telephony.asterisk.connection import SYSTEM, extension_of
from hotline.telephony.ports import LINES_TAKEN

logger = logging.getLogger(__name__)

CALL, DIALLED = "HOTLINE_CALL", "HOTLINE_DIALLED"
# The user event of a call the dialplan refuses (ivr/asterisk/dialplan.py): LINES_TAKEN or unknown_number.
BLOCKED = "HotlineBlocked"
BEFORE_QUEUE = (CallState.RINGING, CallState.IN_IVR)


def apply(session: Session, event: AmiMessage, at: datetime) -> None:
    """Do what this event means; nothing for any other event."""
    EVENTS[event.event](session, event, at)


def concerns_us(event: AmiMessage) -> bool:
    """Cheap: asked of every event Asterisk sends."""
    if event.event == "UserEvent":
        return event["UserEvent"] == BLOCKED
    return event.event in EVENTS and event.variables().get(CALL) == event["Uniqueid"]


def _joined(session: Session, event: AmiMessage, at: datetime) -> None:
    _waiting(session, event, at)


def _rung(session: Session, event: AmiMessage, at: datetime) -> None:
    call, staff_id = _waiting(session, event, at), staff_at(session, event["Interface"])
    if call and staff_id:
        calls.ring_agent(session, call, staff_id=staff_id, system_id=event["DestUniqueid"], now=at)


def _missed(session: Session, event: AmiMessage, at: datetime) -> None:
    call = _waiting(session, event, at)
    if call:
        calls.miss_ring(session, call, system_id=event["DestUniqueid"], now=at)


def _answered(session: Session, event: AmiMessage, at: datetime) -> None:
    call, staff_id = _waiting(session, event, at), staff_at(session, event["Interface"])
    if call and staff_id:
        calls.answer(session, call, staff_id=staff_id, system_id=event["DestUniqueid"], now=at)


def _hung_up(session: Session, event: AmiMessage, at: datetime) -> None:
    call = found_or_opened(session, event["Uniqueid"], event["CallerIDNum"], event.variables(), at)
    if call:
        calls.end(session, call, at)


def _blocked(session: Session, event: AmiMessage, at: datetime) -> None:
    """Only our own numbers make calls; one that is not ours is for the operator of the trunk to look at."""
    if event["Reason"] != LINES_TAKEN:
        logger.warning("a call was refused: %s", event["Reason"])
        return
    call = found_or_opened(session, event["Uniqueid"], event["CallerIDNum"], {DIALLED: event["Exten"]}, at)
    if call:
        calls.block(session, call, LINES_TAKEN, at)


EVENTS: dict[str, Callable[[Session, AmiMessage, datetime], None]] = {
    "QueueCallerJoin": _joined,
    "AgentCalled": _rung,
    "AgentRingNoAnswer": _missed,
    "AgentConnect": _answered,
    "Hangup": _hung_up,
    "UserEvent": _blocked,
}


def note_answered(
    session: Session, *, system_id: str, interface: str, held_seconds: int, now: datetime
) -> None:
    """The call itself says at its end who answered it, after how long: for who did not hear of it before."""
    call = calls.find(session, SYSTEM, system_id, lock=True)
    staff_id = staff_at(session, interface) if call and call.state == CallState.QUEUED else None
    if call and call.queued_at and staff_id:
        at = min(now, call.queued_at + timedelta(seconds=held_seconds))
        calls.answer(session, call, staff_id=staff_id, system_id=f"{system_id}/{interface}", now=at)
        calls.end(session, call, now)


def found_or_opened(
    session: Session, system_id: str, number: str, variables: Mapping[str, str], at: datetime
) -> Call | None:
    """The call of this channel, locked; opened if the dialogue never did. None if it is no call of ours."""
    call = calls.find(session, SYSTEM, system_id, lock=True)
    dialled = variables.get(DIALLED, "")
    hotline = settings().telephony.hotline_of(dialled)
    if call or hotline is None:
        return call
    return calls.open_call(
        session, hotline=hotline, dialled=dialled, number=number, system=SYSTEM, system_id=system_id, now=at
    )


def put_in_queue(session: Session, call: Call, queue: str, at: datetime) -> None:
    """Unless the call has come further than that already."""
    if call.state in BEFORE_QUEUE:
        calls.enqueue(session, call, queue, at)


def staff_at(session: Session, interface: str) -> int | None:
    """Whose telephone this is."""
    staff_id = session.scalar(select(Staff.id).where(Staff.extension == extension_of(interface)))
    if staff_id is None:
        logger.error("%s is in a queue but is nobody's telephone", interface)
    return staff_id


def _waiting(session: Session, event: AmiMessage, at: datetime) -> Call | None:
    """The call, if its caller waits now: an agent cannot ring, or answer, for any other."""
    call = found_or_opened(session, event["Uniqueid"], event["CallerIDNum"], event.variables(), at)
    if call is None:
        return None
    put_in_queue(session, call, event["Queue"], at)
    return call if call.state == CallState.QUEUED else None
