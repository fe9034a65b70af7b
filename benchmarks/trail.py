"""What sealing facts costs beside writing them, and whether writers feel it.

Facts are written five a transaction (as many as a call has) by a few threads, with and without a sealer at
work in a process of its own; the same facts are then sealed, and verified, alone.
"""

import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.house import Cpu, house, python
from benchmarks.ladder import ratio
from hotline import clock
from hotline.db import transaction
from hotline.event_log import record
from hotline.events import CallEnteredIvr
from hotline.trail import jobs
from hotline.trail.verification import verify

PER_SECOND_GUESSED = 3000
WRITERS, TOGETHER, ROUNDS = 4, 5, 3


@dataclass(frozen=True)
class Round:
    """`cpu_ms` a fact, of PostgreSQL and of the process that wrote, sealed or verified."""

    facts: int
    seconds: float
    cpu_ms: dict[str, float]
    held = True

    @property
    def rate(self) -> float:
        return round(self.facts / self.seconds)

    @property
    def cpu(self) -> float:
        return sum(self.cpu_ms.values())

    def row(self) -> dict[str, Any]:
        return {"facts": self.facts, "per_second": self.rate, "cpu_ms": self.cpu_ms}


def run(seconds: float, say: Callable[[str, Round], None]) -> dict[str, Any]:
    facts = round(seconds * PER_SECOND_GUESSED) // (WRITERS * TOGETHER) * WRITERS * TOGETHER
    rounds: dict[str, list[Round]] = {"write": [], "beside": [], "seal": [], "verify": []}
    with house():
        measured(write, WRITERS * TOGETHER)  # warm
        for _ in range(ROUNDS):
            rounds["write"].append(measured(write, facts))
            rounds["seal"].append(measured(seal, facts))
            with sealer():
                rounds["beside"].append(measured(write, facts))
            seal(0)
            rounds["verify"].append(measured(check, 2 * facts * (len(rounds["verify"]) + 1)))
            for name, of_kind in rounds.items():
                say(name, of_kind[-1])
    best = {name: max(of_kind, key=lambda one: one.rate) for name, of_kind in rounds.items()}
    least = {name: min(one.cpu for one in of_kind) for name, of_kind in rounds.items()}
    return {
        "seal_of_write_cpu": ratio(least["seal"], least["write"]),
        "write_beside_sealer": ratio(best["beside"].rate, best["write"].rate),
        "verified_per_second": best["verify"].rate,
        "rounds": {name: [one.row() for one in of_kind] for name, of_kind in rounds.items()},
    }


def measured(act: Callable[[int], object], facts: int) -> Round:
    cpu, own, began = Cpu(), time.process_time(), time.monotonic()
    act(facts)
    seconds, ours = time.monotonic() - began, time.process_time() - own
    return Round(facts, seconds, {**cpu.per(facts), "ours": round(1000 * ours / facts, 3)})


def write(facts: int) -> None:
    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(_write_some, [facts // WRITERS] * WRITERS))


def _write_some(facts: int) -> None:
    for _ in range(facts // TOGETHER):
        with transaction() as session:
            for number in range(TOGETHER):
                fact = CallEnteredIvr(call_id=number)
                record(session, fact, actor="system:benchmark", at=clock.now())


def seal(_facts: int) -> None:
    jobs.seal(clock.now())


def check(_facts: int) -> None:
    assert verify().good


@contextmanager
def sealer() -> Iterator[None]:
    """As the scheduler does it, but each second."""
    started = subprocess.Popen(python("benchmarks.trail"), stdout=subprocess.PIPE)
    assert started.stdout is not None
    started.stdout.readline()
    try:
        yield
    finally:
        started.kill()
        started.wait()


if __name__ == "__main__":
    while True:
        jobs.seal(clock.now())
        print("sealed", flush=True)
        time.sleep(1)
