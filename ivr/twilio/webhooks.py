"""What Twilio (or the simulated switch) asks and tells us. Every request carries a signature, or is refused.

A caller's document is never missing: if we fail, the answer puts the caller into the operator queue.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import wraps

from flask import Blueprint, Response, abort, request
from sqlalchemy.orm import Session

from hotline import clock
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.calls.states import CallState, EndReason
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import NotFound
from hotline.telephony.ports import queue_of
from hotline.twilio.webhooks import is_signed
from hotline.web.access import machine
from ivr import service
from ivr.flow import HUNG_UP, DialogueState, Heard, heard_from
from ivr.flows.off_hours import OPERATOR, is_message
from ivr.twilio import agent_leg, twiml

logger = logging.getLogger(__name__)
blueprint = Blueprint("twilio_voice", __name__, url_prefix="/twilio")

ROUND_SECONDS = 20
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
# What Twilio writes for a caller without a number; they look like numbers.
WITHHELD = frozenset({"+266696687", "+86282452253", "+2562533", "+8656696", "+464"})

Document = Callable[[], str]
View = Callable[[], Response]


@blueprint.before_request
def refuse_unsigned() -> None:
    if not is_signed(request):
        logger.warning("refused an unsigned request for %s", request.path)
        abort(403)


def answers_with_twiml(last_resort: Document) -> Callable[[Document], View]:
    """A view that speaks to a caller; when it fails the caller gets `last_resort`."""

    def wrap(document: Document) -> View:
        @wraps(document)
        def view() -> Response:
            try:
                return _xml(document())
            except Exception:
                logger.exception("%s failed for call %s", request.path, request.form.get("CallSid"))
                return _xml(last_resort())

        return machine(view)

    return wrap


def to_operator_queue() -> str:
    """Needs no database: the dialled number is in the settings."""
    dialled = {request.form.get("To", ""), request.form.get("From", "")}
    hotlines = (settings().telephony.hotline_of(number) for number in sorted(dialled))
    hotline = next((hotline for hotline in hotlines if hotline), settings().telephony.numbers[0].hotline)
    return twiml.enqueue(queue_of(hotline), language=settings().ivr.language, prompt="sorry_error_to_agent")


def keep_waiting() -> str:
    return twiml.wait("hold_wait", language=settings().ivr.language, seconds=ROUND_SECONDS)


@blueprint.post("/voice")
@answers_with_twiml(to_operator_queue)
def voice() -> str:
    """Somebody dials one of our numbers."""
    now = clock.now()
    try:
        with transaction() as session:
            call = _receive(session, now)
            if call.state == CallState.ENDED:
                return twiml.reject("busy")
            return twiml.render(service.begin(session, call, "public_line", now, speech=True))
    except service.UnknownNumber as error:
        logger.warning("refused a call: %s", error)
        return twiml.reject("rejected")


@blueprint.post("/survey")
@answers_with_twiml(to_operator_queue)
def survey() -> str:
    """The citizen we rang has answered."""
    now = clock.now()
    with transaction() as session:
        call = service.receive_survey(
            session,
            survey_id=int(request.args["survey"]),
            system=settings().telephony.system,
            system_id=request.form["CallSid"],
            now=now,
        )
        return twiml.render(service.begin(session, call, "survey", now))


@blueprint.post("/turn")
@answers_with_twiml(to_operator_queue)
def turn() -> str:
    """Keys, words or silence after a Gather; a message after a Record."""
    heard = _message() or heard_from(request.form.get("Digits", ""), request.form.get("SpeechResult", ""))
    if heard.kind == "speech":
        with transaction() as session:
            hotline = _this_call(session).hotline
        heard = service.listen(hotline, heard)
    with transaction() as session:
        call = _this_call(session, lock=True)
        line = service.line_of(call, speech=call.purpose == "public_line")
        state = DialogueState.resume(line, request.args)
        return twiml.render(service.turn(session, call, state, heard, clock.now()))


@blueprint.post("/queue-wait")
@answers_with_twiml(keep_waiting)
def queue_wait() -> str:
    """One round in the queue: the position is told, until the longest wait is over."""
    now, longest = clock.now(), settings().telephony.queue_max_wait_seconds
    with transaction() as session:
        call = _waiting_call(session, now)
        if call.state in (CallState.RINGING, CallState.IN_IVR):
            # a last resort put the caller here without our database
            calls.enqueue(session, call, queue_of(call.hotline), now)
        left = longest - _waited(call, now)
        if call.state != CallState.QUEUED or left < 1:
            return twiml.leave_queue()
        prompt = service.position_prompt(session, call)
    return twiml.wait(prompt, language=settings().ivr.language, seconds=min(ROUND_SECONDS, int(left)))


@blueprint.post("/after-queue")
@answers_with_twiml(twiml.hang_up)
def after_queue() -> str:
    """Out of the queue: to an agent (we redirected the call), gone, or nobody came in time."""
    result, now = request.form.get("QueueResult", ""), clock.now()
    if result.startswith(("redirected", "bridg")):
        return twiml.nothing()
    with transaction() as session:
        call = _waiting_call(session, now)
        if result == "hangup":
            calls.end(session, call, now)
            return twiml.hang_up()
        return twiml.render(service.begin(session, call, "after_queue", now))


@blueprint.post("/agent-leg")
@answers_with_twiml(to_operator_queue)
def agent_leg_document() -> str:
    """An agent was chosen (agents/): the waiting caller's call dials the agent's telephone."""
    with transaction() as session:
        return agent_leg.connect(
            session,
            _this_call(session, lock=True),
            leg=request.args["leg"],
            extension=request.args["extension"],
            now=clock.now(),
        )


@blueprint.post("/transferred")
@answers_with_twiml(to_operator_queue)
def transferred() -> str:
    """An agent put the caller through to the other hotline; the database may be away."""
    return twiml.enqueue(request.args["queue"], language=settings().ivr.language, prompt="transfer_to_agent")


@blueprint.post("/after-agent")
@answers_with_twiml(to_operator_queue)
def after_agent() -> str:
    """The agent's leg is over: they talked, or nobody picked up and the caller waits on."""
    with transaction() as session:
        return agent_leg.finished(
            session,
            _this_call(session, lock=True),
            leg=request.args["leg"],
            status=request.form.get("DialCallStatus", ""),
            now=clock.now(),
        )


