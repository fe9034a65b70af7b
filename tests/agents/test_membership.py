"""Queue members are as agents wish, whatever they were before."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agents import jobs, membership, service
from agents.membership import Change, differences, wish_of
from agents.states import AgentState, PauseReason
from hotline import clock
from hotline.db import transaction
from hotline.errors import ProviderError
from hotline.staff.models import Staff
from hotline.telephony import ports
from hotline.telephony.asterisk.control import AsteriskControl
from hotline.telephony.asterisk.instance import AsteriskInstance
from hotline.telephony.ports import Member
from hotline.wiring.app import create_app
from tests.conftest import Servers, sections
from tests.support.instance import configured
from tests.support.people import signed_in_as

QUEUE = "hotline_12345"
FREE, PAUSED = Member("1001", False), Member("1001", True, "meal")


@pytest.mark.parametrize(
    ("state", "reason", "wish"),
    [
        ("signed_out", None, None),
        ("available", None, Member("1001", False)),
        ("ringing", None, Member("1001", False)),
        ("paused", "meal", Member("1001", True, "meal")),
        ("talking", None, Member("1001", True, "talking")),
        ("wrap_up", None, Member("1001", True, "wrap_up")),
    ],
)
def test_only_who_is_free_gets_the_next_caller(state: str, reason: str | None, wish: Member | None) -> None:
    assert wish_of(AgentState(state), "1001", reason) == wish


@pytest.mark.parametrize(
    ("wishes", "members", "acts"),
    [
        ([], [], []),
        ([FREE], [FREE], []),
        ([FREE], [], ["add"]),
        ([], [FREE], ["remove"]),
        ([PAUSED], [FREE], ["pause"]),
        ([FREE], [PAUSED], ["pause"]),
        ([PAUSED], [Member("1001", True, "Auto-Pause")], ["pause"]),
    ],
)
def test_the_difference_is_what_the_queue_is_told(
    wishes: list[Member], members: list[Member], acts: list[str]
) -> None:
    changes = differences(QUEUE, {wish.extension: wish for wish in wishes}, members)
    assert [change.act for change in changes] == acts


def test_who_must_not_get_a_call_is_paused_first() -> None:
    wishes = {"1001": Member("1001", False), "1002": Member("1002", True, "wrap_up")}
    changes = differences(QUEUE, wishes, [Member("1001", True, "meal"), Member("1002", False)])
    assert [change.wish.extension for change in changes] == ["1002", "1001"]
    assert changes[0] == Change(QUEUE, wishes["1002"], "pause")


# --- on a real Asterisk ----------------------------------------------------------------------------------


@pytest.fixture
def site(servers: Servers, seeded_template: str, asterisk: AsteriskInstance) -> Iterator[dict[str, Any]]:
    """The settings of a seeded Hotline on this Asterisk."""
    name = servers.copy_of(seeded_template)
    own = asterisk.settings
    yield sections(servers, name) | {
        "telephony": {"system": "asterisk"},
        "asterisk": {"ami_port": own.ami_port, "ami_user": own.ami_user, "ami_secret": own.ami_secret},
    }
    servers.drop(name)


@pytest.fixture
def line(site: dict[str, Any], tmp_path: Path) -> Iterator[AsteriskControl]:
    """The queues are empty before and after."""
    with configured(tmp_path / "hotline.toml", site):
        ports.telephony.cache_clear()
        yield AsteriskControl()
        with transaction() as session:
            for staff_id in session.scalars(select(Staff.id).where(Staff.extension.is_not(None))).all():
                service.leave(session, staff_id, clock.now())
        membership.mend()
        ports.telephony.cache_clear()


def agent(extension: str) -> int:
    with transaction() as session:
        return session.scalars(select(Staff.id).where(Staff.extension == extension)).one()


def does(act: Any, extension: str, *arguments: Any) -> None:
    with transaction() as session:
        act(session, agent(extension), *arguments, clock.now())


def test_queues_follow_an_agents_day(line: AsteriskControl) -> None:
    does(service.become_available, "1001")
    assert membership.mend() == 2
    assert line.members("hotline_12345") == line.members("hotline_12348") == (Member("1001", False),)
    does(service.pause, "1001", PauseReason.MEAL)
    membership.mend()
    assert line.members(QUEUE) == (Member("1001", True, "meal"),)
    does(service.leave, "1001")
    membership.mend()
    assert line.members(QUEUE) == ()
    assert membership.mend() == 0


def test_whatever_the_queue_became_without_us_is_mended(line: AsteriskControl) -> None:
    does(service.become_available, "1001")
    line.add_member(QUEUE, "1001", paused=True, reason="Auto-Pause")
    line.add_member(QUEUE, "1002", paused=False)
    membership.mend()
    assert line.members(QUEUE) == (Member("1001", False),)


def test_an_asterisk_that_is_away_is_mended_later(
    line: AsteriskControl, site: dict[str, Any], tmp_path: Path
) -> None:
    does(service.become_available, "1001")
    with configured(tmp_path / "away.toml", site | {"asterisk": {"ami_port": 9}}):
        jobs.mend_membership()  # the worker goes on
        with pytest.raises(ProviderError):
            membership.mend()
    jobs.mend_membership()
    assert line.members(QUEUE) == (Member("1001", False),)


def test_an_agent_sees_that_the_telephone_system_did_not_take_the_new_state(
    line: AsteriskControl, site: dict[str, Any], tmp_path: Path
) -> None:
    with configured(tmp_path / "away.toml", site | {"asterisk": {"ami_port": 9}}):
        app = create_app()
        app.config["WTF_CSRF_ENABLED"] = False
        page = signed_in_as(app, "agent").post("/agent/available", follow_redirects=True)
    assert "话务系统没有接受您的新状态" in page.text


def test_a_system_that_does_not_distribute_has_no_members(seeded: str) -> None:
    jobs.mend_membership()
