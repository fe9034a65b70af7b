"""Lights by unit, and tickets that wait longer than their state allows (H01, lessons 15)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dispatch import service
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import InvalidInput, NotAllowed
from hotline.event_log import Event
from hotline.permissions import ROLES
from hotline.staff.models import Staff
from hotline.supervision import counting, powers, queries
from hotline.supervision.models import Mark, Matter
from hotline.supervision.recount import recount
from hotline.tickets import clocks, lights
from hotline.tickets.lights import COLOURS
from hotline.tickets.models import Ticket, TicketClock
from hotline.tickets.queries import closing_clock, light_rank
from hotline.tickets.states import ENDED, TicketState
from tests.dispatch.people import DISPATCHER, NOW, STREET_ITEM, open_ticket
from tests.supervision.people import DAY, dissatisfied, end, in_hand, late, matters_of, officer, red_light

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def waiting(session: Session, now: object) -> list[int]:
    return [ticket.id for ticket in session.scalars(queries.waiting_too_long(now))]


def test_a_unit_shows_the_worst_light_of_its_open_tickets_and_counts_each_ticket_once(seeded: str) -> None:
    with transaction() as session:
        end(session, in_hand(session), NOW)
        red, green = in_hand(session), in_hand(session, NOW + 4 * DAY)
        late(session, NOW + 4 * DAY)
        (unit,) = queries.unit_lights(session, NOW + 4 * DAY)
        assert (unit.unit.id, unit.worst) == (red.organisation_id, "red")
        assert (unit.green, unit.yellow, unit.red) == (1, 0, 1)
        lights = queries.lights_of(session, [red.ticket_id, green.ticket_id], NOW + 4 * DAY)
        assert lights == {red.ticket_id: "red", green.ticket_id: "green"}


def test_the_light_that_is_shown_is_that_of_the_deadline_in_force(seeded: str) -> None:
    """At each half day what the database counts is what one clock shows; on record the worst stays."""
    with transaction() as session:
        ticket = in_hand(session).ticket
        sent = service.dispatch(session, open_ticket(session, STREET_ITEM), actor=DISPATCHER, now=NOW)
        assert sent is not None
        late(session, NOW + 6 * DAY)
        clocks.extend(session, ticket, 3, reason="complex", actor=DISPATCHER, now=NOW + 6 * DAY)
        clocks.pause(session, sent.ticket, "force_majeure", actor=DISPATCHER, now=NOW + 6 * DAY)
        for moment in (NOW + half * DAY / 2 for half in range(24)):
            shown = select(TicketClock, light_rank(moment)).where(TicketClock.stopped_at.is_(None))
            for clock, rank in session.execute(shown):
                assert COLOURS[rank] == lights.light(clock, moment), (clock.clock, moment)
        closing = closing_clock(ticket)
        assert closing is not None and closing.light == "yellow"
        assert lights.light(closing, NOW + 7 * DAY) == "green"


def test_every_state_that_waits_is_watched() -> None:
    watched = set(settings().supervision.waiting_hours.model_dump()) | set(queries.CLOCK_OF)
    assert watched | {TicketState.LONG_TERM} == set(TicketState) - ENDED


@pytest.mark.parametrize("state", ["registered", "with_agent", "in_review", "reopened", "answered"])
def test_a_ticket_is_listed_once_it_waits_longer_than_its_state_allows(seeded: str, state: str) -> None:
    most = timedelta(hours=settings().supervision.waiting_hours.model_dump()[state])
    with transaction() as session:
        ticket, unit_id = open_ticket(session, STREET_ITEM), in_hand(session, NOW + DAY * 9).organisation_id
        answering = unit_id if state == "answered" else None
        changed = update(Ticket).where(Ticket.id == ticket.id)
        session.execute(changed.values(state=state, organisation_id=answering))
        assert waiting(session, NOW + most) == []
        assert waiting(session, NOW + most + SECOND) == [ticket.id]


def test_what_was_moved_waits_from_the_move_on(seeded: str) -> None:
    with transaction() as session:
        order = in_hand(session)
        service.withdraw(session, order.ticket, reason="转办", actor=DISPATCHER, now=NOW + DAY)
        assert order.ticket.state == "in_review"
    with transaction() as session:
        assert waiting(session, NOW + DAY + 8 * HOUR) == []
        assert waiting(session, NOW + DAY + 8 * HOUR + SECOND) == [order.ticket_id]
        assert queries.in_state_since(session, [order.ticket_id]) == {order.ticket_id: NOW + DAY}


def test_with_a_unit_its_clocks_say_what_is_too_long(seeded: str) -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=NOW)
        assert order is not None
        claim = next(row.due_at for row in ticket.clocks if row.clock == "claim")
        assert waiting(session, claim) == []
        assert waiting(session, claim + SECOND) == [ticket.id]
        service.accept(session, order.id, responsible_person="张三", actor="staff:99", now=claim)
        service.begin(session, order.id, contact_note="已联系", actor="staff:99", now=claim)
        closing = max(row.due_at for row in ticket.clocks if row.clock == "closing")
        assert waiting(session, closing) == []
        assert waiting(session, closing + SECOND) == [ticket.id]


def test_the_long_term_list_is_watched_by_its_day_of_review(seeded: str) -> None:
    with transaction() as session:
        ticket = in_hand(session).ticket
        ticket.state, ticket.review_on = "long_term", (NOW + 30 * DAY).date()
        session.flush()
        assert waiting(session, NOW + 30 * DAY) == []
        assert waiting(session, NOW + 31 * DAY) == [ticket.id]


def test_a_ticket_is_taken_back_with_the_power_to_assign(seeded: str) -> None:
    with transaction() as session:
        ticket = in_hand(session).ticket
        for role in sorted(set(ROLES) - {"supervisor"}):
            staff = session.scalars(select(Staff).where(Staff.role == role).limit(1)).one()
            with pytest.raises(NotAllowed):
                powers.take_back(session, ticket, reason="改派", staff=staff, now=NOW)
            with pytest.raises(NotAllowed):
                powers.send_at_once(session, ticket, 1, reason="改派", staff=staff, now=NOW)
        powers.take_back(session, ticket, reason="久拖不办，改派", staff=officer(session), now=NOW)
        assert ticket.state == "in_review"


def test_only_an_emergency_is_sent_past_the_desk(seeded: str) -> None:
    with transaction() as session:
        order = in_hand(session)
        ticket, unit = order.ticket, order.organisation_id
        with pytest.raises(InvalidInput):
            powers.send_at_once(session, ticket, unit, reason="现场危险", staff=officer(session), now=NOW)
        ticket.item.emergency_minutes = 30
        again = powers.send_at_once(session, ticket, unit, reason="现场危险", staff=officer(session), now=NOW)
        assert again is not None
        assert (again.organisation_id, ticket.state) == (unit, "dispatched")


def test_counts_told_again_from_the_facts_are_those_of_the_tables(seeded: str) -> None:
    with transaction() as session:
        for _ in range(4):
            red_light(session)
        dissatisfied(session, 5, NOW + 20 * DAY)
        in_hand(session, NOW + 20 * DAY)
        late(session, NOW + 40 * DAY)
        ratings = session.scalars(select(Mark).where(Mark.kind == "rating")).all()
        counting.correct_rating(session, ratings[0].id, "invalid", staff=officer(session), now=NOW + 41 * DAY)
    with transaction() as session:
        facts = session.scalars(select(Event).order_by(Event.id)).all()
        told = recount((event.kind, event.data) for event in facts)
        standing = session.scalars(select(Mark).where(Mark.taken_back_at.is_(None))).all()
        assert told.marks == {mark.id: mark.organisation_id for mark in standing}
        open_now = session.scalars(select(Matter).where(Matter.state == "open")).all()
        assert told.open_matters == {matter.id: matter.count for matter in open_now}
        # and the marks are those of the first facts: red lights of units, dissatisfied citizens
        red = {
            (event.ticket_id, event.data["clock"])
            for event in facts
            if event.kind == "light_turned" and event.data["light"] == "red"
        }
        assert {(mark.ticket_id, mark.clock) for mark in standing if mark.clock} == red
        assert matters_of(session, "barred")[0].state == "withdrawn"
