"""Between a telephone system and the pure flows: opens calls, plays turns, records every step.

Both carriers (ivr/asterisk, ivr/twilio) and the walker use it. Whatever fails in a flow, a person takes over.
"""

import logging
from datetime import datetime

from sqlalchemy import func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hotline.callbacks import service as callbacks
from hotline.callbacks.models import CallBackReason
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.calls.states import CallState, EndReason
from hotline.config import settings
from hotline.errors import HotlineError
from hotline.jobs import wake
from hotline.legal import service as legal
from hotline.surveys import service as surveys
from hotline.surveys.grades import Satisfaction
from hotline.telephony.ports import LINES_TAKEN, queue_of
from ivr import hearing
from ivr.flow import (
    HUNG_UP,
    SILENCE,
    START,
    Act,
    DialogueState,
    EmergencySaid,
    Heard,
    Line,
    MessageLeft,
    NobodyCame,
    SurveyDone,
    Turn,
    Understood,
)
from ivr.flows import FLOWS, off_hours
from ivr.models import RecordingFetch
from ivr.verbs import Enqueue, HangUp, Say

logger = logging.getLogger(__name__)

# Where keys and words are looked up in the catalogue; elsewhere a key is just a key.
ASKS_FOR_THE_MATTER = frozenset({("public_line", "chosen")})
# Before this is played the call already waits for a person, or is over.
WITHOUT_GREETING = frozenset({"after_queue"})
LAST_TOLD_POSITION = 10


class UnknownNumber(HotlineError):
    """The dialled number is none of ours (telephony.numbers); the carrier refuses the call."""

    code = "unknown_number"


def receive(
    session: Session, *, system: str, system_id: str, dialled: str, number: str | None, now: datetime
) -> Call:
    """An inbound call. With all lines taken it comes back ended (EndReason.BLOCKED): refuse it as busy.

    Raises UnknownNumber. Told twice, it is one call.
    """
    hotline = settings().telephony.hotline_of(dialled)
    if hotline is None:
        raise UnknownNumber(f"the number {dialled} is not in telephony.numbers")
    known = calls.find(session, system, system_id)
    if known:
        return known
    full = live_calls(session) >= settings().telephony.max_calls
    call = calls.open_call(
        session,
        hotline=hotline,
        dialled=dialled,
        number=number,
        system=system,
        system_id=system_id,
        now=now,
    )
    if full:
        calls.block(session, call, LINES_TAKEN, now)
    return call


def live_calls(session: Session) -> int:
    """How many lines are taken."""
    live = select(func.count()).select_from(Call).where(Call.state != CallState.ENDED)
    return session.scalars(live).one()


def receive_survey(session: Session, *, survey_id: int, system: str, system_id: str, now: datetime) -> Call:
    """The call we made for this survey: opened by whoever hears of it first, the worker or the carrier."""
    survey = surveys.get(session, survey_id)
    return calls.open_call(
        session,
        hotline=survey.ticket.hotline,
        dialled=survey.ticket.hotline,
        number=survey.number,
        system=system,
        system_id=system_id,
        now=now,
        direction="outbound",
        purpose="survey",
        survey_id=survey_id,
    )


def recording_ready(session: Session, call: Call, *, recording_id: str, now: datetime) -> None:
    """A recording lies with the carrier: a worker shall fetch it. Told twice, fetched once."""
    row = {"recording_id": recording_id, "call_id": call.id, "next_at": now}
    session.execute(insert(RecordingFetch).values(row).on_conflict_do_nothing())
    wake(session, "ivr.jobs.fetch_recordings")


def position_prompt(session: Session, call: Call) -> str:
    """What a waiting caller hears, in the order of NEXT_FIRST, whatever queue rounds the carrier counts."""
    calmer = literal(call.alarm is None)
    before = tuple_(Call.alarm.is_(None), Call.queued_at) < tuple_(calmer, call.queued_at)
    ahead = select(func.count()).where(Call.state == CallState.QUEUED, Call.queue == call.queue, before)
    place = session.scalars(ahead).one() + 1
    return f"queue_position_{place}" if place <= LAST_TOLD_POSITION else "queue_position_more"


def begin(
    session: Session, call: Call, flow: str, now: datetime, *, speech: bool = False, speaks: bool = True
) -> Turn:
    """The first turn of a flow. `speech`: this line has a recogniser; `speaks`: it says any words.

    The public line is another one out of the hours of 12348 (Z26).
    """
    if flow == "public_line" and legal.takes_messages(call.hotline, now):
        flow = "off_hours"
    line = line_of(call, speech=speech, speaks=speaks)
    return turn(session, call, DialogueState(line, flow), SILENCE, now)


def listen(hotline: str, heard: Heard) -> Heard:
    """What words may be about, asked before the turn's transaction. A fault is left to the turn, which has a
    last resort."""
    try:
        return hearing.listen(hotline, heard)
    except Exception:
        logger.exception("nothing could be made of a caller's words")
        return heard


