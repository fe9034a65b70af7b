"""A message at the simulated telephone: the switch plays Twilio's Record as Twilio does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from hotline.calls.models import Call
from hotline.db import transaction
from hotline.legal.models import LawyerTask
from ivr import prompts
from tests.conftest import Servers, sections
from tests.legal.people import closed_now
from tests.support.instance import configured
from tests.support.switch import SimulatedSite, simulated_site
from tests.support.waiting import eventually

QUESTION = "老板拖欠我三个月工资，可以去哪里告他？我的电话是幺三八零零幺三八零零零"


@pytest.fixture
def site(servers: Servers, seeded_template: str, tmp_path: Path) -> Iterator[SimulatedSite]:
    name = servers.copy_of(seeded_template)
    with configured(tmp_path / "first.toml", sections(servers, name)):
        closed = closed_now()
    with simulated_site(tmp_path / "hotline.toml", sections(servers, name), legal=closed) as running:
        yield running
    servers.drop(name)


def ended() -> Call | None:
    with transaction() as session:
        return session.scalar(select(Call).where(Call.state == "ended"))


def tasks() -> list[LawyerTask]:
    with transaction() as session:
        return list(session.scalars(select(LawyerTask)))


@pytest.mark.parametrize("ends", ["#", "hang up"])
def test_a_citizen_leaves_a_message(site: SimulatedSite, ends: str) -> None:
    citizen = site.citizen()
    citizen.dial("12348")
    citizen.wait_to_hear("提示音）")
    citizen.say(QUESTION)
    if ends == "#":
        citizen.press("#")
        citizen.wait_to_hear(prompts.spoken("message_kept", "zh"))
    else:
        citizen.hang_up()
    call = eventually(ended)
    task = eventually(tasks)[0]
    assert (task.call_id, task.seconds) == (call.id, round(len(QUESTION) * 0.18))
    eventually(lambda: ended().end_reason == "message")


def test_a_citizen_who_presses_0_or_says_nothing_waits_for_a_person(site: SimulatedSite) -> None:
    citizen = site.citizen()
    citizen.dial("12348")
    citizen.wait_to_hear("提示音）")
    citizen.press("0")
    citizen.wait_to_hear("排在第一位")
    citizen.hang_up()
    eventually(ended)
    assert tasks() == []
