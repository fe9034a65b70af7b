"""A temporary instance to play on: own directory, own ports, everything stopped and removed afterwards."""

import datetime
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import tomli_w

from hotline.config import Settings, read, settings
from hotline.errors import HotlineError
from hotline.telephony.asterisk.free_ports import free_tcp_port, free_tcp_ports
from hotline.wiring.instance import PORTS

READY_SECONDS = 120
STOP_SECONDS = 40
# A story must not wait a day for the survey call, nor for the morning.
MIDNIGHT = datetime.time(0)
QUICK = {
    "survey": {"sms_wait_hours": 25 / 3600, "ivr_attempts": 1, "ring_from": MIDNIGHT, "ring_until": MIDNIGHT},
    "ivr": {"input_seconds": 4},
}


class StageFailed(HotlineError):
    """The temporary instance did not start; the text is what it printed."""

    code = "stage_failed"


@dataclass(frozen=True)
class Stage:
    """A running instance. `settings` are its own, with every blank filled in."""

    settings: Settings
    data_dir: Path

    @property
    def web(self) -> str:
        return self.settings.site.public_url

    @property
    def simulators(self) -> str:
        return f"http://{self.settings.web.reached_at}:{self.settings.web.simulators_port}"


@contextmanager
def running(telephony: str) -> Iterator[Stage]:
    """Raises StageFailed. This process reads the instance's settings while it runs."""
    with tempfile.TemporaryDirectory(prefix="hotline-story-") as directory:
        data_dir = Path(directory)
        config = data_dir / "story.toml"
        config.write_text(tomli_w.dumps(_wanted(telephony)), encoding="utf-8")
        printed = data_dir / "up.log"
        up = ["up", "--data", str(data_dir / "data"), "--preset", "small"]
        with printed.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "hotline.wiring.cli", "--config", str(config), *up],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield _ready(process, data_dir / "data", printed)
        finally:
            _stop(process)


def _wanted(telephony: str) -> dict[str, object]:
    asterisk = {name: free_tcp_port() for name in ("sip_port", "ami_port", "http_port", "agi_port")}
    trunk = f"127.0.0.1:{free_tcp_port()}"
    prefix = str(settings().asterisk.prefix.resolve())
    return {
        "web": {"port": free_tcp_ports(PORTS), "workers": 1},
        "telephony": {"system": telephony},
        "asterisk": {**asterisk, "prefix": prefix, "trunk": trunk},
        **QUICK,
    }


def _ready(process: subprocess.Popen[bytes], data_dir: Path, printed: Path) -> Stage:
    config = data_dir / "settings.toml"
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise StageFailed(f"the instance did not start:\n{printed.read_text(errors='replace')}")
        if "Hotline is ready" in printed.read_text(errors="replace") and config.exists():
            os.environ["HOTLINE_CONFIG"] = str(config)
            settings.cache_clear()
            return Stage(read(config), data_dir)
        time.sleep(0.2)
    raise StageFailed(
        f"the instance was not ready after {READY_SECONDS} s:\n{printed.read_text(errors='replace')}"
    )


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
