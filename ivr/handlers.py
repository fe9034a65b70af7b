"""How the telephone line reacts to facts raised elsewhere."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hotline.callbacks import service as callbacks
from hotline.callbacks.models import CallBackReason
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.calls.states import EndReason
from hotline.event_log import Event
from hotline.jobs import wake
from ivr.models import SurveyCall


def on_survey_call_due(session: Session, event: Event) -> None:
    """Nobody answered the text message: ring and ask."""
    row = {"event_id": event.id, "survey_id": event.data["survey_id"], "next_at": event.at}
    session.execute(insert(SurveyCall).values(row).on_conflict_do_nothing())
    wake(session, "ivr.jobs.ring_due_surveys")


def on_call_ended(session: Session, event: Event) -> None:
    """Z09: a caller who gave up waiting is rung back, unless they got through before we came to it."""
    if event.data["reason"] != EndReason.ABANDONED_QUEUE:
        return
    call = calls.get(session, event.call_id or 0)
    if call.direction != "inbound" or call.caller_id is None or _got_through_since(session, call):
        return
    callbacks.request(
        session,
        reason=CallBackReason.ABANDONED,
        caller_id=call.caller_id,
        call_id=call.id,
        now=event.at,
    )


def on_call_answered(session: Session, event: Event) -> None:
    """Z09: the caller got through by themselves; nobody need ring them about a missed call."""
    call = calls.get(session, event.call_id or 0)
    if call.direction == "inbound" and call.caller_id:
        callbacks.cancel_missed(session, caller_id=call.caller_id, now=event.at)


def _got_through_since(session: Session, call: Call) -> bool:
    later = select(Call.id).where(Call.caller_id == call.caller_id, Call.answered_at > call.ended_at)
    return session.scalar(later.limit(1)) is not None
