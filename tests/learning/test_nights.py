"""The clock asks once a night; a command and a page ask by day; somebody's roll-back stops the clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from hotline.db import transaction
from hotline.learning import accuracy, jobs, rebuild, service
from hotline.learning.models import Decision, LearntModel
from hotline.wiring.cli import main
from tests.learning.people import HOTLINE, LATER, agents_at_work, registered
from tests.learning.sentences import MARRIAGE

ZONE = ZoneInfo("Asia/Shanghai")
NIGHT = datetime(2026, 3, 4, 3, 5, tzinfo=ZONE)
MINUTE = timedelta(minutes=1)


def asked_at(moment: datetime) -> list[str]:
    with transaction() as session:
        return [model.hotline for model in service.ask_by_the_clock(session, moment)]


@pytest.fixture
def decided(seeded: str) -> None:
    with transaction() as session:
        (person,) = agents_at_work(session, 1)
        for said in ("彩礼退不退", "鑫淼垚犇"):
            registered(session, MARRIAGE, said, person, shown=f"{MARRIAGE}:0.5")


def test_each_night_that_has_something_new_asks_once_for_the_hotline_it_is_about(decided: None) -> None:
    assert asked_at(NIGHT) == [HOTLINE]
    assert asked_at(NIGHT + MINUTE) == []
    assert asked_at(NIGHT + timedelta(days=1)) == []


@pytest.mark.parametrize("hours", [-1, 4, 12])
def test_by_day_the_clock_asks_for_nothing(decided: None, hours: int) -> None:
    assert asked_at(NIGHT + timedelta(hours=hours)) == []


def test_where_nobody_decided_anything_there_is_nothing_to_learn(seeded: str) -> None:
    assert asked_at(NIGHT) == []


def test_two_who_ask_at_once_ask_for_one_rebuild_and_two_builders_share_none(decided: None) -> None:
    with transaction() as session:
        first = service.ask(session, HOTLINE, actor="staff:7", now=LATER).id
        assert service.ask(session, HOTLINE, actor="staff:8", now=LATER).id == first
    with transaction() as one, transaction() as other:
        taken = service.claim(one, LATER, stuck_before=LATER - rebuild.STUCK)
        assert taken and taken.id == first
        assert service.claim(other, LATER, stuck_before=LATER - rebuild.STUCK) is None


def test_what_a_dead_builder_left_is_done_again(decided: None) -> None:
    with transaction() as session:
        asked = service.ask(session, HOTLINE, actor="staff:7", now=LATER).id
        service.claim(session, LATER, stuck_before=LATER - rebuild.STUCK)
    with transaction() as session:
        soon, later = LATER + MINUTE, LATER + rebuild.STUCK + MINUTE
        assert service.claim(session, soon, stuck_before=soon - rebuild.STUCK) is None
        again = service.claim(session, later, stuck_before=later - rebuild.STUCK)
        assert again and again.id == asked


def test_the_night_counts_words_that_were_never_met(decided: None) -> None:
    jobs.sweep(NIGHT)
    with transaction() as session:
        (model,) = session.scalars(select(LearntModel))
        assert model.state == "same"
        known, unknown = session.scalars(select(Decision).order_by(Decision.id))
        assert known.terms and unknown.terms == 7
        assert (known.unseen or 0) < (unknown.unseen or 0)
        month = (NIGHT - timedelta(days=30), NIGHT + timedelta(days=30))
        line = accuracy.whole(session, accuracy.Span(HOTLINE, *month, str(ZONE)))
        assert line.unseen == accuracy.Share(
            (known.unseen or 0) + (unknown.unseen or 0), known.terms + unknown.terms
        )


def test_a_person_at_the_command_line_reads_what_came_of_it(decided: None) -> None:
    done = CliRunner().invoke(main, ["learn", "--hotline", HOTLINE])
    assert done.exit_code == 0, done.output
    assert f"{HOTLINE}: model 1 same: 0 tickets of 0 items; golden set first " in done.output
