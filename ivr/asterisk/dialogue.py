"""The flows played over AGI. The database works in threads; no transaction is open while a prompt plays.

Asterisk finds a prompt by its key in the language of the channel (settings.sounds_dirs). What fails here
leaves the caller to the dialplan, whose next step is the operators' queue.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from hotline import clock
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import InvalidInput
from hotline.telephony.asterisk import call_events
from hotline.telephony.asterisk.ordered_writes import OrderedWrites
from ivr import service
from ivr.asterisk import messages
from ivr.asterisk.agi import AgiSession, CallerHungUp
from ivr.asterisk.agi_server import Handler
from ivr.asterisk.listening import Ear
from ivr.flow import DialogueState, Heard, Turn, heard_from
from ivr.prompts import name_sound
from ivr.verbs import Enqueue, Gather, HangUp, Name, Record, Say

SYSTEM = "asterisk"
Result = TypeVar("Result")
Opener = Callable[[Session, "Line", datetime], Call]


@dataclass(frozen=True)
class Line:
    """What Asterisk told when it handed the caller to us."""

    system_id: str
    number: str
    dialled: str
    survey: str = ""


@dataclass(frozen=True)
class Step:
    """Where the dialogue of one call stands; the call as the last transaction left it."""

    call: Call
    turn: Turn

    @property
    def state(self) -> DialogueState:
        """Where what is heard now belongs."""
        return self.turn.next_state if self.turn.goto else self.turn.state


class Dialogues:
    """The routes of our AGI server. Turns are taken in `threads`; what nobody waits for goes to `writes`."""

    def __init__(self, threads: Executor, writes: OrderedWrites, ear: Ear | None = None) -> None:
        """Without an `ear` callers press keys."""
        self._threads = threads
        self._writes = writes
        self._ear = ear

    @property
    def routes(self) -> Mapping[str, Handler]:
        return {
            "public_line": partial(self._lead, "public_line", open_inbound),
            "after_queue": partial(self._lead, "after_queue", find_waiting),
            "survey": partial(self._lead, "survey", open_survey),
            "answered": self._note_answered,
        }

    async def _lead(self, flow: str, opener: Opener, agi: AgiSession) -> None:
        line = await _line_of(agi)
        listens = self._ear is not None and self._ear.ready
        step = await self._in_thread(partial(_begin, flow, opener, line, listens))
        try:
            await _answer(agi, step.turn)
            while heard := await self._play(agi, step.turn):
                step = await self._in_thread(partial(_go_on, step, heard))
        except CallerHungUp:
            # Asterisk closes our connection for a hang-up and when it dies: the listener knows which it was
            self._note_hang_up(agi, step)
            raise

    def _note_hang_up(self, agi: AgiSession, step: Step) -> None:
        now = clock.now()
        match step.turn.verbs[-1]:
            case HangUp():
                return
            case Record():
                heard = messages.said_by(agi.unique_id)
                self._writes.put(
                    "a message",
                    partial(service.keep_message, call=step.call, state=step.state, heard=heard, now=now),
                )
            case _:
                self._writes.put(
                    "a hang-up", partial(service.note_hang_up, call=step.call, state=step.state, now=now)
                )

    async def _note_answered(self, agi: AgiSession) -> None:
        """A call that an agent answered has ended; the listener knew both already, unless it was away."""
        note = partial(
            call_events.note_answered,
            system_id=agi.unique_id,
            interface=agi.argument(1),
            held_seconds=int(agi.argument(2) or 0),
            now=clock.now(),
        )
        self._writes.put("an answered call", note)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def _play(self, agi: AgiSession, turn: Turn) -> Heard | None:
        """What the last verb heard; None when the dialogue is over."""
        for verb in turn.verbs:
            match verb:
                case Say(prompt):
                    await agi.stream_file(prompt)
                case Gather():
                    return await self._hear(agi, verb, turn.state.line.language)
                case Record():
                    return await messages.take(agi, verb)
                case Enqueue(queue, urgent):
                    if urgent:
                        await agi.set_variable("QUEUE_PRIO", "1")  # of app_queue: before all without one
                    await agi.set_variable("HOTLINE_QUEUE", queue)
                case HangUp():
                    await agi.hangup()
        return None

    async def _hear(self, agi: AgiSession, verb: Gather, language: str) -> Heard:
        files = tuple(name_sound(p.text) if isinstance(p, Name) else p for p in verb.prompts)
        if verb.speech and self._ear:
            return await self._ear.hear(agi, files, verb, language)
        keys = await agi.get_data(*files, seconds=verb.seconds, max_digits=verb.max_digits)
        return heard_from(keys.pressed)


async def _line_of(agi: AgiSession) -> Line:
    survey = await agi.get_variable("HOTLINE_SURVEY") if agi.path == "survey" else ""
    dialled = agi.dialled_number if agi.path == "public_line" else await agi.get_variable("HOTLINE_DIALLED")
    return Line(agi.unique_id, agi.caller_number, dialled, survey)


async def _answer(agi: AgiSession, turn: Turn) -> None:
    language = turn.state.line.language
    if agi.request.get("language") != language:
        await agi.set_language(language)
    # a question answers the line itself: a key pressed between the two would be lost
    if not isinstance(turn.verbs[0], Gather):
        await agi.answer()


def open_inbound(session: Session, line: Line, now: datetime, *, into_ivr: bool = True) -> Call:
    """Asterisk counts the lines itself: who comes here is not blocked (ivr/asterisk/dialplan.py)."""
    hotline = settings().telephony.hotline_of(line.dialled)
    if hotline is None:
        raise service.UnknownNumber("the dialled number is not in telephony.numbers")
    return calls.open_call(
        session,
        hotline=hotline,
        dialled=line.dialled,
        number=line.number,
        system=SYSTEM,
        system_id=line.system_id,
        now=now,
        into_ivr=into_ivr,
    )


def find_waiting(session: Session, line: Line, now: datetime) -> Call:
    """Whoever waited in the queue, inbound or rung by us; opened now if the first dialogue never was."""
    return calls.find(session, SYSTEM, line.system_id) or open_inbound(session, line, now, into_ivr=False)


def open_survey(session: Session, line: Line, now: datetime) -> Call:
    if not line.survey.isdecimal():
        raise InvalidInput("HOTLINE_SURVEY", "names no survey")
    survey_id = int(line.survey)
    return service.receive_survey(
        session, survey_id=survey_id, system=SYSTEM, system_id=line.system_id, now=now
    )


def _begin(flow: str, opener: Opener, line: Line, listens: bool) -> Step:
    now = clock.now()
    with transaction() as session:
        call = opener(session, line, now)
        return Step(call, service.begin(session, call, flow, now, speech=listens, speaks=False))


def _go_on(step: Step, heard: Heard) -> Step:
    """The call is not read again: should the listener have changed it, its version tells, and then it is."""
    now = clock.now()
    heard = service.listen(step.call.hotline, heard)
    try:
        with transaction() as session:
            session.add(step.call)
            return Step(step.call, service.turn(session, step.call, step.state, heard, now))
    except StaleDataError:
        with transaction() as session:
            call = calls.get(session, step.call.id, lock=True)
            return Step(call, service.turn(session, call, step.state, heard, now))
