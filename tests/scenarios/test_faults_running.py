"""Processes of a running Hotline die, Valkey is emptied: every citizen still gets one text, and only one."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from hotline.wiring.story.people import Browser, PageRefused
from sms.simulated.store import CarrierStore
from tests.support.running import Hotline
from tests.support.waiting import eventually

PATIENCE_SECONDS = 150
NUMBER = re.compile(r"GD\d+")
TEXT = "文化路的路灯坏了三天，晚上一片漆黑"


def citizen_sends_in(town: Hotline, number: str) -> str:
    """At the web page; who meets a page that does not answer tries again. The ticket's number."""

    def submitted() -> str:
        matter = {"kind": "complaint", "text": TEXT, "area_id": "0", "number": number}
        try:
            page = Browser(town.url).send("/p/new", "/p/new", matter)
        except (OSError, PageRefused):
            return ""
        found = NUMBER.search(page)
        return found.group() if found else ""

    return eventually(submitted, "a matter is taken", PATIENCE_SECONDS)


def texts_to(town: Hotline, number: str) -> list[str]:
    """What the citizen's handset got."""
    return [message["text"] for message in CarrierStore(town.data_dir).conversation(number)]


def gets_one_text(town: Hotline, number: str, ticket: str) -> None:
    """It is delivered, by one attempt, and about this ticket."""
    state = "SELECT state, attempts FROM sms_message WHERE recipient = %s"

    def delivered() -> bool:
        return [row[0] for row in town.rows(state, number)] == ["delivered"]

    eventually(delivered, f"the text about {ticket}", PATIENCE_SECONDS)
    texts = texts_to(town, number)
    assert len(texts) == 1
    assert ticket in texts[0]


def process_of(town: Hotline, name: str) -> psutil.Process:
    """It, or the one that was started in its place."""
    found = eventually(lambda: town.process_of(name), f"{name} runs")
    assert found
    return found


@contextmanager
def standing_still(process: psutil.Process) -> Iterator[None]:
    process.suspend()
    try:
        yield
    finally:
        if process.is_running():
            process.resume()


def queued(town: Hotline, number: str) -> bool:
    return town.rows("SELECT state FROM sms_message WHERE recipient = %s", number) == [("queued",)]


def test_valkey_emptied_while_a_text_is_due_delays_it_and_no_more(town: Hotline) -> None:
    number = "+8613900000031"
    worker = process_of(town, "worker")
    with standing_still(worker):
        ticket = citizen_sends_in(town, number)
        eventually(lambda: queued(town, number), "the text is due")
        town.valkey().flushall()
    gets_one_text(town, number, ticket)


def test_a_worker_killed_while_a_text_is_due_is_replaced_and_the_text_sent_once(town: Hotline) -> None:
    number = "+8613900000032"
    worker = process_of(town, "worker")
    with standing_still(worker):
        ticket = citizen_sends_in(town, number)
        eventually(lambda: queued(town, number), "the text is due")
        worker.kill()
    gets_one_text(town, number, ticket)
    assert process_of(town, "worker").pid != worker.pid


@pytest.mark.parametrize(
    ("place", "name"), [*enumerate(["relay", "scheduler", "web", "live", "valkey-server", "postgres"])]
)
def test_whatever_process_dies_a_matter_is_taken_and_its_text_sent_once(
    town: Hotline, place: int, name: str
) -> None:
    number = f"+861390000007{place}"
    victim = process_of(town, name)
    before = town.rows("SELECT number FROM ticket ORDER BY id")
    victim.kill()
    ticket = citizen_sends_in(town, number)
    gets_one_text(town, number, ticket)
    assert town.rows("SELECT number FROM ticket ORDER BY id")[: len(before)] == before
    assert process_of(town, name).pid != victim.pid
