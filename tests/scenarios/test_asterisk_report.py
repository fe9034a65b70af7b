"""The three-call oracle, and a caller nobody comes to: two lines, and a wait of a few seconds."""

from collections.abc import Iterator
from datetime import date
from functools import partial

import pytest
from sqlalchemy import select

from hotline import clock
from hotline.callbacks.models import CallBack
from hotline.config import settings
from hotline.db import transaction
from hotline.reports import queries
from hotline.telephony.asterisk.sipp import hang_up, keys, pause, talk, wait_for_hang_up
from tests.conftest import Servers
from tests.support.line import Line, call_of, ended, facts_of, running_line
from tests.support.waiting import eventually

OPERATOR = keys("0#", after=0.4)
SMALL = {"max_calls": 2, "queue_max_wait_seconds": 4, "agent_ring_seconds": 2}


@pytest.fixture(scope="module")
def small_line(
    servers: Servers, seeded_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Line]:
    with running_line(servers, seeded_template, tmp_path_factory.mktemp("line"), telephony=SMALL) as made:
        yield made


def figures() -> dict[str, int]:
    today: date = clock.to_local(clock.now(), settings().site.time_zone).date()
    with transaction() as session:
        results = queries.report(session, queries.Period(today, today, settings().site.zone), clock.now())
    return {result.figure.name: result.numerator for result in results}


def test_one_answered_one_abandoned_one_blocked_is_what_the_report_says(small_line: Line) -> None:
    line = small_line
    with line.agent("1001") as staff_id:
        first = line.called("12345", talk(), *OPERATOR, pause(8), hang_up(), caller="13700000001")
        eventually(lambda: line.presence(staff_id).state == "talking")
        second = line.called("12348", talk(), *OPERATOR, pause(5), hang_up(), caller="13700000002")
        eventually(lambda: (call := call_of("13700000002")) and call.state == "queued")
        line.called("12345", caller="13700000003", refused=486).succeeds()
        first.succeeds()
        second.succeeds()
        for caller in ("13700000001", "13700000002", "13700000003"):
            eventually(partial(ended, caller))
    told = figures()
    assert {name: told[f"calls_{name}"] for name in ("received", "answered", "abandoned", "blocked")} == {
        "received": 3,
        "answered": 1,
        "abandoned": 1,
        "blocked": 1,
    }
    assert told["calls_overflowed"] == told["calls_failed"] == 0
    assert (told["connection_rate"], told["answered_within_15s"]) == (1, 1)


def test_a_number_that_is_not_ours_is_refused_and_is_no_call(small_line: Line) -> None:
    before = figures()
    small_line.called("12399", caller="13700000004", refused=404).succeeds()
    assert call_of("13700000004") is None
    assert figures() == before


def test_a_caller_nobody_comes_to_is_promised_a_call_back(small_line: Line) -> None:
    phone = small_line.called("12345", talk(), *OPERATOR, wait_for_hang_up(20), caller="13700000005")
    phone.succeeds()
    call = eventually(lambda: ended("13700000005"))
    assert call.end_reason == "overflowed"
    with transaction() as session:
        promised = session.scalars(select(CallBack).where(CallBack.call_id == call.id)).one()
        assert promised.reason == "no_agent"


def test_with_the_dialogue_down_the_caller_reaches_the_queue_and_the_call_exists(small_line: Line) -> None:
    small_line.kill("agi")
    try:
        small_line.called("+8612345", talk(), pause(1.5), hang_up(), caller="13700000006").succeeds()
        call = eventually(lambda: ended("13700000006"))
        assert (call.dialled, call.hotline, call.queue) == ("+8612345", "12345", "hotline_12345")
        assert facts_of(call)[:3] == ["call_received", "call_queued", "call_ended"]
        assert call.end_reason == "abandoned_queue"
    finally:
        small_line.start("agi")