@blueprint.post("/agent-whisper")
@answers_with_twiml(twiml.nothing)
def agent_whisper() -> str:
    """What the agent alone hears before the caller."""
    return twiml.say("agent_whisper", language=settings().ivr.language)


@blueprint.post("/agent-status")
@machine
def agent_status() -> Response:
    with transaction() as session:
        call = _call(session, request.args["call"], lock=True)
        agent_leg.told(
            session,
            call,
            leg=request.args["leg"],
            extension=request.args["extension"],
            status=request.form.get("CallStatus", ""),
            now=clock.now(),
        )
    return Response(status=204)


@blueprint.post("/status")
@machine
def status() -> Response:
    """A call of ours is over (Twilio's call status callback; other states need nothing)."""
    told = request.form.get("CallStatus", "")
    if told in OVER:
        with transaction() as session:
            call = _this_call(session, lock=True)
            calls.end(session, call, clock.now(), EndReason.FAILED if told == "failed" else None)
    return Response(status=204)


@blueprint.post("/recording")
@machine
def recording() -> Response:
    """A recording is ready at Twilio; a worker fetches it."""
    if request.form.get("RecordingStatus", "completed") == "completed":
        with transaction() as session:
            service.recording_ready(
                session, _this_call(session), recording_id=request.form["RecordingSid"], now=clock.now()
            )
    return Response(status=204)


def _message() -> Heard | None:
    """What was kept after the tone. The key 0 asks for a person; "hangup" is what Twilio makes of one."""
    if "RecordingSid" not in request.form:
        return None
    key, seconds = request.form.get("Digits", ""), int(request.form.get("RecordingDuration", "0"))
    if key == OPERATOR:
        return heard_from(key)
    heard = Heard("message", seconds=seconds)
    return HUNG_UP if key == "hangup" and not is_message(heard) else heard


def _this_call(session: Session, *, lock: bool = False) -> Call:
    return _call(session, request.form["CallSid"], lock=lock)


def _call(session: Session, system_id: str, *, lock: bool = False) -> Call:
    call = calls.find(session, settings().telephony.system, system_id, lock=lock)
    if call is None:
        raise NotFound(f"no call {system_id}")
    return call


def _waiting_call(session: Session, now: datetime) -> Call:
    """The call of a caller who is in the queue, opened now if our database was away when it arrived."""
    call = calls.find(session, settings().telephony.system, request.form["CallSid"], lock=True)
    return call or _receive(session, now)


def _receive(session: Session, now: datetime) -> Call:
    """Raises UnknownNumber."""
    caller = request.form.get("From", "")
    return service.receive(
        session,
        system=settings().telephony.system,
        system_id=request.form["CallSid"],
        dialled=request.form.get("To", ""),
        number=None if caller in WITHHELD else caller,
        now=now,
    )


def _waited(call: Call, now: datetime) -> float:
    since = call.requeued_at or call.queued_at
    return (now - since).total_seconds() if since else 0.0


def _xml(document: str) -> Response:
    return Response(document, mimetype="text/xml")
