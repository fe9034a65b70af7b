"""Texts a second to an SMPP server: through the house, every claim, answer and receipt durable in PostgreSQL,
beside the bare library (smpplib, the same window, the same server, nothing written down).

    .venv/bin/python -m benchmarks.sms [--messages 3000]
"""

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import smpplib.client
from sqlalchemy import func, insert, select

from hotline import clock
from hotline.config import settings
from hotline.db import transaction
from hotline.wiring.embedded import EmbeddedPostgres, EmbeddedValkey
from hotline.wiring.migrate import migrate
from hotline.wiring.processes import running
from sms.models import SmsMessage
from sms.smpp_bind import Bind
from tests.sms.smsc import free_port
from tests.support.instance import configured

WINDOW = 50
TEXT = "【演示市12345】您的评价已收到，感谢您的支持！"
GIVE_UP_SECONDS = 120


@contextlib.contextmanager
def carrier() -> Iterator[int]:
    """The SMPP server in a process of its own; it takes everything and sends a receipt for each."""
    port = free_port()
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.sms.smsc", str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert started.stdout is not None
    started.stdout.readline()
    try:
        yield port
    finally:
        started.kill()
        started.wait()


@contextlib.contextmanager
def house(port: int) -> Iterator[None]:
    """An empty, migrated Hotline that sends by that carrier."""
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch)
        postgres, valkey = EmbeddedPostgres(data), EmbeddedValkey(data)
        postgres.prepare()
        valkey.prepare()
        with running(postgres.process(), valkey.process(), log_dir=data / "log"):
            migrate(postgres.url())
            sections = {
                "database": {"url": postgres.url()},
                "redis": {"url": valkey.url()},
                "sms": {"provider": "smpp", "smpp": {"port": port, "password": "secret", "window": WINDOW}},
            }
            with configured(data / "hotline.toml", sections):
                yield


def queue_all(messages: int) -> None:
    now = clock.now()
    rows = [
        {
            "subject": f"bench:{number}",
            "template": "survey_thanks",
            "language": "zh",
            "recipient": f"+86138{number:08}",
            "sender": "12345",
            "text": TEXT,
            "parts": 1,
            "queued_at": now,
            "next_attempt_at": now,
        }
        for number in range(messages)
    ]
    with transaction() as session:
        session.execute(insert(SmsMessage), rows)


def count(state: str) -> int:
    with transaction() as session:
        matching = select(func.count()).select_from(SmsMessage).where(SmsMessage.state == state)
        return session.scalar(matching) or 0


async def seconds_to_deliver(messages: int) -> float:
    """From the bind's start until every message is delivered by its receipt."""
    bind = Bind(settings().sms.smpp)
    running_bind = asyncio.create_task(bind.run())
    began = time.monotonic()
    while await asyncio.to_thread(count, "delivered") < messages:
        if time.monotonic() - began > GIVE_UP_SECONDS:
            raise SystemExit(f"only {count('delivered')} of {messages} delivered in {GIVE_UP_SECONDS} s")
        await asyncio.sleep(0.1)
    seconds = time.monotonic() - began
    bind.stop.set()
    await running_bind
    return seconds


def through_the_house(messages: int) -> float:
    """Messages a second, each claimed, sent, answered and delivered on record."""
    with carrier() as port, house(port):
        queue_all(messages)
        return messages / asyncio.run(seconds_to_deliver(messages))


def bare_library(messages: int) -> float:
    """smpplib alone, one thread, the same send window; receipts are read and thrown away."""
    with carrier() as port:
        client = smpplib.client.Client("127.0.0.1", port, allow_unknown_opt_params=True)
        answers: list[int] = []
        client.set_message_sent_handler(lambda pdu: answers.append(pdu.sequence))
        client.set_message_received_handler(lambda pdu: None)
        client.connect()
        client.bind_transceiver(system_id="bench", password="secret")
        body = TEXT.encode("utf-16-be")
        began = time.monotonic()
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
        while len(answers) < messages:
            client.read_once()
        seconds = time.monotonic() - began
        client.unbind()
        client.disconnect()
    return messages / seconds


def run(messages: int) -> dict[str, float]:
    bare, ours = bare_library(messages), through_the_house(messages)
    return {
        "messages": messages,
        "house_per_second": round(ours, 1),
        "bare_library_per_second": round(bare, 1),
        "ratio": round(ours / bare, 3),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--messages", type=int, default=3000)
    print(json.dumps(run(arguments.parse_args().messages)))


if __name__ == "__main__":
    main()
