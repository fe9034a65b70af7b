"""The agent's leg of a Twilio call: rung, answered, missed, over."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.calls.states import CallState
from hotline.config import settings
from hotline.errors import NotFound
from hotline.staff.models import Staff
from hotline.telephony.ports import queue_of
from ivr.twilio import twiml

MISSED = frozenset({"no-answer", "busy", "failed"})


def connect(session: Session, call: Call, *, leg: str, extension: str, now: datetime) -> str:
    """The agent's telephone rings from here on."""
    if call.state != CallState.QUEUED:
        return twiml.hang_up()
    calls.ring_agent(session, call, staff_id=_staff_at(session, extension), system_id=leg, now=now)
    return twiml.dial_agent(extension, leg=leg, call_sid=call.system_id)


def told(session: Session, call: Call, *, leg: str, extension: str, status: str, now: datetime) -> None:
    """Twilio's word on the agent's leg; it may come twice, late, or after the caller is gone."""
    if status == "in-progress" and call.state == CallState.QUEUED:
        staff_id = _staff_at(session, extension)
        calls.answer(session, call, staff_id=staff_id, system_id=leg, now=now)
    elif status in MISSED:
        calls.miss_ring(session, call, system_id=leg, now=now)


def finished(session: Session, call: Call, *, leg: str, status: str, now: datetime) -> str:
    """After an agent who did not answer the caller waits on, in the old place (it counts from queued_at)."""
    if status in MISSED and call.state == CallState.QUEUED:
        calls.miss_ring(session, call, system_id=leg, now=now)
        return twiml.enqueue(call.queue or queue_of(call.hotline), language=settings().ivr.language)
    calls.end(session, call, now)
    return twiml.hang_up()


def _staff_at(session: Session, extension: str) -> int:
    staff_id = session.scalar(select(Staff.id).where(Staff.extension == extension))
    if staff_id is None:
        raise NotFound(f"nobody has extension {extension}")
    return staff_id
