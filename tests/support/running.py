"""`hotline up` as people run it: a program of its own, on ports and data of its own."""

import contextlib
import datetime
import http.client
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psutil
import psycopg
import pytest
import redis
import tomli_w
from sqlalchemy import make_url

from hotline.config import Settings, read
from hotline.telephony.asterisk.free_ports import free_tcp_ports
from hotline.wiring.instance import PORTS
from tests.support.waiting import eventually

START_SECONDS = 180
STOP_SECONDS = 60
# People in tests may be slow when the machine is busy; telephones ring and listen longer than usual.
PATIENT = {
    "web": {"workers": 1},
    "dispatch": {"link_texts": "firms"},
    "tiers": {"overrides": {"reply.difficult": "1 minutes", "closing.complex": "12 hours"}},
    "supervision": {"interview_ratings": 1},
    "ivr": {"input_seconds": 15},
    "telephony": {"agent_ring_seconds": 60},
    "survey": {"ring_from": datetime.time(0), "ring_until": datetime.time(0)},
}
Found = TypeVar("Found")


class Hotline:
    """One `hotline up`. `settings` are sections of its file; `directory` gets its data and what it prints."""

    def __init__(
        self,
        directory: Path,
        settings: dict[str, Any] | None = None,
        *,
        port: int = 0,
        data_dir: Path | None = None,
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.data_dir = data_dir or directory / "data"
        self.port = port or free_tcp_ports(PORTS)
        config = directory / "hotline.toml"
        config.write_text(tomli_w.dumps(settings or {}), encoding="utf-8")
        self._printed = directory / "printed.txt"
        up = ["up", "--preset", "small", "--port", str(self.port), "--data", str(self.data_dir)]
        with self._printed.open("wb") as printed:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hotline.wiring.cli", "--config", str(config), *up],
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def simulators(self) -> str:
        return f"http://127.0.0.1:{self.port + 2}"

    @property
    def printed(self) -> str:
        return self._printed.read_text(encoding="utf-8", errors="replace")

    def logs(self) -> list[Path]:
        return [self._printed]

    @property
    def settings(self) -> Settings:
        """With every blank filled in."""
        return read(self.data_dir / "settings.toml")

    def wait_until_ready(self) -> None:
        """/healthz answers 200, and it has said so."""
        eventually(self._is_ready, f"/healthz of {self.url}", START_SECONDS)

    def ends(self) -> int:
        """Its exit code; it must end by itself."""
        return self.process.wait(START_SECONDS)

    def stop(self) -> int:
        """As Ctrl-C or a service manager does it. The exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def family(self) -> list[psutil.Process]:
        """The program and everything it started."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def process_of(self, name: str) -> psutil.Process | None:
        """What `up` itself started and would start again: one of ours as 'worker', or 'postgres'."""
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if name in (child.name(), *child.cmdline()[-1:]):
                    return child
        return None

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What its database holds."""
        url = make_url(self.settings.database.url).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def valkey(self) -> redis.Redis:
        return redis.Redis.from_url(self.settings.redis.url)

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, f"it ended with {self.process.returncode}:\n{self.printed}"
        return answers(f"{self.url}/healthz") and "Hotline is ready" in self.printed


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, http.client.HTTPException, OSError):
        return False


def left_over(family: list[psutil.Process], data_dir: Path) -> list[str]:
    """Who of the family still lives, and whoever else works for this data directory: its command line."""
    return [_words(one) for one in {*family, *_working_for(data_dir)} if _lives(one)]


def _working_for(data_dir: Path) -> list[psutil.Process]:
    """A process that tells of the directory in its arguments or its environment."""
    return [one for one in psutil.process_iter() if one.pid != os.getpid() and _names(one, str(data_dir))]


def _names(process: psutil.Process, text: str) -> bool:
    try:
        return text in " ".join((*process.cmdline(), *process.environ().values()))
    except psutil.Error:
        return False


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _words(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return f"{process.pid} {' '.join(process.cmdline())}"
    return str(process.pid)


@contextmanager
def running_hotline(directory: Path, settings: dict[str, Any] | None = None) -> Iterator[Hotline]:
    """Ready; stopped when the block ends, whatever happened in it."""
    hotline = Hotline(directory, settings)
    try:
        hotline.wait_until_ready()
        yield hotline
    finally:
        hotline.stop()


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """One running Hotline with a simulated telephone, carrier and small town for all people at pages."""
    with running_hotline(tmp_path_factory.mktemp("town"), PATIENT) as made:
        yield made
