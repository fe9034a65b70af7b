"""Cards, the ladder and referrals: who may issue them, in which order, and what follows without an answer."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.db import transaction
from hotline.errors import InvalidInput, NotAllowed, NotFound, TransitionRefused
from hotline.event_log import Event
from hotline.permissions import ROLES
from hotline.staff.models import Staff
from hotline.supervision import jobs, papers
from hotline.supervision.models import Paper
from hotline.supervision.recount import recount
from hotline.supervision.rules import LADDER, PAPERS, PaperKind
from tests.conftest import Servers, sections
from tests.dispatch.people import NOW
from tests.supervision.people import DAY, end, in_hand, issued, matters_of, officer
from tests.support.instance import configured

K = PaperKind
ZONE = ZoneInfo("Asia/Shanghai")
SECOND = timedelta(seconds=1)


@pytest.fixture
def shandong(seeded: str, servers: Servers, tmp_path: Path) -> Iterator[None]:
    with configured(tmp_path / "sd.toml", sections(servers, seeded) | {"tiers": {"profile": "shandong"}}):
        yield


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"supervisor"}))
def test_without_the_power_nobody_issues_a_paper(seeded: str, role: str) -> None:
    with transaction() as session:
        ticket = in_hand(session).ticket
        staff = session.scalars(select(Staff).where(Staff.role == role).limit(1)).one()
        for kind in PAPERS:
            with pytest.raises(NotAllowed):
                papers.issue(
                    session, kind, ticket, reason="逾期未办理", answer_by=NOW + DAY, staff=staff, now=NOW
                )
        assert session.scalars(select(Paper)).all() == []


def test_the_ladder_is_climbed_rung_by_rung_and_each_once(seeded: str) -> None:
    with transaction() as session:
        ticket = in_hand(session).ticket
        for lower, upper in pairwise(LADDER):
            with pytest.raises(papers.StepMissing) as refused:
                issued(session, upper, ticket)
            assert lower in refused.value.kinds
            issued(session, lower, ticket)
        issued(session, LADDER[-1], ticket)
        with pytest.raises(TransitionRefused):
            issued(session, LADDER[0], ticket)
        filed = session.scalars(select(Paper).order_by(Paper.id)).all()
        assert [paper.kind for paper in filed] == list(LADDER)
        assert len({paper.number for paper in filed}) == len(LADDER)
        assert filed[0].number.startswith("2026-")


@pytest.mark.parametrize("reason", ["", "快办", "请联系13800138000处理", "身份证 3201 0119 9001 0112 34"])
def test_a_reason_is_said_in_words_without_anybodys_number(seeded: str, reason: str) -> None:
    with transaction() as session:
        ticket = in_hand(session).ticket
        with pytest.raises(InvalidInput):
            papers.issue(
                session,
                K.YELLOW,
                ticket,
                reason=reason,
                answer_by=NOW + DAY,
                staff=officer(session),
                now=NOW,
            )


def test_a_card_names_a_day_to_come_and_stands_once(seeded: str) -> None:
    with transaction() as session:
        ticket, me = in_hand(session).ticket, officer(session)
        for day in (None, NOW):
            with pytest.raises(InvalidInput):
                papers.issue(session, K.RED, ticket, reason="逾期未办理", answer_by=day, staff=me, now=NOW)
        issued(session, K.RED, ticket)
        with pytest.raises(TransitionRefused):
            issued(session, K.RED, ticket)


def test_the_unit_answers_its_card_and_nobody_elses(seeded: str) -> None:
    with transaction() as session:
        card = issued(session, K.YELLOW, in_hand(session).ticket)
        unit = card.organisation_id
        answer = {"text": "已安排人员到场", "actor": "staff:9", "now": NOW + DAY}
        with pytest.raises(NotFound):
            papers.answer(session, card.id, unit + 1, **answer)
        papers.answer(session, card.id, unit, **answer)
        with pytest.raises(TransitionRefused):
            papers.answer(session, card.id, unit, **answer)
    assert jobs.escalate_unanswered(NOW + 9 * DAY) == 0


def test_a_card_without_an_answer_climbs_one_rung_once(seeded: str) -> None:
    with transaction() as session:
        ticket = in_hand(session).ticket
        card = issued(session, K.YELLOW, ticket)
    assert jobs.escalate_unanswered(NOW + 3 * DAY) == 0
    assert jobs.escalate_unanswered(NOW + 3 * DAY + SECOND) == 1
    assert jobs.escalate_unanswered(NOW + 4 * DAY) == 0
    with transaction() as session:
        (proposed,) = matters_of(session, "red")
        assert (proposed.because, proposed.state, proposed.ticket_id) == (
            "unanswered",
            "open",
            card.ticket_id,
        )
        fact = session.scalars(select(Event).where(Event.kind == "paper_unanswered")).one()
        assert (fact.data["next"], fact.data["paper"]) == ("red", "yellow")
        late_answer = papers.answer(
            session, card.id, card.organisation_id, text="已办理完毕", actor="staff:9", now=NOW + 5 * DAY
        )
        assert late_answer.answered_at is not None
        issued(session, K.RED, ticket, NOW + 5 * DAY)
        assert matters_of(session, "red")[0].state == "done"
    jobs.escalate_unanswered(NOW + 9 * DAY)
    with transaction() as session:
        assert [matter.state for matter in matters_of(session, "remind")] == ["open"]


def test_shandong_proposes_a_yellow_card_before_and_a_red_one_after(shandong: None) -> None:
    """Taken in on Tuesday 3 March 10:00, due when offices close on Tuesday the 10th."""
    with transaction() as session:
        due = max(row.due_at for row in in_hand(session).ticket.clocks if row.clock == "closing")
        done = in_hand(session)
        end(session, done, NOW)
    assert due.astimezone(ZONE) == datetime(2026, 3, 10, 17, 30, tzinfo=ZONE)
    monday = datetime(2026, 3, 9, tzinfo=ZONE)
    assert jobs.propose_cards(monday - SECOND) == 0
    assert jobs.propose_cards(monday) == 1
    assert jobs.propose_cards(monday + SECOND) == 0
    assert jobs.propose_cards(due) == 0
    with transaction() as session:
        assert [(m.because, m.state) for m in matters_of(session, "yellow")] == [("due_soon", "open")]
    wednesday = monday + 2 * DAY
    assert jobs.propose_cards(wednesday - SECOND) == 0
    assert jobs.propose_cards(wednesday) == 1
    assert jobs.propose_cards(wednesday + DAY) == 0
    with transaction() as session:
        assert [(m.because, m.state) for m in matters_of(session, "red")] == [("overdue", "open")]
        assert session.scalars(select(Paper)).all() == []


def test_other_profiles_propose_nothing(seeded: str) -> None:
    with transaction() as session:
        in_hand(session)
    assert jobs.propose_cards(NOW + 30 * DAY) == 0


def test_a_referral_is_proposed_after_card_and_order_without_result_and_signed_by_an_officer(
    seeded: str,
) -> None:
    with transaction() as session:
        order = in_hand(session)
        for kind in (K.RED, K.REMIND, K.URGE, K.ORDER):
            issued(session, kind, order.ticket)
    assert jobs.propose_referrals(NOW + 5 * DAY) == 0
    assert jobs.propose_referrals(NOW + 5 * DAY + SECOND) == 1
    assert jobs.propose_referrals(NOW + 6 * DAY) == 0
    with transaction() as session:
        referral = issued(session, K.REFERRAL, order.ticket, NOW + 6 * DAY)
        assert matters_of(session, "referral")[0].state == "done"
        assert referral.signed_at is None
        for role in sorted(set(ROLES) - {"supervisor"}):
            staff = session.scalars(select(Staff).where(Staff.role == role)).first()
            assert staff is not None
            with pytest.raises(NotAllowed):
                papers.sign(session, referral.id, staff=staff, now=NOW + 6 * DAY)
        papers.sign(session, referral.id, staff=officer(session), now=NOW + 6 * DAY)
        assert referral.signer == officer(session)
        with pytest.raises(TransitionRefused):
            papers.sign(session, referral.id, staff=officer(session), now=NOW + 6 * DAY)
        with pytest.raises(NotFound):
            papers.of_unit(session, referral.id, referral.organisation_id)


def test_a_referral_that_was_drawn_up_is_not_proposed_again(seeded: str) -> None:
    with transaction() as session:
        ticket = in_hand(session).ticket
        for kind in (K.RED, K.REMIND, K.URGE, K.ORDER, K.REFERRAL):
            issued(session, kind, ticket)
    assert jobs.propose_referrals(NOW + 30 * DAY) == 0


def test_no_referral_where_the_matter_is_done(seeded: str) -> None:
    with transaction() as session:
        order = in_hand(session)
        for kind in (K.RED, K.REMIND, K.URGE, K.ORDER):
            issued(session, kind, order.ticket)
        end(session, order, NOW + DAY)
    assert jobs.propose_referrals(NOW + 30 * DAY) == 0


def test_papers_told_again_from_the_facts_stand_as_they_do(seeded: str) -> None:
    with transaction() as session:
        ticket = in_hand(session).ticket
        answered = issued(session, K.YELLOW, ticket)
        papers.answer(
            session, answered.id, answered.organisation_id, text="已安排处理", actor="staff:9", now=NOW + DAY
        )
        for kind in (K.RED, K.REMIND, K.URGE, K.ORDER, K.LEADER):
            issued(session, kind, ticket)
    jobs.escalate_unanswered(NOW + 4 * DAY)
    jobs.propose_referrals(NOW + 6 * DAY)
    with transaction() as session:
        referral = issued(session, K.REFERRAL, ticket, NOW + 6 * DAY)
        papers.sign(session, referral.id, staff=officer(session), now=NOW + 6 * DAY)
    with transaction() as session:
        told = recount((event.kind, event.data) for event in _facts(session))
        assert told.papers == {paper.id: _stands(paper) for paper in session.scalars(select(Paper))}
        assert set(told.papers.values()) == {"issued", "answered", "unanswered", "signed"}


def _facts(session: Session) -> list[Event]:
    return list(session.scalars(select(Event).order_by(Event.id)))


def _stands(paper: Paper) -> str:
    if paper.signed_at:
        return "signed"
    if paper.answered_at:
        return "answered"
    return "unanswered" if paper.escalated_at else "issued"
