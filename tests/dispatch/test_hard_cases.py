"""Raised to a higher level, taken on by a leader, put on the long-term list (Z13, G06, F04)."""

from collections import Counter
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch import escalation, handlers, hard_cases, jobs, queries, service
from dispatch.models import WorkOrder
from hotline import clock
from hotline.db import transaction
from hotline.errors import InvalidInput, TransitionRefused
from hotline.event_log import Event
from hotline.organisations.models import Area, Organisation
from hotline.tickets import service as tickets
from hotline.tickets.holds import HeldBack
from hotline.tickets.models import Ticket
from hotline.tickets.queries import closing_clock
from tests.dispatch.people import DISPATCHER, NOW, facts, in_hand, sign_in_as
from tests.dispatch.test_at_the_same_moment import all_at_once
from tests.support.people import staff_with

LATER = date(2026, 6, 1)


def ticket_of(ticket_id: int) -> Ticket:
    with transaction() as session:
        ticket = tickets.get(session, ticket_id)
        assert ticket.clocks
        return ticket


def raised(ticket_id: int, organisation_id: int | None = None, jump: str = "") -> WorkOrder:
    with transaction() as session:
        ticket = tickets.get(session, ticket_id)
        return escalation.raise_ticket(
            session,
            ticket,
            code="stalled",
            organisation_id=organisation_id,
            jump=jump,
            actor=DISPATCHER,
            now=NOW,
        )


def sponsored(ticket_id: int) -> None:
    with transaction() as session:
        ticket = tickets.get(session, ticket_id, lock=True)
        hard_cases.name_sponsor(session, ticket, "周副市长", actor=DISPATCHER, now=NOW)


def signed(ticket_id: int) -> None:
    with transaction() as session:
        hard_cases.sign_off(session, tickets.get(session, ticket_id, lock=True), actor="staff:7", now=NOW)


def listed(ticket_id: int, review_on: date = LATER) -> None:
    with transaction() as session:
        ticket = tickets.get(session, ticket_id, lock=True)
        hard_cases.put_on_list(
            session, ticket, code="funds", note="等明年预算", review_on=review_on, actor=DISPATCHER, now=NOW
        )


def answered(order_id: int) -> None:
    with transaction() as session:
        service.answer(
            session, order_id, public_reply="已处理。", internal_note="", actor="staff:99", now=NOW
        )


def released(ticket_id: int) -> None:
    with transaction() as session:
        service.release(session, tickets.get(session, ticket_id), actor=DISPATCHER, now=NOW)


def town_office(role_name: str) -> int:
    """A town's office of the role, in the county the tests' tickets are from."""
    with transaction() as session:
        town = session.scalars(select(Area).where(Area.level == "town").order_by(Area.code)).first()
        assert town is not None
        office = Organisation(
            code="T-town",
            name="镇执法队",
            role_name=role_name,
            kind="department",
            level="town",
            area_id=town.id,
        )
        session.add(office)
        session.flush()
        return office.id


def test_a_stalled_ticket_goes_to_the_office_of_the_same_role_next_above(seeded: str) -> None:
    below = in_hand()
    above = raised(below.ticket_id)
    with transaction() as session:
        first, second = (session.get_one(WorkOrder, order.id) for order in (below, above))
        assert (first.state, second.state, second.principle) == ("withdrawn", "sent", "raised")
        assert (first.organisation.level, second.organisation.level) == ("county", "city")
        assert first.organisation.role_name == second.organisation.role_name
        assert second.ticket.organisation_id == first.organisation_id  # until the city accepts (Z42)
    (fact,) = facts(below.ticket_id, "ticket_raised")
    assert (fact["code"], fact["from_level"], fact["to_level"], fact["jump"]) == (
        "stalled", "county", "city", "",
    )  # fmt: skip


def test_nothing_is_raised_to_the_same_level_or_above_the_top(seeded: str) -> None:
    order = in_hand()
    with pytest.raises(InvalidInput, match="higher level"):
        raised(order.ticket_id, order.organisation_id)
    raised(order.ticket_id)
    with pytest.raises(service.NoRoute):
        raised(order.ticket_id)


def test_no_level_is_jumped_without_a_reason(seeded: str) -> None:
    order = in_hand()
    with transaction() as session:
        role = session.get_one(WorkOrder, order.id).organisation.role_name
        wanted = select(Organisation.id).where(Organisation.role_name == role, Organisation.level == "city")
        city = session.scalars(wanted).one()
    town = town_office(role)
    with transaction() as session:
        session.get_one(WorkOrder, order.id).organisation_id = town
    with pytest.raises(InvalidInput, match="level is left out"):
        raised(order.ticket_id, city)
    assert raised(order.ticket_id, city, jump="urgent").organisation_id == city
    assert [fact["jump"] for fact in facts(order.ticket_id, "ticket_raised")] == ["urgent"]


def test_no_answer_goes_out_before_the_leader_has_signed_off(seeded: str) -> None:
    order = in_hand()
    sponsored(order.ticket_id)
    answered(order.id)
    with pytest.raises(HeldBack):
        released(order.ticket_id)
    signed(order.ticket_id)
    released(order.ticket_id)
    assert ticket_of(order.ticket_id).sponsor == "周副市长"
    with transaction() as session:
        told = session.scalars(select(Event.data).where(Event.ticket_id == order.ticket_id)).all()
    assert "周副市长" not in str(told)
    with pytest.raises(TransitionRefused):
        signed(order.ticket_id)


