"""What one Asterisk instance must know, checked so that no value can add a line to its files."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from hotline.errors import InvalidInput
from hotline.telephony.ports import queue_of

NUMBER = re.compile(r"\+?\d{1,20}")
EXTENSION = re.compile(r"\d{1,20}")
NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
HOST = re.compile(r"[A-Za-z0-9.:_-]{1,253}")
# What would end a value, start a comment or be expanded in an Asterisk file.
UNSAFE = re.compile(r"[\x00-\x1f;,|$\"\\\[\]{}]")


class Agent(NamedTuple):
    """A telephone at a desk: it registers as `extension` with `password`."""

    extension: str
    password: str


@dataclass(frozen=True, kw_only=True)
class AsteriskSettings:
    """One instance. Ports are all on `bind_host`, the manager's on loopback only; times are in seconds.

    Raises InvalidInput, naming the field, for a value Asterisk would misread.
    """

    directory: Path
    """Everything the instance writes, and its configuration; a short path (a unix socket stands in it)."""
    prefix: Path
    """Where scripts/fetch_asterisk.sh put Asterisk."""
    sip_port: int
    ami_port: int
    http_port: int
    rtp_ports: tuple[int, int]
    ami_user: str
    ami_secret: str
    agi_host: str
    agi_port: int
    trunk_host: str
    """The carrier: calls come from this address and outbound calls go there, to trunk_port."""
    trunk_port: int
    agents: tuple[Agent, ...]
    queues: tuple[str, ...]
    numbers: Mapping[str, str]
    """Number as the carrier dials it -> hotline code."""
    recordings_dir: Path
    sounds_dirs: Mapping[str, Path]
    """Language -> directory of prompts."""
    max_calls: int
    queue_max_wait_seconds: int
    agent_ring_seconds: int
    announce_seconds: int = 30
    """How often a waiting caller hears the position in the queue."""
    ivr_max_seconds: int = 300
    """A dialogue that takes longer is cut short and the caller is put through to a person."""
    language: str = "zh"
    bind_host: str = "127.0.0.1"

    def __post_init__(self) -> None:
        for field, value, pattern in self._names():
            if not pattern.fullmatch(value):
                raise InvalidInput(field, f"{value!r} cannot stand in Asterisk's configuration")
        for field, text in self._texts():
            if not text.strip() or UNSAFE.search(text):
                raise InvalidInput(field, "is empty or holds a character Asterisk would misread")
        if not all(path.is_absolute() for path in self._paths()):
            raise InvalidInput("directory", "every directory must be an absolute path")
        for hotline in self.numbers.values():
            if queue_of(hotline) not in self.queues:
                raise InvalidInput("numbers", f"hotline {hotline} has no queue {queue_of(hotline)}")

    def _names(self) -> Iterator[tuple[str, str, re.Pattern[str]]]:
        for host in (self.agi_host, self.trunk_host, self.bind_host):
            yield "host", host, HOST
        for agent in self.agents:
            yield "agents", agent.extension, EXTENSION
        for number in self.numbers:
            yield "numbers", number, NUMBER
        for name in (*self.queues, *self.sounds_dirs, self.language, self.ami_user):
            yield "queues, sounds_dirs, language or ami_user", name, NAME

    def _texts(self) -> Iterator[tuple[str, str]]:
        yield "ami_secret", self.ami_secret
        for agent in self.agents:
            yield "agents", agent.password
        for path in self._paths():
            yield "directory", str(path)

    def _paths(self) -> tuple[Path, ...]:
        return (self.directory, self.prefix, self.recordings_dir, *self.sounds_dirs.values())
