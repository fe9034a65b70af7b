"""The simulated exchange: handsets, the legs of calls between them, queues, recordings. All in memory.

One condition guards everything and wakes everybody on any change: players, long polls, the lot. A switch for
a demonstration and for tests has a few dozen calls, and one lock is easy to be sure about.
"""

import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition
from typing import Any

EVENTS_KEPT = 200
RECORDINGS_KEPT = 200
LIVE = frozenset({"queued", "ringing", "in-progress"})


def sid(prefix: str) -> str:
    """As Twilio writes its ids: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


@dataclass(eq=False)
class Handset:
    """One telephone, named '+8613800138000' (a citizen's) or 'client:1001' (an agent's line)."""

    address: str
    pace: float  # seconds a spoken character takes
    leg: "Leg | None" = None
    events: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=EVENTS_KEPT))
    last: int = 0

    @property
    def state(self) -> str:
        """idle, calling, ringing or in_call."""
        if self.leg is None or self.leg.status not in LIVE:
            return "idle"
        if self.leg.status == "in-progress":
            return "in_call"
        return "ringing" if self.leg.rings else "calling"

    def note(self, kind: str, text: str = "", language: str = "") -> None:
        """Something the person at this telephone hears, says or sees."""
        self.last += 1
        self.events.append({"seq": self.last, "kind": kind, "text": text, "language": language})


@dataclass(eq=False)
class Leg:
    """One telephone's part in a call. `rings`: the other side called it."""

    handset: Handset
    from_: str
    to: str
    direction: str
    rings: bool
    parent: "Leg | None" = None
    sid: str = field(default_factory=lambda: sid("CA"))
    status: str = "ringing"
    status_callback: str = ""
    status_events: frozenset[str] = frozenset({"completed"})
    started: float = field(default_factory=time.monotonic)
    answered: bool = False
    hung_up: bool = False
    redirect: str = ""
    keys: deque[str] = field(default_factory=deque)
    words: deque[str] = field(default_factory=deque)
    listens: frozenset[str] = frozenset()  # keys, speech
    peer: "Leg | None" = None

    @property
    def live(self) -> bool:
        return self.status in LIVE


class Exchange:
    """What is connected to what. Every method takes the lock; waiting lets it go."""

    def __init__(self, pace: float) -> None:
        self.changed = Condition()
        self._pace = pace
        self._handsets: dict[str, Handset] = {}
        self._legs: dict[str, Leg] = {}
        self.queues: dict[str, tuple[str, list[Leg]]] = {}
        self.recordings: dict[str, bytes] = {}

    def handset(self, address: str) -> Handset:
        with self.changed:
            return self._handsets.setdefault(address, Handset(address, self._pace))

    def leg(self, leg_sid: str) -> Leg | None:
        with self.changed:
            return self._legs.get(leg_sid)

    def wait(self, until: Callable[[], Any], seconds: float | None) -> bool:
        """True when `until` came true in time."""
        with self.changed:
            return bool(self.changed.wait_for(until, seconds))

    def open_leg(
        self, address: str, *, from_: str, to: str, direction: str, rings: bool, parent: Leg | None = None
    ) -> Leg | None:
        """None when that telephone is in use."""
        handset = self.handset(address)
        with self.changed:
            if handset.leg and handset.leg.live:
                return None
            leg = Leg(handset, from_, to, direction, rings, parent)
            handset.leg = leg
            self._legs[leg.sid] = leg
            handset.note("state", handset.state)
            self.changed.notify_all()
            return leg

    def answer(self, leg: Leg) -> None:
        with self.changed:
            leg.answered, leg.status = True, "in-progress"
            leg.handset.note("state", "in_call")
            self.changed.notify_all()

    def hang_up(self, leg: Leg) -> None:
        """The person or the other side ends it; its player sees and finishes."""
        with self.changed:
            leg.hung_up = True
            self.changed.notify_all()

    def redirect(self, leg: Leg, url: str) -> None:
        with self.changed:
            leg.redirect = url
            self.changed.notify_all()

    def finish(self, leg: Leg, status: str) -> bool:
        """False when it was over already."""
        with self.changed:
            if not leg.live:
                return False
            leg.status, leg.listens, leg.hung_up = status, frozenset(), True
            leg.handset.note("state", "idle")
            self._legs.pop(leg.sid, None)
            self.changed.notify_all()
            return True

    def say(self, leg: Leg, text: str, language: str) -> None:
        """The line speaks into this telephone."""
        with self.changed:
            leg.handset.note("heard", text, language)
            self.changed.notify_all()

    def connect(self, one: Leg, other: Leg) -> None:
        with self.changed:
            one.peer, other.peer = other, one
            for leg in (one, other):
                leg.handset.note("connected", "", "")
            self.changed.notify_all()

    def press(self, leg: Leg, keys: str) -> None:
        with self.changed:
            leg.handset.note("pressed", keys)
            leg.keys.extend(keys)
            leg.listens = frozenset()  # the question has its answer
            self.changed.notify_all()

    def speak(self, leg: Leg, words: str) -> None:
        """To the line's recogniser, or to the person at the other end."""
        with self.changed:
            leg.handset.note("said", words)
            leg.listens = frozenset()
            if leg.peer:
                leg.peer.handset.note("peer", words)
            else:
                leg.words.append(words)
            self.changed.notify_all()

    def listen(self, leg: Leg, to: frozenset[str]) -> None:
        """What was pressed before a question is no answer to it."""
        with self.changed:
            leg.keys.clear()
            leg.words.clear()
            leg.listens = to
            self.changed.notify_all()

    def queue(self, name: str) -> tuple[str, list[Leg]]:
        """(its sid, who waits, first come first)."""
        with self.changed:
            return self.queues.setdefault(name, (sid("QU"), []))

    def join(self, name: str, leg: Leg) -> None:
        members = self.queue(name)[1]
        with self.changed:
            members.append(leg)

    def leave(self, name: str, leg: Leg) -> None:
        members = self.queue(name)[1]
        with self.changed:
            if leg in members:
                members.remove(leg)

    def keep_recording(self, sound: bytes) -> str:
        with self.changed:
            recording = sid("RE")
            self.recordings[recording] = sound
            while len(self.recordings) > RECORDINGS_KEPT:
                self.recordings.pop(next(iter(self.recordings)))
            return recording