def test_the_hotline_cannot_go_round_the_leader_by_answering_itself(seeded: str) -> None:
    order = in_hand()
    sponsored(order.ticket_id)
    with transaction() as session:
        ticket = tickets.get(session, order.ticket_id)
        service.withdraw(session, ticket, reason="热线直接答复", actor=DISPATCHER, now=NOW)
    with pytest.raises(HeldBack), transaction() as session:
        ticket = tickets.get(session, order.ticket_id)
        tickets.release(session, ticket, public_reply="已处理。", actor=DISPATCHER, now=NOW)


def test_what_a_leader_took_on_is_signed_off_again_when_it_was_opened_again(seeded: str) -> None:
    order = in_hand()
    sponsored(order.ticket_id)
    answered(order.id)
    signed(order.ticket_id)
    released(order.ticket_id)
    with transaction() as session:
        tickets.reopen(
            session, tickets.get(session, order.ticket_id), reason="没解决", actor=DISPATCHER, now=NOW
        )
    with transaction() as session:
        event = session.scalars(select(Event).where(Event.kind == "ticket_reopened")).one()
        handlers.on_sponsored_opened_again(session, event)
        handlers.on_sponsored_opened_again(session, event)
    with transaction() as session:
        assert hard_cases.awaits_sign_off(session, tickets.get(session, order.ticket_id))


def test_on_the_long_term_list_the_clock_stands_and_off_it_runs_on(seeded: str) -> None:
    order = in_hand()
    listed(order.ticket_id)
    waiting = ticket_of(order.ticket_id)
    standing = closing_clock(waiting)
    assert standing is not None and standing.paused_at == NOW
    assert (waiting.state, waiting.review_on, waiting.long_term_code) == ("long_term", LATER, "funds")
    with transaction() as session:
        assert queries.desk_counts(session)["long_term"] == 1
    with pytest.raises(TransitionRefused):
        answered(order.id)
    with transaction() as session:
        ticket = tickets.get(session, order.ticket_id, lock=True)
        hard_cases.take_off_list(session, ticket, actor=DISPATCHER, now=NOW + timedelta(days=30))
    after = ticket_of(order.ticket_id)
    running = closing_clock(after)
    assert running is not None and running.paused_at is None
    assert (after.state, after.review_on) == ("in_hand", None)


def test_when_the_day_has_come_the_desk_is_told_once_and_again_for_another_day(seeded: str) -> None:
    order = in_hand()
    listed(order.ticket_id, date(2026, 3, 10))
    assert jobs.bring_up_long_term(NOW + timedelta(days=6)) == 0
    on_the_day = NOW + timedelta(days=7)
    assert jobs.bring_up_long_term(on_the_day) == 1
    assert jobs.bring_up_long_term(on_the_day) == 0
    listed(order.ticket_id, date(2026, 3, 20))
    assert jobs.bring_up_long_term(on_the_day) == 0
    assert jobs.bring_up_long_term(NOW + timedelta(days=18)) == 1
    assert [fact["review_on"] for fact in facts(order.ticket_id, "long_term_review_due")] == [
        "2026-03-10", "2026-03-20",
    ]  # fmt: skip


@pytest.mark.parametrize("day", [date(2026, 3, 3), date(2027, 3, 5)], ids=["today", "after a year"])
def test_the_list_wants_a_day_that_comes_within_a_year(seeded: str, day: date) -> None:
    order = in_hand()
    with pytest.raises(InvalidInput, match="review_on"):
        listed(order.ticket_id, day)


def test_of_two_people_who_raise_it_at_once_one_does(seeded: str) -> None:
    order = in_hand()
    got = Counter(all_at_once(lambda: raised(order.ticket_id), lambda: raised(order.ticket_id)))
    assert got == {"done": 1, "no_route": 1}
    assert len(facts(order.ticket_id, "ticket_raised")) == 1


def test_the_desk_raises_sponsors_and_lists_through_its_page(client: FlaskClient) -> None:
    order = in_hand(now=clock.now())
    there = f"/dispatch/tickets/{order.ticket_id}"
    sign_in_as(client, staff_with("dispatcher").id)
    assert "提级" in client.get(there).text
    on_list = {"long_term_code": "funds", "long_term_note": "等预算", "review_on": "2020-01-01"}
    late = client.post(f"{there}/long-term", data=on_list)
    assert late.status_code == 400 and "一年以内" in late.text
    day = (clock.now() + timedelta(days=30)).date().isoformat()
    assert client.post(f"{there}/long-term", data=on_list | {"review_on": day}).status_code == 303
    assert day in client.get("/dispatch?tab=long_term").text
    assert client.post(f"{there}/off-list").status_code == 303
    assert client.post(f"{there}/sponsor", data={"leader": ""}).status_code == 400
    assert client.post(f"{there}/sponsor", data={"leader": "周副市长"}).status_code == 303
    assert "待签批" in client.get(there).text
    assert client.post(f"{there}/sign-off").status_code == 403
    sign_in_as(client, staff_with("supervisor").id)
    assert client.post(f"{there}/sign-off").status_code == 303
    up = {"raise_code": "stalled", "jump": ""}
    unknown = client.post(f"{there}/raise", data=up | {"raise_to": "没有的局"})
    assert unknown.status_code == 400 and "没有这个单位" in unknown.text
    assert client.post(f"{there}/raise", data=up).status_code == 303
    assert "提级办理" in client.get(there).text
