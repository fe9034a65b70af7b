"""Every closure is asked about once; the first answer counts; nobody is forgotten and nobody is pestered."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from hotline.callbacks.models import CallBack
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import NotFound
from hotline.event_log import Event
from hotline.events import AnswerReleased
from hotline.surveys import handlers
from hotline.surveys import service as surveys
from hotline.surveys.grades import Satisfaction as S
from hotline.surveys.models import Survey
from hotline.tickets import service as tickets
from sms.models import SmsMessage
from tests.support.instance import configured
from tests.support.relay import deliver_all
from tests.tickets.matters import AGENT, NOW, closed, facts, last_fact, opened

WAIT = timedelta(hours=24)


def invited(**changes: object) -> Survey:
    with transaction() as session:
        survey = surveys.invite(session, closed(session, **changes), NOW)
        assert survey
        return survey


def now_is(survey_id: int) -> Survey:
    with transaction() as session:
        return surveys.get(session, survey_id)


def advance(now: datetime) -> int:
    with transaction() as session:
        return surveys.advance_due(session, now)


def answered(
    survey_id: int, *, solved: bool = True, grade: S = S.SATISFIED, mode: str = "link", now: datetime = NOW
) -> bool:
    with transaction() as session:
        return surveys.answer(session, survey_id, solved=solved, satisfaction=grade, mode=mode, now=now)


def call_backs() -> list[tuple[str, str]]:
    with transaction() as session:
        return [(task.reason, task.state) for task in session.scalars(select(CallBack).order_by(CallBack.id))]


def ladder(survey: Survey) -> list[str]:
    with transaction() as session:
        return [
            kind for kind in facts(session, survey.ticket_id) if kind.startswith(("survey_", "call_back"))
        ]


def test_a_closure_is_asked_about_once(seeded: str) -> None:
    with transaction() as session:
        ticket = closed(session)
        first, second = surveys.invite(session, ticket, NOW), surveys.invite(session, ticket, NOW + WAIT)
        assert first is second
        assert facts(session, ticket.id).count("survey_invited") == 1


def test_the_second_closure_has_a_survey_of_its_own(seeded: str) -> None:
    survey = invited()
    with transaction() as session:
        ticket = tickets.get(session, survey.ticket_id)
        tickets.reopen(session, ticket, reason="又坏了", actor=AGENT, now=NOW)
        tickets.close_on_the_phone(session, ticket, reply="换了", actor=AGENT, now=NOW)
        again = surveys.invite(session, ticket, NOW)
        assert again
        assert (again.closure, again.token != survey.token) == (2, True)


def test_an_old_closure_told_late_asks_nothing(seeded: str) -> None:
    """At-least-once delivery: the fact of closure 1 may arrive when closure 2 stands."""
    survey = invited()
    with transaction() as session:
        ticket = tickets.get(session, survey.ticket_id)
        old = session.scalars(select(Event).where(Event.kind == AnswerReleased.kind)).one()
        tickets.reopen(session, ticket, reason="又坏了", actor=AGENT, now=NOW)
        tickets.close_on_the_phone(session, ticket, reply="换了", actor=AGENT, now=NOW)
        handlers.on_answer_released(session, old)
        assert session.scalar(select(func.count()).select_from(Survey)) == 1


@pytest.mark.parametrize("changes", [{"number": None}, {"contact_wish": "none"}])
def test_who_cannot_or_will_not_be_reached_is_not_asked(seeded: str, changes: dict[str, object]) -> None:
    with transaction() as session:
        ticket = closed(session, **changes)
        assert surveys.invite(session, ticket, NOW) is None
        assert "survey_invited" not in facts(session, ticket.id)


def test_closing_a_ticket_sends_one_text_with_the_survey(seeded: str) -> None:
    with transaction() as session:
        ticket = closed(session)
    deliver_all()
    deliver_all()
    with transaction() as session:
        survey = session.scalars(select(Survey)).one()
        results = select(SmsMessage).where(SmsMessage.survey_id == survey.id)
        assert survey.ticket_id == ticket.id
        assert survey.token in session.scalars(results).one().text


def test_the_first_answer_counts(seeded: str) -> None:
    survey = invited()
    assert answered(survey.id, grade=S.VERY_SATISFIED)
    assert not answered(survey.id, solved=False, grade=S.VERY_DISSATISFIED, mode="sms")
    kept = now_is(survey.id)
    assert (kept.state, kept.solved, kept.satisfaction, kept.mode) == (
        "answered",
        True,
        "very_satisfied",
        "link",
    )
    assert ladder(survey) == ["survey_invited", "survey_answered"]
    assert advance(NOW + timedelta(days=30)) == 0


@pytest.mark.parametrize(
    ("solved", "grade", "asked"),
    [
        (True, S.VERY_SATISFIED, False),
        (True, S.FAIRLY_SATISFIED, False),
        (True, S.DISSATISFIED, True),
        (True, S.VERY_DISSATISFIED, True),
        (False, S.VERY_SATISFIED, True),
    ],
)
def test_the_unhappy_are_rung_by_a_person_and_their_ticket_can_be_opened_again(
    seeded: str, solved: bool, grade: S, asked: bool
) -> None:
    survey = invited()
    answered(survey.id, solved=solved, grade=grade)
    assert call_backs() == ([("dissatisfied", "open")] if asked else [])
    with transaction() as session:
        ticket = tickets.get(session, survey.ticket_id)
        tickets.reopen(session, ticket, reason="市民不满意", actor=AGENT, now=NOW)
        assert ticket.state == "reopened"


def test_an_unreadable_text_gets_one_polite_repeat(seeded: str) -> None:
    survey = invited()
    for text_, first in (("你们好", True), ("？？？", False)):
        with transaction() as session:
            assert surveys.read_reply(session, caller_id=survey.caller_id, text=text_, now=NOW)
            assert last_fact(session, "survey_reply_unreadable")["first"] is first
    deliver_all()
    with transaction() as session:
        repeats = select(SmsMessage).where(
            SmsMessage.survey_id == survey.id, SmsMessage.template == "survey_repeat"
        )
        assert len(session.scalars(repeats).all()) == 1
        assert surveys.read_reply(session, caller_id=survey.caller_id, text="1 5", now=NOW)
    assert (now_is(survey.id).satisfaction, now_is(survey.id).mode) == ("very_dissatisfied", "sms")


def test_a_text_from_somebody_we_ask_nothing_is_no_answer(seeded: str) -> None:
    survey = invited()
    answered(survey.id)
    with transaction() as session:
        assert not surveys.read_reply(session, caller_id=survey.caller_id, text="11", now=NOW)


def test_two_surveys_open_are_answered_one_after_the_other_newest_first(seeded: str) -> None:
    older = invited()
    with transaction() as session:
        newer = surveys.invite(session, closed(session), NOW + timedelta(hours=1))
        assert newer
    for text_ in ("11", "25"):
        with transaction() as session:
            surveys.read_reply(session, caller_id=older.caller_id, text=text_, now=NOW)
    assert (now_is(newer.id).satisfaction, now_is(older.id).satisfaction) == (
        "very_satisfied",
        "very_dissatisfied",
    )


def test_silence_climbs_from_text_to_a_call_to_a_person_and_ends(seeded: str) -> None:
    survey = invited()
    assert advance(NOW + WAIT - timedelta(seconds=1)) == 0
    assert advance(NOW + WAIT) == 1
    assert advance(NOW + WAIT) == 0
    assert (now_is(survey.id).state, now_is(survey.id).ivr_attempts) == ("calling", 1)
    assert advance(NOW + 2 * WAIT) == 1
    assert call_backs() == [("survey_failed", "open")]
    assert advance(NOW + 3 * WAIT) == 0
    assert advance(survey.expires_at) == 1
    assert now_is(survey.id).state == "expired"
    assert call_backs() == [("survey_failed", "open")]
    assert ladder(survey) == ["survey_invited", "survey_call_due", "call_back_requested", "survey_expired"]
    assert not answered(survey.id)


def test_the_machine_waits_for_the_morning_to_ring(
    seeded: str, settings_of: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    shipped = settings_of(seeded) | {"survey": {}}
    evening = NOW + timedelta(hours=13)
    with configured(tmp_path / "shipped.toml", shipped):
        with transaction() as session:
            survey = surveys.invite(session, closed(session), evening)
        assert survey
        assert advance(evening + WAIT) == 1
        assert (now_is(survey.id).state, now_is(survey.id).ivr_attempts) == ("invited", 0)
        assert advance(evening + WAIT + timedelta(hours=10)) == 0
        assert advance(evening + WAIT + timedelta(hours=11)) == 1
        assert now_is(survey.id).state == "calling"


def test_who_wished_a_telephone_call_is_rung_by_a_person_and_never_by_the_machine(seeded: str) -> None:
    survey = invited(contact_wish="phone")
    assert call_backs() == [("result", "open")]
    assert advance(NOW + 3 * WAIT) == 0
    assert advance(survey.expires_at) == 1
    assert call_backs() == [("result", "open")]
    assert "survey_call_due" not in ladder(survey)


def test_while_a_person_is_to_ring_the_link_still_works_and_spares_the_call(seeded: str) -> None:
    survey = invited()
    for beat in (1, 2):
        advance(NOW + beat * WAIT)
    assert answered(survey.id, mode="link", now=NOW + 3 * WAIT)
    assert call_backs() == [("survey_failed", "cancelled")]


def test_what_the_person_hears_is_an_answer_too(seeded: str) -> None:
    survey = invited()
    for beat in (1, 2):
        advance(NOW + beat * WAIT)
    assert answered(survey.id, mode="person", now=NOW + 3 * WAIT)
    assert call_backs() == [("survey_failed", "open")]  # the person ends it with the call


def test_nobody_is_rung_about_a_matter_that_was_opened_again(seeded: str) -> None:
    survey = invited()
    with transaction() as session:
        ticket = tickets.get(session, survey.ticket_id)
        tickets.reopen(session, ticket, reason="又坏了", actor=AGENT, now=NOW)
    assert advance(NOW + WAIT) == 1
    assert now_is(survey.id).state == "expired"
    assert call_backs() == []


def test_a_scheduler_that_slept_for_weeks_still_leaves_it_to_a_person(seeded: str) -> None:
    survey = invited()
    assert advance(NOW + timedelta(days=settings().survey.expire_days, hours=1)) == 1
    assert now_is(survey.id).state == "expired"
    assert call_backs() == [("survey_failed", "open")]


def test_a_made_up_link_or_number_is_not_found(seeded: str) -> None:
    with transaction() as session:
        with pytest.raises(NotFound):
            surveys.by_token(session, "guess")
        with pytest.raises(NotFound):
            surveys.get(session, 404)
        assert opened(session).closures == 0
