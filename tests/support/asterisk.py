"""A real Asterisk for tests: fetched if need be, on ports of its own, with short prompts."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hotline.telephony.asterisk.ami import Ami, AmiMessage
from hotline.telephony.asterisk.free_ports import free_tcp_port, free_udp_port, free_udp_ports
from hotline.telephony.asterisk.instance import AsteriskInstance
from hotline.telephony.asterisk.settings import Agent, AsteriskSettings
from hotline.telephony.asterisk.sipp import TONE, Sipp
from ivr.asterisk.dialplan import extensions_conf

CHECKOUT = Path(__file__).parents[2]
PROMPTS = ("hello", "greeting_12345", "greeting_12348", *(f"queue_position_{n}" for n in range(1, 11)))
DESKS = tuple(Agent(str(8001 + n), f"password-{8001 + n}") for n in range(4))


def asterisk_prefix() -> Path:
    prefix = CHECKOUT / ".asterisk/prefix"
    subprocess.run([CHECKOUT / "scripts/fetch_asterisk.sh", prefix], check=True)
    return prefix


def short_prompts(directory: Path) -> Path:
    """A fifth of a second of tone for each prompt."""
    directory.mkdir(parents=True)
    for prompt in PROMPTS:
        (directory / f"{prompt}.alaw").write_bytes(TONE[:1600])
    return directory


def settings_for(directory: Path, **changes: Any) -> AsteriskSettings:
    first = free_udp_ports(400)
    settings = AsteriskSettings(
        directory=directory / "a",
        prefix=asterisk_prefix(),
        sip_port=free_udp_port(),
        ami_port=free_tcp_port(),
        http_port=free_tcp_port(),
        rtp_ports=(first, first + 398),
        ami_user="hotline",
        ami_secret="secret of a test",
        agi_host="127.0.0.1",
        agi_port=free_tcp_port(),
        trunk_host="127.0.0.1",
        trunk_port=free_udp_port(),
        agents=DESKS,
        queues=("hotline_12345", "hotline_12348"),
        numbers={"12345": "12345", "12348": "12348", "+8612345": "12345"},
        recordings_dir=directory / "recordings",
        sounds_dirs={"zh": short_prompts(directory / "sounds/zh")},
        max_calls=100,
        queue_max_wait_seconds=30,
        agent_ring_seconds=10,
    )
    return replace(settings, **changes)


@contextmanager
def running_asterisk(directory: Path, **changes: Any) -> Iterator[AsteriskInstance]:
    """`changes` are fields of AsteriskSettings."""
    settings = settings_for(directory, **changes)
    with AsteriskInstance(settings, extensions_conf(settings)) as instance:
        yield instance


@pytest.fixture(scope="session")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AsteriskInstance]:
    """One for all tests of a directory; a test that stops it, or changes its settings, starts its own."""
    with running_asterisk(tmp_path_factory.mktemp("asterisk")) as instance:
        yield instance


@pytest.fixture
def sipp(asterisk: AsteriskInstance, tmp_path: Path) -> Sipp:
    return Sipp(tmp_path, asterisk.settings.sip_port)


def ami_of(instance: AsteriskInstance, **options: Any) -> Ami:
    settings = instance.settings
    return Ami("127.0.0.1", settings.ami_port, settings.ami_user, settings.ami_secret, **options)


class Events:
    """Everything an AMI connection tells, to wait for and look at."""

    def __init__(self) -> None:
        self.seen: list[AmiMessage] = []
        self._news = asyncio.Event()

    async def __call__(self, event: AmiMessage) -> None:
        self.seen.append(event)
        self._news.set()

    def named(self, name: str) -> list[AmiMessage]:
        return [event for event in self.seen if event.event == name]

    async def wait_for(self, name: str, *, count: int = 1, seconds: float = 15) -> AmiMessage:
        """The `count`th event of that name, come or still to come."""
        async with asyncio.timeout(seconds):
            while len(self.named(name)) < count:
                self._news.clear()
                await self._news.wait()
        return self.named(name)[count - 1]
