"""Texts a second to an SMPP server: through the bind process, every claim, answer and receipt durable in
PostgreSQL, beside the bare library (smpplib, the same window, the same server, nothing written down).
"""

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import smpplib.client
from sqlalchemy import func, insert, select

from benchmarks.house import Cpu, free_ports, house, python
from benchmarks.ladder import ratio
from hotline import clock
from hotline.db import transaction
from hotline.event_log import Event
from sms.models import SmsMessage

WINDOW = 50
PER_SECOND_GUESSED = 500
ROUNDS = 2
TEXT = "【演示市12345】您的评价已收到，感谢您的支持！"
PASSWORD = "secret"
GIVE_UP_SECONDS = 60
_numbers = count(13_200_000_000)


@dataclass(frozen=True)
class Batch:
    """So many messages, sent as fast as they go. `facts`: sms_sent and sms_delivered on record (ours)."""

    messages: int
    seconds: float
    facts: int | None
    cpu_ms: dict[str, float]

    @property
    def rate(self) -> float:
        return round(self.messages / self.seconds, 1)

    @property
    def held(self) -> bool:
        return self.facts in (None, 2 * self.messages)

    def row(self) -> dict[str, Any]:
        facts = {} if self.facts is None else {"facts": self.facts}
        return {
            "held": self.held,
            "per_second": self.rate,
            "messages": self.messages,
            **facts,
            "cpu_ms": self.cpu_ms,
        }


def run(seconds: float, say: Callable[[str, Batch], None]) -> dict[str, Any]:
    messages = round(seconds * PER_SECOND_GUESSED)
    lines = {"ours": through_the_house, "bare": bare_library}
    batches: dict[str, list[Batch]] = {name: [] for name in lines}
    with carrier() as port, house("smpp-bind", **_sections(port)):
        through_the_house(port, 50)  # warm: bound, statements prepared
        for _ in range(ROUNDS):
            for name, send in lines.items():
                batches[name].append(send(port, messages))
                say(name, batches[name][-1])
    ours, bare = (_mean(batches[name]) for name in lines)
    return {
        "ours_per_second": ours,
        "bare_per_second": bare,
        "ratio": ratio(ours, bare),
        "rounds": {name: [batch.row() for batch in of_line] for name, of_line in batches.items()},
    }


def _mean(batches: list[Batch]) -> float:
    """A round whose facts are not all there counts nothing."""
    sent = sum(batch.messages for batch in batches if batch.held)
    return round(sent / sum(batch.seconds for batch in batches), 1)


def _sections(port: int) -> dict[str, dict[str, Any]]:
    smpp = {"port": port, "password": PASSWORD, "window": WINDOW}
    return {"sms": {"provider": "smpp", "smpp": smpp}}


@contextlib.contextmanager
def carrier() -> Iterator[int]:
    """The SMPP server in a process of its own; it takes everything and sends a receipt for each."""
    port = free_ports(1)[0]
    started = subprocess.Popen(
        [*python("tests.sms.smsc"), str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert started.stdout is not None
    started.stdout.readline()
    try:
        yield port
    finally:
        started.kill()
        started.wait()


def through_the_house(_port: int, messages: int) -> Batch:
    """From the commit that queues them until the last receipt is on record."""
    before = _facts()
    _queue(messages)
    cpu, began = Cpu(), time.monotonic()
    while (facts := _facts() - before) < 2 * messages and time.monotonic() - began < GIVE_UP_SECONDS:
        time.sleep(0.1)
    return Batch(messages, time.monotonic() - began, facts, cpu.per(messages))


def _queue(messages: int) -> None:
    now = clock.now()
    numbers = [next(_numbers) for _ in range(messages)]
    rows = [
        {
            "subject": f"bench:{number}",
            "template": "survey_thanks",
            "language": "zh",
            "recipient": f"+86{number}",
            "sender": "12345",
            "text": TEXT,
            "parts": 1,
            "queued_at": now,
            "next_attempt_at": now,
        }
        for number in numbers
    ]
    with transaction() as session:
        session.execute(insert(SmsMessage), rows)


def _facts() -> int:
    told = select(func.count()).where(Event.kind.in_(["sms_sent", "sms_delivered"]))
    with transaction() as session:
        return session.scalar(told) or 0


def bare_library(port: int, messages: int) -> Batch:
    """smpplib alone, one thread, the same send window; receipts are read and thrown away."""
    client = smpplib.client.Client("127.0.0.1", port, allow_unknown_opt_params=True)
    answers: list[int] = []
    receipts: list[int] = []
    client.set_message_sent_handler(lambda pdu: answers.append(pdu.sequence))
    client.set_message_received_handler(lambda pdu: receipts.append(pdu.sequence))
    client.connect()
    client.bind_transceiver(system_id="bench", password=PASSWORD)
    body = TEXT.encode("utf-16-be")
    cpu, began = Cpu(), time.monotonic()
    for sent in range(messages):
        client.send_message(
            source_addr="12345",
            destination_addr=f"86138{sent:08}",
            short_message=body,
            data_coding=8,
            registered_delivery=1,
        )
        while sent + 1 - len(answers) >= WINDOW:
            client.read_once()
    while len(answers) < messages or len(receipts) < messages:
        client.read_once()
    taken = Batch(messages, time.monotonic() - began, None, cpu.per(messages))
    client.disconnect()
    return taken
