"""Control of a real Asterisk: members of queues, survey calls, hanging up."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hotline.errors import ProviderError
from hotline.telephony.asterisk.control import AsteriskControl
from hotline.telephony.asterisk.instance import AsteriskInstance
from hotline.telephony.asterisk.sipp import Sipp, hang_up, pause, talk, wait_for_hang_up
from hotline.telephony.ports import Member
from tests.support.instance import configured
from tests.support.waiting import eventually

QUEUE = "hotline_12345"


@contextmanager
def control_of(
    asterisk: AsteriskInstance, directory: Path, telephony: dict[str, Any] | None = None, **changes: Any
) -> Iterator[AsteriskControl]:
    own = asterisk.settings
    section = {"ami_port": own.ami_port, "ami_user": own.ami_user, "ami_secret": own.ami_secret} | changes
    with configured(directory / "hotline.toml", {"telephony": telephony or {}, "asterisk": section}):
        yield AsteriskControl()


@pytest.fixture
def control(asterisk: AsteriskInstance, tmp_path: Path) -> Iterator[AsteriskControl]:
    with control_of(asterisk, tmp_path) as made:
        yield made


def test_a_member_joins_pauses_with_a_reason_and_leaves(control: AsteriskControl) -> None:
    control.add_member(QUEUE, "8001", paused=True, reason="会议")
    assert control.members(QUEUE) == (Member("8001", True, "会议"),)
    control.pause_member(QUEUE, "8001", paused=False)
    assert control.members(QUEUE) == (Member("8001", False),)
    control.remove_member(QUEUE, "8001")
    assert control.members(QUEUE) == ()


def test_what_is_so_already_is_no_error(control: AsteriskControl) -> None:
    control.add_member(QUEUE, "8001", paused=False)
    control.add_member(QUEUE, "8001", paused=True, reason="break")
    assert control.members(QUEUE) == (Member("8001", True, "break"),)
    control.remove_member(QUEUE, "8001")
    control.remove_member(QUEUE, "8001")
    control.hang_up("hotline-1.1")


def test_what_asterisk_refuses_says_why_and_trying_again_is_no_use(control: AsteriskControl) -> None:
    with pytest.raises(ProviderError, match="Interface not found") as refused:
        control.pause_member(QUEUE, "8009", paused=True)
    assert refused.value.permanent
    with pytest.raises(ProviderError, match="No such queue"):
        control.add_member("no_such_queue", "8001", paused=False)
    with pytest.raises(ProviderError, match="line breaks") as refused:
        control.add_member(QUEUE, "8001\r\nAction: Ping", paused=False)
    assert refused.value.permanent


def test_an_asterisk_that_is_away_is_worth_another_try(asterisk: AsteriskInstance, tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with control_of(asterisk, tmp_path, ami_port=nobody.getsockname()[1]) as away:
            with pytest.raises(ProviderError, match="cannot be reached") as refused:
                away.members(QUEUE)
            assert not refused.value.permanent


def test_callers_wait_in_the_order_they_came_and_can_be_hung_up(
    asterisk: AsteriskInstance, control: AsteriskControl, sipp: Sipp
) -> None:
    with sipp.call("12345", talk(), wait_for_hang_up()) as first:
        older = eventually(lambda: control.waiting(QUEUE))
        with sipp.call("12345", talk(), wait_for_hang_up()) as second:
            eventually(lambda: len(control.waiting(QUEUE)) == 2)
            assert control.waiting(QUEUE)[:1] == older
            control.hang_up(older[0])
            first.succeeds()
            eventually(lambda: len(control.waiting(QUEUE)) == 1)
            control.hang_up(control.waiting(QUEUE)[0])
            second.succeeds()


@contextmanager
def citizen(asterisk: AsteriskInstance, sipp: Sipp, *steps: Any, **options: Any) -> Iterator[None]:
    with sipp.answer_calls(asterisk.settings.trunk_port, *steps, **options):
        yield


def test_a_citizens_telephone_that_rings_is_not_waited_for(
    asterisk: AsteriskInstance, control: AsteriskControl, sipp: Sipp
) -> None:
    with citizen(asterisk, sipp, talk(), pause(1), hang_up(), ring_seconds=20):
        began = time.monotonic()
        rung = control.ring_citizen("+8613900139000", hotline="12345", survey_id=7, attempt="survey-7-1")
        assert rung == "survey-7-1"
        assert time.monotonic() - began < 4
        assert "survey-7-1" in asterisk.rx("core show channels verbose") + asterisk.rx(
            "core show channels concise"
        )
        control.hang_up("survey-7-1")


@pytest.mark.parametrize(
    ("hotline", "numbers", "shown"),
    [
        ("12345", {}, "12345"),
        ("12348", {}, "12348"),
        ("12348", {"numbers": [{"dialled": "67000000", "hotline": "12345"}]}, "67000000"),
    ],
)
def test_a_citizen_is_rung_from_the_hotline_it_is_about_or_else_from_our_first_number(
    asterisk: AsteriskInstance, tmp_path: Path, hotline: str, numbers: dict[str, Any], shown: str
) -> None:
    attempt = f"survey-from-{shown}-{hotline}"
    with control_of(asterisk, tmp_path, numbers) as control, carrier(asterisk) as line:
        control.ring_citizen("+8613900139000", hotline=hotline, survey_id=7, attempt=attempt)
        assert f"<sip:{shown}@" in sender(line)
        control.hang_up(attempt)


@contextmanager
def carrier(asterisk: AsteriskInstance) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", asterisk.settings.trunk_port))
        line.settimeout(5)
        yield line


def sender(line: socket.socket) -> str:
    """Who rings, by the first INVITE."""
    said = ""
    while not said.startswith("INVITE"):
        said = line.recv(65536).decode()
    return next(header for header in said.splitlines() if header.startswith("From:"))


@pytest.mark.parametrize(("answer", "for_good"), [(404, True), (486, False), (503, False)])
def test_a_citizen_who_cannot_be_reached_is_an_error_at_once(
    asterisk: AsteriskInstance, control: AsteriskControl, sipp: Sipp, answer: int, for_good: bool
) -> None:
    with sipp.refuse_calls(asterisk.settings.trunk_port, answer):
        with pytest.raises(ProviderError, match="cannot be reached") as refused:
            control.ring_citizen("13900139000", hotline="12345", survey_id=7, attempt=f"survey-8-{answer}")
        assert refused.value.permanent == for_good


def test_agents_are_chosen_by_asterisk(control: AsteriskControl) -> None:
    assert control.distributes
    with pytest.raises(ProviderError):
        control.ring_agent("hotline-1.1", "8001")