def turn(session: Session, call: Call, state: DialogueState, heard: Heard, now: datetime) -> Turn:
    """What the line does next; every step is recorded. Never raises for a fault of a flow or the catalogue:
    the caller is then put through to the operator queue. `call` is locked, or guarded by its version.
    """
    if call.state == CallState.ENDED and heard.kind != "message":
        return _nothing_more(state)
    if heard.kind == "hang_up":
        return _hung_up(session, call, state, now)
    try:
        if (state.flow, state.place) in ASKS_FOR_THE_MATTER:
            heard = hearing.read(session, call, state.line, heard)
        made = FLOWS[state.flow][state.place](state, heard)
    except Exception:
        logger.exception("call %s: flow %s failed at %s; putting through", call.id, state.flow, state.place)
        return _last_resort(session, call, state, heard, now)
    _write_down(session, call, state, heard, made, now=now)
    return made


def keep_message(session: Session, call: Call, state: DialogueState, heard: Heard, now: datetime) -> None:
    """The caller hung up while speaking after the tone: what was said until then is a message."""
    if off_hours.is_message(heard):
        turn(session, calls.get(session, call.id, lock=True), state, heard, now)
    else:
        note_hang_up(session, call, state, now)


def note_hang_up(session: Session, call: Call, state: DialogueState, now: datetime) -> None:
    """The line ended here. The end of the call, and its reason, come from whoever watches the line."""
    _step(session, call, state, HUNG_UP, "hung_up", now=now)


def line_of(call: Call, *, speech: bool, speaks: bool = True) -> Line:
    ivr = settings().ivr
    return Line(
        hotline=call.hotline,
        language=ivr.language,
        queue=queue_of(call.hotline),
        speech=speech,
        speaks=speaks,
        known_number=call.caller_id is not None,
        menu=ivr.menu,
        tries=ivr.tries,
        seconds=ivr.input_seconds,
        message_seconds=settings().legal.message_seconds,
    )


def _write_down(
    session: Session, call: Call, state: DialogueState, heard: Heard, made: Turn, *, now: datetime
) -> None:
    if state.place != START:
        _step(session, call, state, heard, made.outcome, now=now)
    elif state.flow not in WITHOUT_GREETING and call.state == CallState.RINGING:
        calls.enter_ivr(session, call, now)
    for act in made.acts:
        _record(session, call, act, now)
    if isinstance(made.verbs[-1], Enqueue):
        calls.enqueue(session, call, made.verbs[-1].queue, now)


def _hung_up(session: Session, call: Call, state: DialogueState, now: datetime) -> Turn:
    _step(session, call, state, HUNG_UP, "hung_up", now=now)
    calls.end(session, call, now)
    return _nothing_more(state)


def _step(
    session: Session, call: Call, state: DialogueState, heard: Heard, outcome: str, *, now: datetime
) -> None:
    place = f"{state.flow}.{state.place}"
    calls.take_step(session, call, place=place, heard=heard.kind, keys=heard.keys, outcome=outcome, now=now)


def _record(session: Session, call: Call, act: Act, now: datetime) -> None:
    match act:
        case Understood(matter):
            calls.understand(
                session,
                call,
                item_code=matter.code,
                confidence=matter.confidence,
                source=matter.source,
                now=now,
            )
        case EmergencySaid(alarm):
            calls.raise_alarm(
                session, call, rule=alarm.rule, number=alarm.number, item_code=alarm.item_code, now=now
            )
        case SurveyDone(solved, grade) if call.survey_id:
            satisfaction = list(Satisfaction)[grade - 1]
            surveys.answer(
                session, call.survey_id, solved=solved, satisfaction=satisfaction, mode="ivr", now=now
            )
        case NobodyCame():
            _overflow(session, call, now)
        case MessageLeft(seconds, recording):
            if recording:
                calls.keep_recording(session, call, recording, now)
            legal.take_message(session, call, seconds=seconds, now=now)
            calls.end_with_message(session, call, now)


def _overflow(session: Session, call: Call, now: datetime) -> None:
    if call.caller_id:
        callbacks.request(
            session, reason=CallBackReason.NO_AGENT, caller_id=call.caller_id, call_id=call.id, now=now
        )
    calls.end(session, call, now, EndReason.OVERFLOWED)


def _last_resort(session: Session, call: Call, state: DialogueState, heard: Heard, now: datetime) -> Turn:
    _step(session, call, state, heard, "error_to_agent", now=now)
    calls.enqueue(session, call, state.line.queue, now)
    verbs = (Say("sorry_error_to_agent"), Enqueue(state.line.queue))
    return Turn(verbs, state, outcome="error_to_agent")


def _nothing_more(state: DialogueState) -> Turn:
    return Turn((HangUp(),), state, outcome="over")
