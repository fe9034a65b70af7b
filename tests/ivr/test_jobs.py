"""Survey calls over the simulated switch: rung once, answered by keys, never twice by accident."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from hotline import clock
from hotline.calls.models import Call
from hotline.db import transaction
from hotline.surveys import service as surveys
from hotline.surveys.grades import Satisfaction
from ivr import handlers, jobs, prompts
from ivr.models import SurveyCall
from tests.conftest import Servers, sections
from tests.support.surveys import CITIZEN, call_due, invited_survey, survey_of
from tests.support.switch import SimulatedSite, simulated_site
from tests.support.waiting import eventually


@pytest.fixture
def site(servers: Servers, seeded_template: str, tmp_path: Path) -> Iterator[SimulatedSite]:
    name = servers.copy_of(seeded_template)
    chosen = {"ivr": {"input_seconds": 2}}
    with simulated_site(tmp_path / "hotline.toml", sections(servers, name), **chosen) as running:
        yield running
    servers.drop(name)


def says(key: str) -> str:
    return prompts.spoken(key, "zh")


def due_survey(hotline: str = "12345") -> int:
    survey_id = invited_survey(hotline=hotline)
    event = call_due()
    for _ in range(2):  # facts are delivered at least once
        with transaction() as session:
            handlers.on_survey_call_due(session, event)
    return survey_id


def survey_calls() -> list[SurveyCall]:
    with transaction() as session:
        return list(session.scalars(select(SurveyCall).order_by(SurveyCall.id)))


def ended_call() -> Call:
    def check() -> Call | None:
        with transaction() as session:
            return session.scalars(select(Call).where(Call.state == "ended")).first()

    return eventually(check)


def test_a_citizen_is_rung_and_answers_by_keys(site: SimulatedSite) -> None:
    survey_id = due_survey()
    citizen = site.citizen()
    jobs.ring_due_surveys()
    citizen.answer()
    citizen.press("1")
    citizen.press("2")
    citizen.wait_to_hear(says("survey_thanks"))
    citizen.wait_for("idle")
    survey = survey_of(survey_id)
    assert (survey.state, survey.solved, survey.satisfaction) == ("answered", True, Satisfaction.SATISFIED)
    assert survey.mode == "ivr"
    call = ended_call()
    assert (call.direction, call.purpose, call.end_reason) == ("outbound", "survey", "served")
    assert [row.state for row in survey_calls()] == ["rung"]


def test_a_citizen_with_a_legal_matter_is_rung_from_the_legal_hotline(site: SimulatedSite) -> None:
    due_survey("12348")
    citizen = site.citizen()
    jobs.ring_due_surveys()
    citizen.wait_for("ringing")
    assert citizen.look()["peer"] == "+8612348"
    citizen.answer()
    citizen.wait_to_hear(says("survey_intro_12348"))


def test_an_unhappy_citizen_is_promised_a_call(site: SimulatedSite) -> None:
    survey_id = due_survey()
    citizen = site.citizen()
    jobs.ring_due_surveys()
    citizen.answer()
    citizen.press("2")
    citizen.press("5")
    citizen.wait_to_hear(says("survey_sorry_callback"))
    assert survey_of(survey_id).satisfaction == Satisfaction.VERY_DISSATISFIED


def test_a_citizen_who_says_nothing_leaves_the_survey_open(site: SimulatedSite) -> None:
    survey_id = due_survey()
    citizen = site.citizen()
    jobs.ring_due_surveys()
    citizen.answer()
    citizen.wait_to_hear(says("goodbye"))
    assert survey_of(survey_id).state == "calling"


def test_a_citizen_who_hangs_up_half_way_leaves_the_survey_open(site: SimulatedSite) -> None:
    survey_id = due_survey()
    citizen = site.citizen()
    jobs.ring_due_surveys()
    citizen.answer()
    citizen.press("1")
    citizen.wait_to_hear(says("survey_satisfied"))
    citizen.hang_up()
    ended_call()
    assert survey_of(survey_id).state == "calling"


def test_a_citizen_who_rejects_the_call_was_not_reached(site: SimulatedSite) -> None:
    due_survey()
    citizen = site.citizen()
    jobs.ring_due_surveys()
    citizen.wait_for("ringing")
    citizen.hang_up()
    assert ended_call().end_reason == "no_answer"


def test_nobody_is_rung_who_answered_meanwhile(site: SimulatedSite) -> None:
    survey_id = due_survey()
    with transaction() as session:
        surveys.answer(
            session,
            survey_id,
            solved=True,
            satisfaction=Satisfaction.SATISFIED,
            mode="link",
            now=clock.now(),
        )
    jobs.ring_due_surveys()
    assert [row.state for row in survey_calls()] == ["dropped"]
    assert site.citizen().state == "idle"


def test_a_worker_killed_before_it_rang_leaves_the_call_to_the_next(site: SimulatedSite) -> None:
    due_survey()
    assert jobs._claim_survey_call(clock.now())
    jobs.ring_due_surveys()
    assert site.citizen().state == "idle"
    left_for(timedelta(minutes=5))
    jobs.ring_due_surveys()
    site.citizen().wait_for("ringing")
    assert [(row.state, row.tries) for row in survey_calls()] == [("rung", 2)]


def test_a_worker_killed_after_it_rang_rings_nobody_twice(site: SimulatedSite) -> None:
    """Its call reached us by the carrier's own webhook."""
    due_survey()
    citizen = site.citizen()
    jobs.ring_due_surveys()
    citizen.answer()
    citizen.wait_to_hear(says("survey_solved"))
    with transaction() as session:
        session.execute(update(SurveyCall).values(state="ringing", system_id=None))
    citizen.hang_up()
    ended = ended_call()
    left_for(timedelta(minutes=5))
    with transaction() as session:
        session.execute(update(Call).values(started_at=clock.now()))
    jobs.ring_due_surveys()
    assert [(row.state, row.system_id) for row in survey_calls()] == [("rung", ended.system_id)]
    assert citizen.state == "idle"


def left_for(age: timedelta) -> None:
    with transaction() as session:
        session.execute(update(SurveyCall).values(claimed_at=clock.now() - age))


def test_a_telephone_in_use_is_not_rung(site: SimulatedSite) -> None:
    due_survey()
    site.citizen(CITIZEN).dial("12345")
    jobs.ring_due_surveys()
    row = survey_calls()[0]
    assert row.state == "failed"
    assert "400" in str(row.error)


def test_with_the_carrier_away_the_call_is_tried_again_and_given_up(
    servers: Servers, seeded_template: str, tmp_path: Path
) -> None:
    name = servers.copy_of(seeded_template)
    away = {"twilio": {"api_base": "http://127.0.0.1:9"}}
    with simulated_site(tmp_path / "hotline.toml", sections(servers, name), **away):
        due_survey()
        jobs.ring_due_surveys()
        assert [(row.state, row.tries) for row in survey_calls()] == [("due", 1)]
        for _ in range(2):
            with transaction() as session:
                session.execute(update(SurveyCall).values(next_at=clock.now()))
            jobs.ring_due_surveys()
        assert [(row.state, row.tries) for row in survey_calls()] == [("failed", 3)]
    servers.drop(name)
