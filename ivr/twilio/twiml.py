"""A turn's verbs as TwiML. Addresses are relative, so that Twilio keeps to the name it reached us by.

Every default that matters is written out (method, timeout, finishOnKey): peers of Twilio differ in theirs.
"""

from urllib.parse import urlencode

from twilio.twiml import TwiML
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from hotline.config import settings
from ivr import prompts, verbs
from ivr.flow import Turn

LOCALES = {"zh": "zh-CN", "en": "en-US"}
SPEECH_SECONDS = 20
MESSAGE_SILENCE_SECONDS = 6


def render(turn: Turn) -> str:
    """The whole answer to a webhook."""
    response = VoiceResponse()
    for verb in turn.verbs:
        _append(response, verb, turn)
    return str(response)


def enqueue(queue: str, *, language: str, prompt: str = "") -> str:
    """Into the queue outside any dialogue: after an agent who did not answer, or as the last resort."""
    response = VoiceResponse()
    if prompt:
        _say(response, prompt, language)
    _enqueue(response, queue)
    return str(response)


def wait(prompt: str, *, language: str, seconds: int) -> str:
    """One round of waiting; Twilio asks again when it is over."""
    response = VoiceResponse()
    _say(response, prompt, language)
    response.pause(length=seconds)
    return str(response)


def leave_queue() -> str:
    response = VoiceResponse()
    response.leave()
    return str(response)


def dial_agent(extension: str, *, leg: str, call_sid: str) -> str:
    """Ring one agent's telephone for this caller, recorded from the moment they talk.

    The agent sees the hotline's number, never the citizen's.
    """
    fields = urlencode({"leg": leg, "extension": extension, "call": call_sid})
    response = VoiceResponse()
    dial = Dial(
        action=f"/twilio/after-agent?{fields}",
        method="POST",
        timeout=settings().telephony.agent_ring_seconds,
        caller_id=settings().twilio.caller_number,
        record="record-from-answer-dual",
        recording_status_callback="/twilio/recording",
        recording_status_callback_method="POST",
    )
    dial.client(
        extension,
        url="/twilio/agent-whisper",
        method="POST",
        status_callback=f"/twilio/agent-status?{fields}",
        status_callback_method="POST",
        status_callback_event="answered completed",
    )
    response.append(dial)
    return str(response)


def say(prompt: str, *, language: str) -> str:
    response = VoiceResponse()
    _say(response, prompt, language)
    return str(response)


def reject(reason: str) -> str:
    """Before the call costs anything: 'busy' or 'rejected'."""
    response = VoiceResponse()
    response.reject(reason=reason)
    return str(response)


def hang_up() -> str:
    response = VoiceResponse()
    response.hangup()
    return str(response)


def nothing() -> str:
    """For webhooks whose answer Twilio ignores."""
    return str(VoiceResponse())


def _append(response: VoiceResponse, verb: verbs.Verb, turn: Turn) -> None:
    match verb:
        case verbs.Say(prompt):
            _say(response, prompt, turn.state.line.language)
        case verbs.Gather():
            _gather(response, verb, turn)
        case verbs.Record():
            _record(response, verb, turn)
        case verbs.Enqueue(queue):
            _enqueue(response, queue)
        case verbs.HangUp():
            response.hangup()


def _gather(response: VoiceResponse, verb: verbs.Gather, turn: Turn) -> None:
    state = turn.next_state
    action = f"/twilio/turn?{urlencode(state.carried())}"
    spoken = {"speech_timeout": "auto", "max_speech_time": SPEECH_SECONDS} if verb.speech else {}
    gather = Gather(
        input="dtmf speech" if verb.speech else "dtmf",
        action=action,
        method="POST",
        num_digits=verb.max_digits,
        finish_on_key=verb.finish_on,
        timeout=verb.seconds,
        language=LOCALES[state.line.language],
        **spoken,
    )
    for prompt in verb.prompts:
        words = prompt.text if isinstance(prompt, verbs.Name) else prompts.text(prompt, state.line.language)
        _speak(gather, words, state.line.language)
    response.append(gather)
    # silence falls through to here, and arrives as a turn without keys and words
    response.redirect(action, method="POST")


def _record(response: VoiceResponse, verb: verbs.Record, turn: Turn) -> None:
    """A recording without sound is not told of: what follows it is silence."""
    action = f"/twilio/turn?{urlencode(turn.next_state.carried())}"
    response.record(
        action=action,
        method="POST",
        timeout=MESSAGE_SILENCE_SECONDS,
        max_length=verb.seconds,
        finish_on_key="#0",
        play_beep=True,
        recording_status_callback="/twilio/recording",
        recording_status_callback_method="POST",
    )
    response.redirect(action, method="POST")


def _enqueue(response: VoiceResponse, queue: str) -> None:
    response.enqueue(
        queue,
        action="/twilio/after-queue",
        method="POST",
        wait_url="/twilio/queue-wait",
        wait_url_method="POST",
    )


def _say(parent: TwiML, prompt: str, language: str) -> None:
    _speak(parent, prompts.text(prompt, language), language)


def _speak(parent: TwiML, words: str, language: str) -> None:
    twilio = settings().twilio
    voice = twilio.voice_zh if language == "zh" else twilio.voice_en
    parent.say(prompts.voiced(words, language), language=LOCALES[language], voice=voice)
