"""Plays TwiML to one leg: the part of Twilio that Hotline's call flows use, and no more.

Say, Pause, Gather (keys and speech), Record, Redirect, Enqueue with its waiting document, Leave, Dial (a
Client, recorded), Reject, Hangup. Another verb ends the call with an application error, as at Twilio.
"""

import logging
import time
from collections.abc import Callable
from xml.etree.ElementTree import Element

from hotline.telephony.simulated import sound
from hotline.telephony.simulated.exchange import Exchange, Leg
from hotline.telephony.simulated.webhooks import ApplicationError, Document, Webhooks

logger = logging.getLogger(__name__)

# Twilio's defaults, in seconds.
GATHER_SECONDS, PAUSE_SECONDS, DIAL_SECONDS, LONGEST_TALK_SECONDS = 5.0, 1.0, 30.0, 14_400.0
# A waiting document that plays nothing must not be asked for in a tight loop.
SHORTEST_ROUND = 0.5
TONE = "（提示音）"
ANYTHING = frozenset({"keys", "speech"})
UNPLAYABLE = "系统发生错误，通话结束。An application error has occurred. Goodbye."


class HungUp(Exception):
    """This leg is over; the status says how."""

    def __init__(self, status: str = "completed") -> None:
        super().__init__(status)
        self.status = status


class Redirected(Exception):
    """The REST interface gave this call another document."""


class LeftQueue(Exception):
    """<Leave/> in a waiting document."""


