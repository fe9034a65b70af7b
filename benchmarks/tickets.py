"""Tickets a second accepted by the web: agents' form and citizens' form, beside a bare INSERT.

A step is held when every form was answered by a 303, 99 in 100 within 100 ms of when they were due, and
the database has exactly as many rows more.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import count, takewhile
from pathlib import Path
from typing import Any

import tomli_w
from sqlalchemy import create_engine, text

from benchmarks.bare_web import TABLE
from benchmarks.house import Cpu, answers, free_web_ports, house, python
from benchmarks.ladder import Climb, ratio, side_by_side
from hotline.config import Settings
from hotline.db import transaction
from hotline.wiring.embedded import SERVICE
from hotline.wiring.processes import ProcessSpec, running

MOST_P99_MS, LEAST_OF_RATE = 100.0, 0.95
FIRST_RATE, GROWTH, LAST_RATE = {"agents": 60, "citizens": 60, "bare": 200}, 1.2, 3000


@dataclass(frozen=True)
class TicketStep:
    rate: float
    sent: int
    accepted: int
    rows: int
    p50_ms: float
    p99_ms: float
    per_second: float
    cpu_ms: dict[str, float]

    @property
    def held(self) -> bool:
        return (
            self.accepted == self.sent == self.rows
            and self.p99_ms <= MOST_P99_MS
            and self.per_second >= LEAST_OF_RATE * self.rate
        )

    def row(self) -> dict[str, Any]:
        return {"held": self.held, **asdict(self)}


class Sender:
    """The load generator's process."""

    def __init__(self, base: str, who: str, table: str) -> None:
        self._table = table
        self._process = subprocess.Popen(
            [*python("benchmarks.ticket_load"), base, who],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, rate: float, seconds: float) -> TicketStep:
        before, cpu = self._rows(), Cpu()
        told = self._ask({"rate": rate, "seconds": seconds})
        used = cpu.per(told["sent"])
        return TicketStep(rate=rate, rows=self._rows() - before, cpu_ms=used, **told)

    def _ask(self, question: dict[str, float]) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told

    def _rows(self) -> int:
        with transaction() as session:
            return session.scalar(text(f"SELECT count(*) FROM {self._table}")) or 0

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def senders() -> Iterator[dict[str, Sender]]:
    """The product's web and the bare one, each with its sender; only one is sent to at a time."""
    with house("seed", "web") as instance, bare_web(instance.settings, instance.data_dir) as bare:
        base = instance.settings.site.public_url
        made = {
            "agents": Sender(base, "agents", "ticket"),
            "citizens": Sender(base, "citizens", "ticket"),
            "bare": Sender(bare, "bare", TABLE),
        }
        try:
            yield made
        finally:
            for sender in made.values():
                sender.stop()


@contextmanager
def bare_web(settings: Settings, directory: Path) -> Iterator[str]:
    with create_engine(settings.database.owner_url).begin() as owner:
        owner.execute(text(f"CREATE TABLE {TABLE} (id bigserial PRIMARY KEY, text text NOT NULL)"))
        owner.execute(text(f"GRANT ALL ON {TABLE}, {TABLE}_id_seq TO {SERVICE}"))
    web = settings.web.model_copy(update=free_web_ports())
    config = directory / "bare.toml"
    values = settings.model_copy(update={"web": web}).model_dump(mode="json")
    config.write_text(tomli_w.dumps(values), encoding="utf-8")
    base = f"http://{web.host}:{web.port}"
    spec = ProcessSpec(
        name="bare-web",
        argv=python("benchmarks.bare_web"),
        env={"HOTLINE_CONFIG": str(config)},
        ready=lambda: answers(f"{base}/healthz"),
    )
    with running(spec, log_dir=directory / "log"):
        yield base


def run(seconds: float, say: Callable[[str, TicketStep], None]) -> dict[str, Any]:
    with senders() as by_name:
        for sender in by_name.values():
            sender(20, 2)  # warm
        climbs = [
            Climb(name, partial(sender, seconds=seconds), rates(FIRST_RATE[name]))
            for name, sender in by_name.items()
        ]
        side_by_side(climbs, say)
    best = {climb.name: climb.best_rate for climb in climbs}
    return {
        "agents_per_second": best["agents"],
        "citizens_per_second": best["citizens"],
        "bare_per_second": best["bare"],
        "ratio": ratio(best["agents"], best["bare"]),
        "steps": {climb.name: [step.row() for step in climb.steps] for climb in climbs},
    }


def rates(first: float) -> Iterator[float]:
    """Each a fifth more than the one before."""
    return takewhile(lambda rate: rate <= LAST_RATE, (round(first * GROWTH**n) for n in count()))
