"""A whole telephone line for a scenario: real Asterisk, our processes around it, a database of its own."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select

from agents import service as agents
from agents.models import AgentPresence
from hotline import clock
from hotline.callers.models import Caller
from hotline.calls.models import Call
from hotline.config import settings
from hotline.db import transaction
from hotline.event_log import Event
from hotline.phone_numbers import normalise_or_none
from hotline.staff.models import Staff
from hotline.staff.queries import extensions
from hotline.telephony import ports
from hotline.telephony.asterisk.free_ports import free_tcp_port, free_udp_port, free_udp_ports
from hotline.telephony.asterisk.instance import AsteriskInstance
from hotline.telephony.asterisk.sipp import TONE, Phones, Sipp, Step, talk, wait_for_hang_up
from hotline.telephony.ports import Member, telephony
from hotline.wiring.asterisk import asterisk_settings
from hotline.wiring.processes import Child, ProcessSpec
from ivr.asterisk.dialplan import extensions_conf
from ivr.prompts import SOUNDS, all_keys
from tests.conftest import Servers, sections
from tests.support.asterisk import asterisk_prefix
from tests.support.instance import configured
from tests.support.proxy import Proxy
from tests.support.waiting import eventually

QUEUE = "hotline_12345"
OURS = ("agi", "ami", "relay", "worker")
Found = TypeVar("Found")


class Line:
    """`asterisk` and every process of OURS can be killed and started again."""

    def __init__(self, directory: Path, asterisk: AsteriskInstance, manager: Proxy) -> None:
        self.asterisk = asterisk
        self.manager = manager
        self.sipp = Sipp(directory / "phones", asterisk.settings.sip_port)
        self._log = directory / "log"
        self._log.mkdir()
        self._children: dict[str, Child] = {}

    def logs(self) -> list[Path]:
        ours = sorted(path for path in self._log.iterdir() if path.is_file())
        return [*ours, self.asterisk.settings.directory / "log/console"]

    def start(self, *names: str) -> None:
        for name in names:
            argv = [sys.executable, "-m", "hotline.wiring.cli", "process", name]
            self._children[name] = Child(ProcessSpec(name=name, argv=argv), self._log)

    def dialogue_answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", settings().asterisk.agi_port)) == 0

    def recogniser_answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", settings().speech.port)) == 0

    def kill(self, name: str) -> None:
        """As the kernel does it when memory runs out."""
        self._children.pop(name).stop()

    def signal(self, name: str, number: signal.Signals) -> None:
        self._children[name].popen.send_signal(number)

    def kill_asterisk(self) -> None:
        process = self.asterisk.process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        self.asterisk.process = None

    def stop(self) -> None:
        for name in list(self._children):
            self._children[name].popen.send_signal(signal.SIGTERM)
        for name in list(self._children):
            self._children.pop(name).stop()

    @contextmanager
    def agent(self, extension: str, *steps: Step, ring_seconds: float = 0.2) -> Iterator[int]:
        """Available, with a telephone that answers after `ring_seconds`; gone afterwards. The staff id."""
        desk = (extension, settings().asterisk.agent_password)
        with transaction() as session:
            staff_id = session.scalars(select(Staff.id).where(Staff.extension == extension)).one()
        with self.sipp.agents([desk], *(steps or (talk(), wait_for_hang_up())), ring_seconds=ring_seconds):
            with transaction() as session:
                agents.become_available(session, staff_id, clock.now())
            eventually(lambda: Member(extension, False) in telephony().members(QUEUE))
            try:
                yield staff_id
            finally:
                eventually(lambda: self.presence(staff_id).call_id is None or self._let_go(staff_id))
                with transaction() as session:
                    agents.leave(session, staff_id, clock.now())
        eventually(lambda: extension not in [member.extension for member in telephony().members(QUEUE)])

    def presence(self, staff_id: int) -> AgentPresence:
        with transaction() as session:
            return session.get_one(AgentPresence, staff_id)

    def _let_go(self, staff_id: int) -> bool:
        return self.presence(staff_id).state == "wrap_up"

    def called(self, number: str, *steps: Step, caller: str, **options: Any) -> Phones:
        return self.sipp.call(number, *steps, callers=[caller], **options)


def call_of(caller: str) -> Call | None:
    """The latest call of this number."""
    number = normalise_or_none(caller)
    with transaction() as session:
        wanted = select(Call).join(Call.caller).where(Caller.number == number).order_by(Call.id.desc())
        return session.scalars(wanted.limit(1)).first()


def ended(caller: str) -> Call | None:
    call = call_of(caller)
    return call if call and call.state == "ended" else None


def facts_of(call: Call) -> list[str]:
    """Kinds, in the order they came true."""
    return [fact.kind for fact in events_of(call)]


def events_of(call: Call) -> list[Event]:
    with transaction() as session:
        wanted = select(Event).where(Event.call_id == call.id).order_by(Event.at, Event.id)
        return list(session.scalars(wanted))


@contextmanager
def running_line(
    servers: Servers, template: str, directory: Path, *, spoken: frozenset[str] = frozenset(), **chosen: Any
) -> Iterator[Line]:
    """`chosen` are settings sections. A prompt is a fifth of a second of tone, that of the transfer two;
    those `spoken` are what a citizen hears, and with any of them so are the names of the catalogue.
    """
    database = servers.copy_of(template)
    real_port = free_tcp_port()
    with (
        Proxy(real_port) as manager,
        configured(directory / "hotline.toml", _sections(servers, database, directory, manager, chosen)),
    ):
        ports.telephony.cache_clear()
        line = Line(directory, _asterisk(directory, real_port, spoken), manager)
        try:
            line.start(*OURS)
            line.asterisk.start()
            eventually(link_is_up)
            eventually(line.dialogue_answers)
            yield line
        finally:
            line.stop()
            line.asterisk.stop()
            ports.telephony.cache_clear()
    servers.drop(database)


def link_is_up(since: int = 0) -> bool:
    """Did calls come to agree with Asterisk after fact number `since`?"""
    with transaction() as session:
        wanted = select(Event).where(Event.kind == "telephony_link_changed", Event.id > since)
        last = session.scalars(wanted.order_by(Event.id.desc()).limit(1)).first()
        return last is not None and bool(last.data["up"])


def newest_fact() -> int:
    with transaction() as session:
        return session.scalars(select(Event.id).order_by(Event.id.desc()).limit(1)).one()


def _sections(
    servers: Servers, database: str, directory: Path, manager: Proxy, chosen: dict[str, Any]
) -> dict[str, Any]:
    first = free_udp_ports(600)
    usual = sections(servers, database) | {
        "telephony": {"system": "asterisk", "recordings_dir": str(directory / "recordings")},
        "asterisk": {
            "prefix": str(asterisk_prefix()),
            "sip_port": free_udp_port(),
            "ami_port": manager.port,
            "http_port": free_tcp_port(),
            "agi_port": free_tcp_port(),
            "rtp_first": first,
            "rtp_last": first + 598,
            "trunk": f"127.0.0.1:{free_udp_port()}",
        },
        "ivr": {"input_seconds": 2},
    }
    return {key: usual.get(key, {}) | chosen.get(key, {}) for key in usual | chosen}


def _asterisk(directory: Path, manager_port: int, spoken: frozenset[str]) -> AsteriskInstance:
    with transaction() as session:
        made = asterisk_settings(settings(), extensions(session), directory / "a")
    sounds = directory / "sounds/zh"
    sounds.mkdir(parents=True)
    for key in all_keys():
        long = key == "transfer_to_agent"
        tone = TONE * 2 if long else TONE[:1600]
        shipped = SOUNDS / "zh" / f"{key}.alaw"
        (sounds / shipped.name).write_bytes(shipped.read_bytes() if key in spoken else tone)
    if spoken:
        (sounds / "names").symlink_to(SOUNDS / "zh/names")
    made = replace(made, ami_port=manager_port, sounds_dirs={"zh": sounds})
    return AsteriskInstance(made, extensions_conf(made))
