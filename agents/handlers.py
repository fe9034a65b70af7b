"""How agents react to facts: presence follows the telephone, missed callers are rung back (Z09)."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agents import service
from hotline.callbacks import service as callbacks
from hotline.callbacks.models import CallBackReason
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.calls.states import EndReason
from hotline.event_log import Event
from hotline.jobs import wake
from hotline.telephony.ports import telephony

DISTRIBUTE = "agents.jobs.distribute"
MEND_MEMBERSHIP = "agents.jobs.mend_membership"
MISSED = frozenset({EndReason.ABANDONED_IVR, EndReason.ABANDONED_QUEUE, EndReason.FAILED})


def on_call_queued(session: Session, event: Event) -> None:
    wake(session, DISTRIBUTE)


def on_agent_state_changed(session: Session, event: Event) -> None:
    """Somebody is free, or a caller has to be offered to the next agent.

    Not when distribution itself let go, because the telephone system is away: the sweep tries again.
    """
    free = event.data["new"] == "available" or event.data["old"] == "ringing"
    if free and event.actor != service.DISTRIBUTION:
        wake(session, DISTRIBUTE)


def follow_in_queues(session: Session, event: Event) -> None:
    """Where the telephone system distributes, its queue members follow the agent."""
    if telephony().distributes:
        wake(session, MEND_MEMBERSHIP)


def on_telephony_link_changed(session: Session, event: Event) -> None:
    """After a restart of the telephone system its queues are empty."""
    if event.data["up"]:
        wake(session, MEND_MEMBERSHIP)


def on_agent_rung(session: Session, event: Event) -> None:
    service.ring(session, event.data["staff_id"], _call(session, event), event.at)


def on_agent_missed_ring(session: Session, event: Event) -> None:
    service.miss(session, event.data["staff_id"], _call(session, event), event.at)


def on_call_answered(session: Session, event: Event) -> None:
    """The agent talks; call-backs for calls this person lost before are not needed any more."""
    call = _call(session, event)
    service.talk(session, event.data["staff_id"], call, event.at)
    if call.caller_id and call.direction == "inbound":
        callbacks.cancel_missed(session, caller_id=call.caller_id, now=event.at)


def on_call_ended(session: Session, event: Event) -> None:
    call = _call(session, event)
    service.call_over(session, call, event.at)
    if call.end_reason == EndReason.MESSAGE and call.caller_id:
        # it was first told of as abandoned
        callbacks.cancel_missed(session, caller_id=call.caller_id, now=event.at, only_call=call.id)
    if _missed(call) and not _got_through_since(session, call) and call.caller_id:
        callbacks.request(
            session, reason=CallBackReason.ABANDONED, caller_id=call.caller_id, call_id=call.id, now=event.at
        )


def on_staff_signed_out(session: Session, event: Event) -> None:
    """Who leaves the site leaves the line."""
    service.leave(session, event.data["staff_id"], event.at)


def _call(session: Session, event: Event) -> Call:
    if event.call_id is None:
        raise ValueError(f"event {event.id} names no call")
    return calls.get(session, event.call_id)


def _missed(call: Call) -> bool:
    """Z09: every abandoned call with a number; blocked calls never reached us and are counted apart. Who was
    put through and hung up before the next agent answered is rung back too.
    """
    if call.requeued_at:
        return True
    return call.direction == "inbound" and call.answered_at is None and call.end_reason in MISSED


def _got_through_since(session: Session, call: Call) -> bool:
    """True when the caller was answered on another call before we came to ask for a call-back."""
    answered = exists().where(Call.caller_id == call.caller_id, Call.answered_at >= call.ended_at)
    return bool(session.scalar(select(answered)))
