"""A person at a simulated telephone, for stories and tests: dials, listens, presses, speaks, answers."""

import time
from typing import Any
from urllib.parse import quote

import requests

from hotline.errors import HotlineError

POLL_SECONDS = 2.0
PATIENCE_SECONDS = 15.0


class NothingHeard(HotlineError):
    """What the person waited for did not come; the text says what was heard instead."""

    code = "nothing_heard"


class SimulatedHandset:
    """`address` is '+8613800138000', or 'client:1001' for an agent's line. Speech takes no time here."""

    def __init__(self, switch_url: str, address: str) -> None:
        self._url = f"{switch_url.rstrip('/')}/phone/api/handsets/{quote(address, safe='')}"
        self.address = address
        self._seen = int(self.look()["last"])
        self._events: list[dict[str, Any]] = []

    def dial(self, number: str) -> None:
        self._act("dial", number=number)

    def answer(self) -> None:
        """Waits for the ring."""
        self.wait_for("ringing")
        self._act("answer")

    def press(self, keys: str) -> None:
        """Waits until the line listens for keys."""
        self._until(lambda: "keys" in self.look()["listens"], PATIENCE_SECONDS, f"to press {keys}")
        self._act("press", keys=keys)

    def say(self, text: str) -> None:
        """To the person at the other end, or to a line that listens."""
        self._act("speak", text=text)

    def say_to_line(self, text: str) -> None:
        self._until(lambda: "speech" in self.look()["listens"], PATIENCE_SECONDS, "to speak")
        self._act("speak", text=text)

    def hang_up(self) -> None:
        self._act("hang-up")

    @property
    def state(self) -> str:
        """idle, calling, ringing or in_call."""
        return str(self.look()["state"])

    def heard(self) -> list[str]:
        """All that the line or the other person said since this object was made."""
        self._listen(0)
        return [event["text"] for event in self._events if event["kind"] in ("heard", "peer")]

    def wait_to_hear(self, fragment: str, seconds: float = PATIENCE_SECONDS) -> str:
        """The first text with `fragment` in it. Raises NothingHeard."""
        deadline = time.monotonic() + seconds
        while True:
            for text in self.heard():
                if fragment in text:
                    return text
            if time.monotonic() >= deadline:
                raise NothingHeard(f"{fragment!r} was not said; heard: {self.heard()}")
            self._listen(min(POLL_SECONDS, max(0.0, deadline - time.monotonic())))

    def wait_for(self, state: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Raises NothingHeard when the handset does not come to this state."""
        self._until(lambda: self.state == state, seconds, f"to be {state}")

    def look(self) -> dict[str, Any]:
        """The handset as the switch shows it, without events."""
        return self._answer(requests.get(self._url, params={"after": "999999999"}, timeout=PATIENCE_SECONDS))

    def _until(self, condition: Any, seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() >= deadline:
                raise NothingHeard(f"{self.address} waited {what}; it is {self.state}, heard: {self.heard()}")
            self._listen(min(POLL_SECONDS, 0.05))

    def _listen(self, seconds: float) -> None:
        params = {"after": str(self._seen), "wait": str(seconds)}
        told = self._answer(requests.get(self._url, params=params, timeout=PATIENCE_SECONDS))
        self._events += told["events"]
        self._seen = max(self._seen, int(told["last"]))

    def _act(self, deed: str, **wishes: Any) -> None:
        body = wishes | {"pace": 0}
        self._answer(requests.post(f"{self._url}/{deed}", json=body, timeout=PATIENCE_SECONDS))

    def _answer(self, answer: requests.Response) -> dict[str, Any]:
        if not answer.ok:
            raise HotlineError(f"the switch answered {answer.status_code}: {answer.text[:200]}")
        told: dict[str, Any] = answer.json()
        return told
