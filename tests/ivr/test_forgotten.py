"""A switch that was restarted has forgotten its callers; they are ended and rung back, not left for ever."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hotline import clock
from hotline.callbacks.models import CallBack
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.db import transaction
from ivr.forgotten import end_forgotten_calls
from tests.conftest import Servers, sections
from tests.support.relay import deliver_all
from tests.support.switch import SimulatedSite, simulated_site


@pytest.fixture
def site(servers: Servers, seeded_template: str, tmp_path: Path) -> Iterator[SimulatedSite]:
    name = servers.copy_of(seeded_template)
    with simulated_site(tmp_path / "hotline.toml", sections(servers, name)) as running:
        yield running
    servers.drop(name)


def waiting(system_id: str, *, seconds_ago: int) -> None:
    started = clock.now() - timedelta(seconds=seconds_ago)
    with transaction() as session:
        call = calls.open_call(
            session,
            hotline="12345",
            dialled="12345",
            number="13800138000",
            system="simulated",
            system_id=system_id,
            now=started,
        )
        calls.enqueue(session, call, "hotline_12345", started)


def test_a_caller_the_switch_has_forgotten_is_ended_and_rung_back(site: SimulatedSite) -> None:
    waiting("CA" + "f" * 32, seconds_ago=180)
    end_forgotten_calls()
    deliver_all()
    with transaction() as session:
        assert session.scalars(select(Call.end_reason)).one() == "failed"
        assert session.scalars(select(CallBack.reason)).one() == "abandoned"


def test_a_call_that_has_only_just_begun_is_left_alone(site: SimulatedSite) -> None:
    waiting("CA" + "e" * 32, seconds_ago=1)
    end_forgotten_calls()
    with transaction() as session:
        assert session.scalars(select(Call.state)).one() == "queued"