class Player:
    """One call, played in a thread of its own."""

    def __init__(self, exchange: Exchange, webhooks: Webhooks, leg: Leg) -> None:
        self._exchange, self._webhooks, self._leg = exchange, webhooks, leg
        self._verbs: dict[str, Callable[[Document, Element], Document | None]] = {
            "Say": self._say,
            "Pause": self._pause,
            "Gather": self._gather,
            "Redirect": self._redirect,
            "Record": self._record_message,
            "Enqueue": self._enqueue,
            "Leave": self._leave,
            "Dial": self._dial,
            "Reject": self._reject,
            "Hangup": self._hang_up,
        }

    def run(self, url: str) -> None:
        """From the first document to the end of the call; then the status callback."""
        status = "completed"
        try:
            self._follow(url)
        except HungUp as over:
            status = over.status
        except ApplicationError as error:
            logger.warning("call %s: %s", self._leg.sid, error)
            self._exchange.say(self._leg, UNPLAYABLE, "zh-CN")
            status = "failed"
        self.end(status)

    def end(self, status: str) -> None:
        leg = self._leg
        if self._exchange.finish(leg, status) and "completed" in leg.status_events:
            seconds = str(int(time.monotonic() - leg.started))
            self._webhooks.tell(leg, leg.status_callback, CallDuration=seconds)

    def _follow(self, url: str) -> None:
        document: Document | None = self._fetch(url)
        while document:
            try:
                document = self._play(document)
            except Redirected:
                document = self._fetch(self._take_redirect())

    def _fetch(self, url: str, **more: str) -> Document:
        return self._webhooks.document(self._leg, url, **more)

    def _take_redirect(self) -> str:
        url, self._leg.redirect = self._leg.redirect, ""
        return url

    def _play(self, document: Document) -> Document | None:
        """The document that follows, if a verb led to one."""
        for element in document.root:
            verb = self._verbs.get(element.tag)
            if verb is None:
                raise ApplicationError(f"<{element.tag}> of {document.url} is not played by this switch")
            if not self._leg.answered and element.tag != "Reject":
                self._exchange.answer(self._leg)
            following = verb(document, element)
            if following:
                return following
        return None

    def _wait(self, seconds: float, until: Callable[[], object] = lambda: False) -> None:
        """Raises HungUp or Redirected when that happens meanwhile."""
        leg = self._leg
        self._exchange.wait(lambda: leg.hung_up or leg.redirect or until(), seconds)
        if leg.hung_up:
            raise HungUp
        if leg.redirect:
            raise Redirected

    def _say(self, document: Document, element: Element) -> None:
        self._speak(element)

    def _speak(self, element: Element, until: Callable[[], object] = lambda: False) -> None:
        text = (element.text or "").strip()
        self._exchange.say(self._leg, text, element.get("language", ""))
        self._wait(self._leg.handset.pace * len(text), until)

    def _pause(self, document: Document, element: Element) -> None:
        self._wait(float(element.get("length", PAUSE_SECONDS)))

    def _redirect(self, document: Document, element: Element) -> Document:
        return self._fetch(document.address((element.text or "").strip()))

    def _leave(self, document: Document, element: Element) -> None:
        raise LeftQueue

    def _hang_up(self, document: Document, element: Element) -> None:
        raise HungUp

    def _reject(self, document: Document, element: Element) -> None:
        raise HungUp("busy" if element.get("reason") == "busy" else "failed")

    def _gather(self, document: Document, element: Element) -> Document | None:
        """None after silence: the next verb follows."""
        leg = self._leg
        inputs = {"dtmf": "keys", "speech": "speech"}
        listens = frozenset(inputs[name] for name in element.get("input", "dtmf").split())
        self._exchange.listen(leg, listens)
        for prompt in element:
            if not self._has_input(listens):
                self._speak(prompt, lambda: self._has_input(listens))
        digits = self._digits(element, listens)
        words = leg.words.popleft() if leg.words and "speech" in listens and not digits else ""
        self._exchange.listen(leg, frozenset())
        if digits:
            return self._fetch(document.address(element.get("action", "")), Digits=digits)
        if words:
            action = document.address(element.get("action", ""))
            return self._fetch(action, SpeechResult=words, Confidence="0.9")
        return None

    def _has_input(self, listens: frozenset[str]) -> bool:
        leg = self._leg
        return bool(("keys" in listens and leg.keys) or ("speech" in listens and leg.words))

    def _digits(self, element: Element, listens: frozenset[str]) -> str:
        """Keys until the finishing one, the wanted number, or a pause; a finishing key alone is no input."""
        most = int(element.get("numDigits", "0"))
        finish, seconds = element.get("finishOnKey", "#"), float(element.get("timeout", GATHER_SECONDS))
        digits, leg = "", self._leg
        while not most or len(digits) < most:
            self._wait(seconds, lambda: self._has_input(listens))
            if not leg.keys or "keys" not in listens:
                break
            key = leg.keys.popleft()
            if key == finish:
                break
            digits += key
        return digits

    def _record_message(self, document: Document, element: Element) -> Document | None:
        """What is said until a finishing key, a silence or a hang-up; None if nothing was said."""
        seconds, key, leg = 0.0, "", self._leg
        action = document.address(element.get("action", ""))
        self._exchange.say(leg, TONE, "zh-CN")
        self._exchange.listen(leg, ANYTHING)
        try:
            while not key:
                self._wait(float(element.get("timeout", GATHER_SECONDS)), lambda: self._has_input(ANYTHING))
                if not self._has_input(ANYTHING):
                    break
                seconds += sum(map(len, leg.words)) * sound.SPOKEN_PACE
                key = next((key for key in leg.keys if key in element.get("finishOnKey", "1234567890*#")), "")
                self._exchange.listen(leg, ANYTHING)
        except HungUp:
            seconds += sum(map(len, leg.words)) * sound.SPOKEN_PACE
            if seconds:
                self._webhooks.tell(leg, action, **self._kept(document, element, seconds, "hangup"))
            raise
        if not seconds and not key:
            return None
        return self._fetch(action, **self._kept(document, element, seconds, key))

    def _kept(self, document: Document, element: Element, seconds: float, key: str) -> dict[str, str]:
        """The recording is there at once; what its action is told."""
        told = {
            "RecordingSid": self._exchange.keep_recording(sound.recording(seconds)),
            "RecordingDuration": str(round(seconds)),
        }
        callback = element.get("recordingStatusCallback")
        if callback:
            self._webhooks.tell(self._leg, document.address(callback), **told, RecordingStatus="completed")
        return told | {"Digits": key}

    def _enqueue(self, document: Document, element: Element) -> Document:
        """Rounds of the waiting document until <Leave>, a redirect or a hang-up; the action is told which."""
        name = (element.text or "").strip()
        action = document.address(element.get("action", ""))
        self._exchange.join(name, self._leg)
        try:
            self._wait_in(name, document.address(element.get("waitUrl", "")))
        except (HungUp, Redirected) as left:
            self._exchange.leave(name, self._leg)
            result = "hangup" if isinstance(left, HungUp) else "redirected"
            self._webhooks.tell(self._leg, action, QueueResult=result)
            raise
        except LeftQueue:
            pass
        finally:
            self._exchange.leave(name, self._leg)
        return self._fetch(action, QueueResult="leave")

    def _wait_in(self, name: str, wait_url: str) -> None:
        joined = time.monotonic()
        queue_sid, members = self._exchange.queue(name)
        while True:
            began = time.monotonic()
            place = {
                "QueueSid": queue_sid,
                "QueueTime": str(int(began - joined)),
                "QueuePosition": str(members.index(self._leg) + 1),
                "CurrentQueueSize": str(len(members)),
            }
            self._play(self._fetch(wait_url, **place))
            self._wait(max(0.0, SHORTEST_ROUND - (time.monotonic() - began)))

    def _dial(self, document: Document, element: Element) -> Document | None:
        noun = element[0]
        address = f"client:{noun.text}"
        from_ = element.get("callerId") or self._leg.from_
        child = self._exchange.open_leg(
            address, from_=from_, to=address, direction="outbound-dial", rings=True, parent=self._leg
        )
        status, seconds = "busy", 0.0
        if child:
            child.status_callback = document.address(noun.get("statusCallback", ""))
            child.status_events = frozenset(noun.get("statusCallbackEvent", "completed").split())
            status, seconds = self._talk_with(child, document, element)
        action = element.get("action")
        outcome = {"DialCallStatus": status, "DialCallDuration": str(int(seconds))}
        return self._fetch(document.address(action), **outcome) if action else None

    def _talk_with(self, child: Leg, document: Document, dial: Element) -> tuple[str, float]:
        """Ring, and if somebody answers let the two talk. How it ended, and seconds of talk."""
        agent = Player(self._exchange, self._webhooks, child)
        try:
            self._wait(float(dial.get("timeout", DIAL_SECONDS)), lambda: child.answered or child.hung_up)
        except (HungUp, Redirected):
            agent.end("canceled")
            raise
        if not child.answered:
            status = "busy" if child.hung_up else "no-answer"
            agent.end(status)
            return status, 0.0
        if "answered" in child.status_events:
            self._webhooks.tell(child, child.status_callback)
        started = time.monotonic()
        try:
            agent.whisper(document.address(dial[0].get("url", "")) if dial[0].get("url") else "")
            self._exchange.connect(self._leg, child)
            self._wait(LONGEST_TALK_SECONDS, lambda: child.hung_up)
        except HungUp as over:
            # the agent who hangs up during the whisper ends that leg only
            if self._leg.hung_up:
                raise over
        finally:
            agent.end("completed")
            self._leg.peer = None
            self._record(document, dial, time.monotonic() - started)
        return "completed", time.monotonic() - started

    def whisper(self, url: str) -> None:
        """What this leg alone hears before it is connected. Raises HungUp."""
        if url:
            self._play(self._fetch(url))

    def _record(self, document: Document, dial: Element, seconds: float) -> None:
        """Tell that a recording is ready; a simulated one is at once."""
        if dial.get("record", "do-not-record") != "do-not-record":
            self._kept(document, dial, seconds, "")
