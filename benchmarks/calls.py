"""Calls a second held: Asterisk > our FastAGI > the flow > every fact durable in PostgreSQL,
beside a second Asterisk that plays the same prompts and reads the same keys by a static dialplan.

A step is held when fewer than 1 % of its calls failed, the mean set-up took at most 500 ms, and (ours) the
facts of every call stand in the database and say which keys were pressed.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent
from typing import Any

from sqlalchemy import func, select

from benchmarks import sipp_load
from benchmarks.house import CHECKOUT, Cpu, free_ports, house
from benchmarks.ladder import Climb, ratio, side_by_side
from benchmarks.sipp_load import Load
from hotline.config import Settings
from hotline.db import transaction
from hotline.event_log import Event
from hotline.telephony.asterisk.free_ports import free_udp_port
from hotline.telephony.asterisk.instance import AsteriskInstance
from hotline.wiring import asterisk

RATES = range(40, 500, 20)
WHOLE_CALL = ("call_received", "call_entered_ivr", "call_ended")
MOST_FAILED, MOST_SETUP_MS, LEAST_OF_RATE = 0.01, 500, 0.95
SETTLE_SECONDS = 30
STATIC = dedent(f"""\
    [general]
    static=yes
    [from-trunk]
    exten => {sipp_load.DIALLED},1,Answer()
     same => n,Read(KEYS,greeting_12345&menu_12345_keys,4,,1,5)
     same => n,GotoIf($["${{KEYS}}" != "{sipp_load.KEYS}"]?wrong)
     same => n,Playback(item_understood)
     same => n,Wait(10)
     same => n(wrong),Hangup()
    """)


@dataclass(frozen=True)
class CallStep:
    """One rate on one line. `facts` are those the database gained, by kind; None on the static line."""

    load: Load
    facts: dict[str, int] | None
    cpu_ms: dict[str, float]

    @property
    def rate(self) -> float:
        return self.load.wanted_per_second

    @property
    def good(self) -> int:
        """Calls that went well for sipp and whose keys were understood (a static line hangs up otherwise)."""
        understood = self.load.calls if self.facts is None else self.facts.get("call_understood", 0)
        return min(self.load.succeeded, understood)

    @property
    def recorded(self) -> bool:
        """Every call sipp made is in the database, from its first fact to its last."""
        return self.facts is None or all(self.facts.get(kind) == self.load.calls for kind in WHOLE_CALL)

    @property
    def held(self) -> bool:
        return (
            self.load.calls - self.good < MOST_FAILED * self.load.calls
            and self.load.setup_ms <= MOST_SETUP_MS
            and self.load.per_second >= LEAST_OF_RATE * self.rate
            and self.recorded
        )

    def row(self) -> dict[str, Any]:
        facts = {} if self.facts is None else {"recorded": self.facts.get("call_ended", 0)}
        return {
            "held": self.held,
            "rate": self.rate,
            "per_second": self.load.per_second,
            "calls": self.load.calls,
            "good": self.good,
            **facts,
            "setup_ms": round(self.load.setup_ms, 1),
            "cpu_ms": self.cpu_ms,
        }


def run(seconds: float, say: Callable[[str, CallStep], None]) -> dict[str, Any]:
    with lines() as (ours, static):
        climbs = (
            Climb("ours", lambda rate: step(ours, rate, seconds, recorded=True), RATES),
            Climb("static", lambda rate: step(static, rate, seconds, recorded=False), RATES),
        )
        for climb in climbs:
            climb.take(20)  # warm: connections open, caches filled
        side_by_side(climbs, say)
    return {
        "ours_per_second": climbs[0].best_rate,
        "static_per_second": climbs[1].best_rate,
        "ratio": ratio(climbs[0].best_rate, climbs[1].best_rate),
        "steps": {climb.name: [taken.row() for taken in climb.steps] for climb in climbs},
    }


@contextmanager
def lines() -> Iterator[tuple[AsteriskInstance, AsteriskInstance]]:
    """Our line, whole, and a second Asterisk with nothing but the static dialplan."""
    with house("seed", "agi", "ami", "asterisk-config", "asterisk", **asterisk_sections()) as instance:
        ours = asterisk.instance_of(instance.settings, ())
        with AsteriskInstance(_static_settings(instance.settings, instance.data_dir / "s"), STATIC) as static:
            yield ours, static


def asterisk_sections() -> dict[str, dict[str, Any]]:
    names = ("sip_port", "ami_port", "http_port", "agi_port")
    ports: dict[str, Any] = dict(zip(names, free_ports(len(names)), strict=True))
    ports["trunk"] = f"127.0.0.1:{free_udp_port()}"
    return {
        "telephony": {"system": "asterisk", "max_calls": sipp_load.AT_ONCE},
        "asterisk": {**ports, "prefix": str(CHECKOUT / ".asterisk/prefix")},
    }


def _static_settings(settings: Settings, directory: Path) -> Any:
    ours = asterisk.asterisk_settings(settings, (), directory)
    sip, ami, http = free_ports(3)
    return replace(ours, sip_port=sip, ami_port=ami, http_port=http)


def step(line: AsteriskInstance, rate: float, seconds: float, *, recorded: bool) -> CallStep:
    after, cpu = _last_event(), Cpu()
    load = sipp_load.call(line.settings.sip_port, rate, seconds)
    _settle(line)
    facts = _facts(after, load.calls) if recorded else None
    return CallStep(load, facts, cpu.per(load.calls))


def _settle(line: AsteriskInstance) -> None:
    """Until no call is left from an overloaded step."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while "0 active calls" not in line.rx("core show channels count") and time.monotonic() < deadline:
        time.sleep(0.5)


def _last_event() -> int:
    with transaction() as session:
        return session.scalar(select(func.max(Event.id))) or 0


def _facts(after: int, calls: int) -> dict[str, int]:
    """By kind, once the last call has ended, or what is there after a while."""
    by_kind = select(Event.kind, func.count().label("seen")).where(Event.id > after).group_by(Event.kind)
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        with transaction() as session:
            facts = {row.kind: row.seen for row in session.execute(by_kind)}
        if facts.get("call_ended", 0) >= calls or time.monotonic() > deadline:
            return facts
        time.sleep(0.2)
