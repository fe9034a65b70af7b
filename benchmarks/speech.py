"""Recognitions beside running calls: what each costs the other.

Callers at a steady rate, turn and turn about with and without one who speaks all the time (a sentence of four
seconds, again as soon as its words are there), and that one alone.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import mean
from typing import Any

import psutil

from benchmarks import calls
from benchmarks.calls import CallStep
from benchmarks.house import free_ports, house
from benchmarks.ladder import ratio
from hotline.config import Speech
from hotline.speech import status
from hotline.speech.recogniser import HttpRecogniser
from hotline.speech.sound import as_wav
from hotline.wiring import asterisk
from tests.support.callers import recording, samples

CALLS_PER_SECOND = 40
ROUNDS = 2
PATIENCE_SECONDS = 30.0
READY_SECONDS = 60


class Speaker:
    """Has one sentence after the other recognised until stopped."""

    def __init__(self, speech: Speech) -> None:
        self._recogniser = HttpRecogniser(speech)
        self._wav = as_wav(samples(recording("unpaid_wages")))
        self._stopping = threading.Event()
        self.seconds: list[float] = []

    def speak(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            asyncio.run(self._recogniser.transcribe(self._wav, "zh"))
            self.seconds.append(time.monotonic() - began)

    @contextmanager
    def speaking(self) -> Iterator[None]:
        thread = threading.Thread(target=self.speak)
        thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            thread.join()


def run(seconds: float, say: Callable[[str, CallStep], None]) -> dict[str, Any]:
    with house("seed", "recogniser", "agi", "ami", "asterisk-config", "asterisk", **_sections()) as instance:
        speech = instance.settings.speech
        _wait_for(speech)
        line = asterisk.instance_of(instance.settings, ())
        calls.step(line, 20, seconds, recorded=True)  # warm: connections open, caches filled
        alone, beside = Speaker(speech), Speaker(speech)
        with alone.speaking():
            time.sleep(seconds * 2)
        quiet, shared = [], []
        for _ in range(ROUNDS):
            quiet.append(_step(line, seconds, "quiet", say))
            speaker = Speaker(speech)
            with speaker.speaking():
                shared.append(_step(line, seconds, "beside", say))
            beside.seconds += speaker.seconds
        return _figures(quiet, shared, alone.seconds, beside.seconds)


def _figures(
    quiet: list[CallStep], shared: list[CallStep], alone: list[float], beside: list[float]
) -> dict[str, Any]:
    rates = [mean(step.load.per_second for step in steps) for steps in (quiet, shared)]
    return {
        "calls_per_second": {"quiet": rates[0], "beside": rates[1], "ratio": ratio(rates[1], rates[0])},
        "calls_held": {"quiet": all(s.held for s in quiet), "beside": all(s.held for s in shared)},
        "setup_ms": {
            "quiet": round(mean(s.load.setup_ms for s in quiet), 1),
            "beside": round(mean(s.load.setup_ms for s in shared), 1),
        },
        "recognitions_per_minute": {"alone": round(60 / mean(alone)), "beside": round(60 / mean(beside))},
        "recogniser_mb": _megabytes(),
    }


def _step(line: Any, seconds: float, name: str, say: Callable[[str, CallStep], None]) -> CallStep:
    taken = calls.step(line, CALLS_PER_SECOND, seconds, recorded=True)
    say(name, taken)
    return taken


def _sections() -> dict[str, dict[str, Any]]:
    (port,) = free_ports(1)
    return calls.asterisk_sections() | {"speech": {"port": port, "timeout_seconds": PATIENCE_SECONDS}}


def _wait_for(speech: Speech) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while status.counts(speech) is None:
        if time.monotonic() > deadline:
            raise SystemExit("the recogniser does not answer: is the extra `speech` installed?")
        time.sleep(0.2)


def _megabytes() -> int:
    for process in psutil.Process().children(recursive=True):
        if "recogniser" in process.cmdline():
            return int(process.memory_info().rss / 1e6)
    raise SystemExit("the recogniser has ended")
