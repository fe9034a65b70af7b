"""Red lights and dissatisfied ratings add up; what is corrected counts no more (H02, H05)."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.db import transaction
from hotline.errors import InvalidInput, NotAllowed, TransitionRefused
from hotline.event_log import Event
from hotline.staff.models import Staff
from hotline.supervision import counting, jobs, matters
from hotline.supervision.models import Mark, Matter
from hotline.supervision.rules import MatterState
from hotline.surveys.grades import Satisfaction
from hotline.tickets import clocks
from tests.dispatch.people import DISPATCHER, NOW, STREET_ITEM, open_ticket, staff_of
from tests.supervision.people import (
    DAY,
    dissatisfied,
    hear,
    in_hand,
    late,
    matters_of,
    officer,
    rated,
    red_light,
)

SECOND = timedelta(seconds=1)


def standing(session: Session, kind: str) -> list[Mark]:
    return list(session.scalars(select(Mark).where(Mark.kind == kind, Mark.taken_back_at.is_(None))))


def one(found: list[Matter]) -> Matter:
    assert len(found) == 1
    return found[0]


def test_the_third_red_light_opens_one_case_and_the_fourth_adds_to_it(seeded: str) -> None:
    with transaction() as session:
        red_light(session)
        red_light(session)
        assert len(standing(session, "light")) == 2
        assert not matters_of(session, "accountability")
        red_light(session)
        case = one(matters_of(session, "accountability"))
        assert (case.count, case.state, case.per) == (3, "open", "unit")
        red_light(session)
        hear(session)
        assert one(matters_of(session, "accountability")).count == 4


def test_lights_out_of_the_period_count_no_more(seeded: str) -> None:
    with transaction() as session:
        red_light(session)
        red_light(session)
        red_light(session, NOW + 190 * DAY)
        assert len(standing(session, "light")) == 3
        assert not matters_of(session, "accountability")


def test_a_deadline_moved_beyond_its_light_takes_the_light_back_and_says_why(seeded: str) -> None:
    with transaction() as session:
        tickets = [in_hand(session).ticket for _ in range(3)]
        due_at = max(row.due_at for row in tickets[0].clocks if row.clock == "closing")
        late(session, due_at + SECOND)
        marks = [mark for mark in standing(session, "light") if mark.clock == "closing"]
        assert {mark.ticket_id for mark in marks} == {ticket.id for ticket in tickets}
        before = one(matters_of(session, "accountability")).count
        # asked before it was due, granted a moment after
        new = clocks.extend(
            session, tickets[0], 5, reason="材料复杂", actor=DISPATCHER, now=due_at + 2 * SECOND
        )
        hear(session)
        assert one(matters_of(session, "accountability")).count == before - 1
        back = session.scalars(select(Mark).where(Mark.taken_back_at.is_not(None))).one()
        assert (back.ticket_id, back.taken_back_because) == (tickets[0].id, "clock_extended")
        hear(session)
        assert one(matters_of(session, "accountability")).count == before - 1
    jobs.count_lights_again(new + SECOND)
    with transaction() as session:
        assert one(matters_of(session, "accountability")).count == before


def test_a_closed_case_starts_the_count_anew(seeded: str) -> None:
    with transaction() as session:
        for _ in range(3):
            red_light(session)
        case = one(matters_of(session, "accountability"))
        done = NOW + 5 * DAY
        matters.end(session, case.id, MatterState.DONE, actor="staff:7", now=done, note="已约谈问责")
        red_light(session, done)
        red_light(session, done)
        assert one(matters_of(session, "accountability")).state == "done"
        red_light(session, done)
        assert [case.state for case in matters_of(session, "accountability")] == ["done", "open"]


def test_a_light_of_the_hotlines_own_delay_is_nobodys(seeded: str) -> None:
    with transaction() as session:
        open_ticket(session, STREET_ITEM)
        late(session, NOW + 10 * DAY)
        assert not standing(session, "light")


def test_three_dissatisfied_make_one_interview_and_five_bar_from_the_award(seeded: str) -> None:
    with transaction() as session:
        dissatisfied(session, 2)
        assert not matters_of(session, "interview")
        dissatisfied(session, 1)
        assert sorted(matter.per for matter in matters_of(session, "interview")) == ["person", "unit"]
        dissatisfied(session, 1)
        assert len(matters_of(session, "interview")) == 2
        assert not matters_of(session, "barred")
        dissatisfied(session, 2)
        assert [(m.count, m.state) for m in matters_of(session, "barred")] == [(6, "open")] * 2
        assert len(matters_of(session, "interview")) == 2


def test_an_interview_that_was_held_is_not_asked_for_again_in_the_year(seeded: str) -> None:
    with transaction() as session:
        dissatisfied(session, 3)
        for matter in matters_of(session, "interview"):
            matters.end(session, matter.id, MatterState.DONE, actor="staff:7", now=NOW, note="已约谈")
        dissatisfied(session, 1)
        assert len(matters_of(session, "interview")) == 2
        dissatisfied(session, 3, NOW + 320 * DAY)
        assert len(matters_of(session, "interview")) == 4


def test_persons_are_counted_apart(seeded: str) -> None:
    with transaction() as session:
        dissatisfied(session, 2, person="张三")
        dissatisfied(session, 2, person="李四")
        assert [matter.per for matter in matters_of(session, "interview")] == ["unit"]
        dissatisfied(session, 1, person="李四")
        assert {matter.person for matter in matters_of(session, "interview")} == {"", "李四"}


def test_a_satisfied_citizen_counts_against_nobody(seeded: str) -> None:
    with transaction() as session:
        rated(session, Satisfaction.FAIRLY_SATISFIED)
        assert not standing(session, "rating")


def test_a_rating_that_is_not_valid_lowers_both_counts_and_keeps_the_reason(seeded: str) -> None:
    with transaction() as session:
        dissatisfied(session, 5)
        mark = standing(session, "rating")[0]
        counting.correct_rating(session, mark.id, "invalid", staff=officer(session), now=NOW)
        assert {m.state for m in matters_of(session, "barred")} == {MatterState.WITHDRAWN}
        assert {(m.state, m.count) for m in matters_of(session, "interview")} == {("open", 4)}
        assert (mark.taken_back_because, mark.taken_back_by) == ("invalid", f"staff:{officer(session).id}")
        fact = session.scalars(select(Event).where(Event.kind == "mark_taken_back")).one()
        assert (fact.data["reason"], fact.ticket_id) == ("invalid", mark.ticket_id)
        with pytest.raises(TransitionRefused):
            counting.correct_rating(session, mark.id, "invalid", staff=officer(session), now=NOW)
        hear(session)
        assert len(standing(session, "rating")) == 4


def test_whoever_handled_the_ticket_or_is_of_the_unit_cannot_touch_its_rating(seeded: str) -> None:
    with transaction() as session:
        dissatisfied(session, 1)
        mark = standing(session, "rating")[0]
        handler = session.get_one(Staff, int(DISPATCHER.split(":")[1]))
        theirs = session.get_one(Staff, staff_of(session, mark.organisation_id))
        for staff in (handler, theirs):
            with pytest.raises(NotAllowed):
                counting.correct_rating(session, mark.id, "invalid", staff=staff, now=NOW)
        with pytest.raises(InvalidInput):
            counting.correct_rating(session, mark.id, "we like it not", staff=officer(session), now=NOW)
        assert mark.taken_back_at is None


def test_nobody_lifts_a_bar_by_hand(seeded: str) -> None:
    with transaction() as session:
        dissatisfied(session, 5)
        for matter in matters_of(session, "barred"):
            with pytest.raises(NotAllowed):
                matters.end(session, matter.id, MatterState.DROPPED, actor="staff:7", now=NOW, note="算了")
