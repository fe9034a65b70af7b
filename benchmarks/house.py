"""A Hotline to measure: processes of the product itself, in a directory and on ports of their own."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from hotline.config import Settings, settings
from hotline.telephony.asterisk.free_ports import free_tcp_port, free_tcp_ports
from hotline.wiring.instance import PORTS, Instance
from hotline.wiring.processes import running
from hotline.wiring.story.stage import answers
from tests.support.instance import forget

__all__ = ["CHECKOUT", "Cpu", "answers", "free_ports", "free_web_ports", "house", "python"]

DATABASE = ("postgres", "valkey", "migrate")
CHECKOUT = Path(__file__).parents[1]
# A part of a command line -> what the process is called in the figures.
NAMES = {
    "process agi": "agi",
    "process ami": "ami",
    "process recogniser": "recogniser",
    "process web": "web",
    "benchmarks.bare_web": "bare-web",
    "benchmarks.ticket_load": "sender",
    "process smpp-bind": "smpp-bind",
    "tests.sms.smsc": "carrier",
    "asterisk": "asterisk",
    "postgres": "postgres",
    "valkey": "valkey",
}


@contextmanager
def house(*processes: str, **sections: dict[str, Any]) -> Iterator[Instance]:
    """Runs these of `hotline up`'s processes, the database first. This process reads its settings too."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as scratch:
        instance = Instance(Settings.model_validate({"web": free_web_ports(), **sections}), Path(scratch))
        instance.prepare()
        wanted = [spec for spec in instance.processes(preset="small") if spec.name in (*DATABASE, *processes)]
        with running(*wanted, log_dir=instance.data_dir / "log"), reading(instance.config_path):
            yield instance


@contextmanager
def reading(config: Path) -> Iterator[None]:
    before = os.environ.get("HOTLINE_CONFIG", "")
    os.environ["HOTLINE_CONFIG"] = str(config)
    forget()
    try:
        yield
    finally:
        forget()
        os.environ["HOTLINE_CONFIG"] = before
        settings.cache_clear()


def free_web_ports() -> dict[str, int]:
    first = free_tcp_ports(PORTS)
    return {"port": first, "live_port": first + 1, "simulators_port": first + 2}


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now, all different."""
    return [free_tcp_port() for _ in range(count)]


def python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


class Cpu:
    """CPU seconds of each part since this was made, of processes that still run."""

    def __init__(self) -> None:
        self._before = _seconds()

    def per(self, operations: int) -> dict[str, float]:
        """Milliseconds of each part for one operation."""
        used: dict[str, float] = {}
        for pid, (name, seconds) in _seconds().items():
            since = seconds - self._before.get(pid, (name, 0.0))[1]
            used[name] = used.get(name, 0.0) + since
        return {name: round(1000 * s / max(1, operations), 2) for name, s in used.items() if s > 0.05}


def _seconds() -> dict[int, tuple[str, float]]:
    found: dict[int, tuple[str, float]] = {}
    for process in psutil.Process().children(recursive=True):
        try:
            words = " ".join(process.cmdline())
            name = next((name for part, name in NAMES.items() if part in words), "other")
            times = process.cpu_times()
        except psutil.Error:
            continue  # it ended while we looked
        found[process.pid] = (name, times.user + times.system)
    return found
