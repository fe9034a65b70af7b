"""What every telephone system's control keeps to, whatever it is. One test, all adapters."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from hotline import clock
from hotline.calls import service as calls
from hotline.db import transaction
from hotline.errors import ProviderError
from hotline.telephony.ports import TelephonyControl, telephony
from tests.conftest import Servers, sections
from tests.support.surveys import CITIZEN, invited_survey
from tests.support.switch import ACCOUNT_SID, TOKEN, SimulatedSite, simulated_site
from tests.support.waiting import eventually

SYSTEMS = ("simulated", "twilio")


@pytest.fixture(params=SYSTEMS)
def site(
    servers: Servers, seeded_template: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[SimulatedSite]:
    name = servers.copy_of(seeded_template)
    chosen = {"telephony": {"system": request.param}}
    with simulated_site(tmp_path / "hotline.toml", sections(servers, name), **chosen) as running:
        yield running
    servers.drop(name)


@pytest.fixture
def control(site: SimulatedSite) -> TelephonyControl:
    return telephony()


def test_the_adapter_is_the_one_the_settings_name(control: TelephonyControl) -> None:
    assert control.system in SYSTEMS


def test_a_citizen_is_rung_and_the_call_can_be_ended_twice(
    site: SimulatedSite, control: TelephonyControl
) -> None:
    citizen = site.citizen()
    system_id = control.ring_citizen(CITIZEN, hotline="12345", survey_id=invited_survey(), attempt="1")
    citizen.wait_for("ringing")
    control.hang_up(system_id)
    citizen.wait_for("idle")
    control.hang_up(system_id)


@pytest.mark.parametrize("hotline", ["12345", "12348"])
def test_a_citizen_sees_the_number_of_the_hotline_it_is_about(
    site: SimulatedSite, control: TelephonyControl, hotline: str
) -> None:
    control.ring_citizen(CITIZEN, hotline=hotline, survey_id=invited_survey(hotline=hotline), attempt="1")
    citizen = site.citizen()
    citizen.wait_for("ringing")
    assert citizen.look()["peer"] == f"+86{hotline}"


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_hotline_without_an_international_number_rings_from_the_accounts_own(
    servers: Servers, seeded_template: str, tmp_path: Path, system: str
) -> None:
    name = servers.copy_of(seeded_template)
    numbers = [{"dialled": "12348", "hotline": "12348"}]
    chosen = {"telephony": {"system": system, "numbers": numbers}, "twilio": {"caller_number": "+8667000000"}}
    with simulated_site(tmp_path / "hotline.toml", sections(servers, name), **chosen) as site:
        survey_id = invited_survey(hotline="12348")
        telephony().ring_citizen(CITIZEN, hotline="12348", survey_id=survey_id, attempt="1")
        citizen = site.citizen()
        citizen.wait_for("ringing")
        assert citizen.look()["peer"] == "+8667000000"
    servers.run_sql(f"DROP DATABASE {name} WITH (FORCE)")


def has_waiting(control: TelephonyControl, callers: int) -> bool:
    return len(control.waiting("hotline_12345")) == callers


def test_who_waits_is_listed_longest_first(site: SimulatedSite, control: TelephonyControl) -> None:
    for place in (1, 2):
        citizen = site.citizen(f"+861380013800{place}")
        citizen.dial("12345")
        citizen.press("0#")
        eventually(partial(has_waiting, control, place))
    first = control.waiting("hotline_12345")[0]
    control.hang_up(first)
    eventually(partial(has_waiting, control, 1))
    assert first not in control.waiting("hotline_12345")
    assert control.waiting("hotline_12348") == ()


def test_a_call_is_over_when_it_has_ended_or_was_never_known(
    site: SimulatedSite, control: TelephonyControl
) -> None:
    citizen = site.citizen()
    citizen.dial("12345")
    citizen.press("0#")
    eventually(lambda: control.waiting("hotline_12345"))
    system_id = control.waiting("hotline_12345")[0]
    assert not control.is_over(system_id)
    citizen.hang_up()
    eventually(lambda: control.is_over(system_id))
    assert control.is_over("CA" + "0" * 32)


def test_a_caller_who_is_gone_cannot_be_put_through(control: TelephonyControl) -> None:
    with pytest.raises(ProviderError) as refused:
        control.ring_agent("CA" + "0" * 32, "1001")
    assert refused.value.permanent


def test_a_caller_who_talks_is_taken_into_another_queue(
    site: SimulatedSite, control: TelephonyControl
) -> None:
    citizen, agent = site.citizen(), site.agent()
    citizen.dial("12348")
    citizen.press("0#")
    eventually(lambda: control.waiting("hotline_12348"))
    system_id = control.waiting("hotline_12348")[0]
    control.ring_agent(system_id, "1001")
    agent.answer()
    eventually(lambda: put_through(control.system, system_id))
    control.transfer(system_id, "hotline_12345")
    eventually(lambda: control.waiting("hotline_12345") == (system_id,))
    agent.wait_for("idle")
    assert citizen.state == "in_call"


def put_through(system: str, system_id: str) -> bool:
    """Once an agent has answered: the call is to wait for the other hotline."""
    with transaction() as session:
        call = calls.find(session, system, system_id, lock=True)
        if call is None or call.staff_id is None:
            return False
        calls.requeue(session, call, "hotline_12345", staff_id=call.staff_id, now=clock.now())
        return True


def test_a_caller_who_is_gone_cannot_be_transferred(control: TelephonyControl) -> None:
    with pytest.raises(ProviderError) as refused:
        control.transfer("CA" + "0" * 32, "hotline_12345")
    assert refused.value.permanent


def test_a_recording_that_does_not_exist_is_refused_for_good(control: TelephonyControl) -> None:
    with pytest.raises(ProviderError) as refused:
        control.recording("RE" + "0" * 32)
    assert refused.value.permanent


def test_membership_may_be_said_again_and_taken_back_twice(control: TelephonyControl) -> None:
    for _ in range(2):
        control.add_member("hotline_12345", "1001", paused=False)
        control.pause_member("hotline_12345", "1001", paused=True, reason="午餐")
    expected = {("1001", True)} if control.distributes else set()
    assert {(member.extension, member.paused) for member in control.members("hotline_12345")} == expected
    for _ in range(2):
        control.remove_member("hotline_12345", "1001")
    assert control.members("hotline_12345") == ()


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_that_is_away_may_be_tried_again(
    servers: Servers, seeded_template: str, tmp_path: Path, system: str
) -> None:
    away = {"account_sid": ACCOUNT_SID, "auth_token": TOKEN, "api_base": "http://127.0.0.1:9"}
    chosen = {"telephony": {"system": system}, "twilio": away}
    with simulated_site(tmp_path / "hotline.toml", sections(servers, seeded_template), **chosen):
        for ask in (
            lambda: telephony().ring_agent("CA1", "1001"),
            lambda: telephony().waiting("hotline_12345"),
            lambda: telephony().recording("RE1"),
            lambda: telephony().hang_up("CA1"),
        ):
            with pytest.raises(ProviderError) as failed:
                ask()
            assert not failed.value.permanent
