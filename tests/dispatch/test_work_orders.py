"""What departments, firms and dispatchers do with a ticket."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from dispatch import jobs, offers, queries, service
from dispatch.models import WorkOrder
from dispatch.states import WorkOrderState
from hotline.db import transaction
from hotline.errors import ConsentMissing, InvalidInput, TransitionRefused
from hotline.event_log import Event
from hotline.organisations import service as organisations
from hotline.organisations.models import Area, Organisation
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from tests.dispatch.people import (
    DISPATCHER,
    NOW,
    STREET_ITEM,
    agree,
    firms_of_the_trade,
    kinds,
    open_ticket,
    send_back,
    states,
)

MINUTES_11 = timedelta(minutes=11)


def accept(order_id: int, *, price: str = "30 元起", minutes: int = 1) -> WorkOrder:
    with transaction() as session:
        return service.accept(
            session,
            order_id,
            responsible_person="李师傅",
            price_estimate=price,
            actor="staff:99",
            now=NOW + timedelta(minutes=minutes),
        )


def begin(order_id: int) -> None:
    """Accepted, and the citizen spoken to."""
    order = accept(order_id)
    with transaction() as session:
        if order.kind == "firm":
            agree(session, order.ticket_id)
        service.begin(session, order_id, contact_note="约好周三上门", actor="staff:99", now=NOW)


def sent_to_a_department() -> tuple[int, int]:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=NOW)
        assert order is not None
        return ticket.id, order.id


def offered_to_a_firm(firms: int = 3) -> tuple[int, int, list[int]]:
    """(ticket, first offer, firms in the order of their turns)."""
    with transaction() as session:
        ids = firms_of_the_trade(session, *[5] * firms)
        ticket = open_ticket(session)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=NOW)
        assert order is not None
        return ticket.id, order.id, ids


def ticket_of(ticket_id: int) -> Ticket:
    with transaction() as session:
        return tickets.get(session, ticket_id)


def test_a_department_gets_accepts_answers_and_the_hotline_releases(seeded: str) -> None:
    ticket_id, order_id = sent_to_a_department()
    with transaction() as session:
        order = session.get_one(WorkOrder, order_id)
        assert (order.state, order.kind, order.principle) == ("sent", "department", "territorial")
        assert order.ticket.state == "dispatched"
        assert order.ticket.organisation_id == order.organisation_id
    begin(order_id)
    with transaction() as session:
        service.answer(
            session,
            order_id,
            public_reply="摊点已清理。",
            internal_note="商户姓王",
            actor="staff:99",
            now=NOW,
        )
    assert ticket_of(ticket_id).state == "answered"
    with transaction() as session:
        service.release(session, tickets.get(session, ticket_id), actor=DISPATCHER, now=NOW)
    done = ticket_of(ticket_id)
    assert (done.state, done.public_reply) == ("in_follow_up", "摊点已清理。")
    with transaction() as session:
        assert [kind for kind in kinds(session, ticket_id) if kind.startswith("work_order")] == [
            "work_order_sent",
            "work_order_accepted",
            "work_order_answered",
        ]
        everything = "".join(str(event.data) for event in session.scalars(select(Event)))
        assert "摊点" not in everything and "商户" not in everything


def test_nobody_accepts_without_naming_a_person_and_a_firm_not_without_a_price(seeded: str) -> None:
    _ticket_id, order_id = sent_to_a_department()
    with pytest.raises(InvalidInput, match="responsible_person"), transaction() as session:
        service.accept(session, order_id, responsible_person="  ", actor="staff:99", now=NOW)
    _ticket_id, offer_id, _firms = offered_to_a_firm()
    with pytest.raises(InvalidInput, match="price_estimate"):
        accept(offer_id, price=" ")
    with transaction() as session:
        assert session.get_one(WorkOrder, offer_id).state == "offered"


def test_a_department_returns_with_a_reason_and_stays_responsible_until_another_accepts(seeded: str) -> None:
    ticket_id, order_id = sent_to_a_department()
    accept(order_id)
    with pytest.raises(InvalidInput, match="reason"), transaction() as session:
        send_back(session, order_id, reason=" ")
    with transaction() as session:
        send_back(session, order_id, reason="属交警职责")
    first = ticket_of(ticket_id).organisation_id
    assert ticket_of(ticket_id).state == "in_review"
    with transaction() as session:
        assert queries.desk_counts(session)["returned"] == 1
        other = session.scalars(
            select(Organisation).where(Organisation.kind == "department", Organisation.id != first).limit(1)
        ).one()
        ticket = tickets.get(session, ticket_id)
        again = service.dispatch(session, ticket, actor=DISPATCHER, now=NOW, organisation_id=other.id)
        assert again is not None
        assert (again.round, again.principle) == (2, "dispatcher")
    assert ticket_of(ticket_id).organisation_id == first
    accept(again.id)
    assert ticket_of(ticket_id).organisation_id == other.id


def test_a_rejected_answer_goes_back_to_the_same_organisation_with_the_reason(seeded: str) -> None:
    ticket_id, order_id = sent_to_a_department()
    begin(order_id)
    with transaction() as session:
        service.answer(session, order_id, public_reply="已办", internal_note="", actor="staff:99", now=NOW)
    with transaction() as session:
        ticket = tickets.get(session, ticket_id)
        service.reject_answer(session, ticket, reason="请写明处理结果", actor=DISPATCHER, now=NOW)
    with transaction() as session:
        order = session.get_one(WorkOrder, order_id)
        assert (order.state, order.hotline_note) == ("accepted", "请写明处理结果")
        assert order.ticket.state == "in_hand"
        service.answer(session, order_id, public_reply="已清理", internal_note="", actor="staff:99", now=NOW)


def test_an_answer_that_was_given_cannot_be_accepted_again_by_the_organisation(seeded: str) -> None:
    _ticket_id, order_id = sent_to_a_department()
    begin(order_id)
    with transaction() as session:
        service.answer(session, order_id, public_reply="已办", internal_note="", actor="staff:99", now=NOW)
    with pytest.raises(TransitionRefused):
        accept(order_id)


def test_nothing_is_answered_before_the_organisation_spoke_to_the_citizen_or_said_why_not(
    seeded: str,
) -> None:
    ticket_id, order_id = sent_to_a_department()
    accept(order_id)
    assert ticket_of(ticket_id).state == "claimed"
    answer = {"public_reply": "已办", "internal_note": "", "actor": "staff:99", "now": NOW}
    with pytest.raises(TransitionRefused), transaction() as session:
        service.answer(session, order_id, **answer)
    with pytest.raises(InvalidInput, match="contact_note"), transaction() as session:
        service.begin(session, order_id, contact_note=" ", actor="staff:99", now=NOW)
    with transaction() as session:
        service.begin(session, order_id, contact_note="匿名，无法联系", actor="staff:99", now=NOW)
        service.answer(session, order_id, **answer)
    assert ticket_of(ticket_id).state == "answered"


def test_a_firm_that_declines_or_is_silent_passes_the_job_on_and_the_last_one_gives_it_back(
    seeded: str,
) -> None:
    ticket_id, offer_id, (first, second, third) = offered_to_a_firm()
    with transaction() as session:
        offers.decline(session, offer_id, actor="staff:99", now=NOW, reason="人手不够")
    assert jobs.time_out_offers(NOW + timedelta(minutes=9)) == 0
    assert jobs.time_out_offers(NOW + timedelta(minutes=10)) == 1
    with transaction() as session:
        assert states(session, ticket_id) == [
            (first, "declined"),
            (second, "timed_out"),
            (third, "offered"),
        ]
    assert ticket_of(ticket_id).state == "dispatched"
    assert jobs.time_out_offers(NOW + timedelta(minutes=25)) == 1
    assert jobs.time_out_offers(NOW + timedelta(minutes=25)) == 0
    assert ticket_of(ticket_id).state == "in_review"
    with transaction() as session:
        assert kinds(session, ticket_id).count("no_firm_found") == 1
        assert queries.desk_counts(session)["no_firm"] == 1
        again = service.dispatch(session, tickets.get(session, ticket_id), actor=DISPATCHER, now=NOW)
        assert again is not None and again.round == 2


def test_where_no_firm_serves_the_dispatcher_is_told_at_once(seeded: str) -> None:
    with transaction() as session:
        firms_of_the_trade(session)
        ticket = open_ticket(session)
        assert service.dispatch(session, ticket, actor=DISPATCHER, now=NOW) is None
        assert ticket.state == "registered"
        assert kinds(session, ticket.id)[-1] == "no_firm_found"


def test_a_firm_job_without_a_known_place_waits_for_a_dispatcher(seeded: str) -> None:
    with transaction() as session:
        city = session.scalars(select(Area).where(Area.level == "city")).one()
        ticket = open_ticket(session, area=city)
        with pytest.raises(service.NoRoute):
            service.dispatch(session, ticket, actor=DISPATCHER, now=NOW)


def test_offers_go_round_fairly_over_many_tickets(seeded: str) -> None:
    with transaction() as session:
        small, large = firms_of_the_trade(session, 2, 4)
        offered = []
        for _ in range(12):
            order = service.dispatch(session, open_ticket(session), actor=DISPATCHER, now=NOW)
            assert order is not None
            offered.append(order.organisation_id)
    assert offered.count(small) == 4
    assert offered.count(large) == 8


def test_old_offers_no_longer_count_for_whose_turn_it_is(seeded: str) -> None:
    with transaction() as session:
        first, second = firms_of_the_trade(session, 5, 5)
        for _ in range(2):
            service.dispatch(session, open_ticket(session), actor=DISPATCHER, now=NOW)
        service.dispatch(session, open_ticket(session), actor=DISPATCHER, now=NOW, organisation_id=first)
        later = NOW + timedelta(days=31)
        order = service.dispatch(session, open_ticket(session, now=later), actor=DISPATCHER, now=later)
        assert order is not None and order.organisation_id == first != second


@pytest.mark.parametrize(
    "wish",
    [{"share_contact": False}, {"number": None}, {"confidential": True}],
    ids=["no consent", "anonymous", "confidential"],
)
def test_a_firm_is_never_given_a_ticket_without_the_citizens_consent(
    seeded: str, wish: dict[str, bool | None]
) -> None:
    with transaction() as session:
        (firm,) = firms_of_the_trade(session, 5)
        ticket_id = open_ticket(session, **wish).id
    for chosen in (None, firm):
        with pytest.raises(ConsentMissing), transaction() as session:
            ticket = tickets.get(session, ticket_id)
            service.dispatch(session, ticket, actor=DISPATCHER, now=NOW, organisation_id=chosen)
    with transaction() as session:
        assert states(session, ticket_id) == []


def test_a_firm_suspended_between_offer_and_acceptance_is_refused_and_the_next_is_asked(seeded: str) -> None:
    ticket_id, offer_id, (first, second, _third) = offered_to_a_firm()
    with transaction() as session:
        organisations.suspend(session, first, reason="被投诉", actor="staff:9", now=NOW)
    with pytest.raises(offers.FirmNotAllowed, match="suspended"):
        accept(offer_id)
    assert jobs.time_out_offers(NOW) == 1
    with transaction() as session:
        assert states(session, ticket_id) == [(first, "withdrawn"), (second, "offered")]
        reasons = session.scalars(
            select(Event.data["reason"].as_string()).where(Event.kind == "work_order_declined")
        )
        assert list(reasons) == ["suspended"]


def test_a_firm_that_lost_its_licence_is_refused_too(seeded: str) -> None:
    _ticket_id, offer_id, (first, *_others) = offered_to_a_firm()
    with transaction() as session:
        session.get_one(Organisation, first).licensed = False
    with pytest.raises(offers.FirmNotAllowed):
        accept(offer_id)


def test_an_offer_that_ran_out_cannot_be_accepted_even_before_the_sweep(seeded: str) -> None:
    _ticket_id, offer_id, _firms = offered_to_a_firm()
    with pytest.raises(offers.OfferExpired):
        accept(offer_id, minutes=10)
    assert accept(offer_id, minutes=9).state == "accepted"


def test_a_dispatcher_may_not_choose_a_suspended_firm(seeded: str) -> None:
    with transaction() as session:
        (firm,) = firms_of_the_trade(session, 5)
        organisations.suspend(session, firm, reason="被投诉", actor="staff:9", now=NOW)
        ticket = open_ticket(session)
        with pytest.raises(offers.FirmNotAllowed):
            service.dispatch(session, ticket, actor=DISPATCHER, now=NOW, organisation_id=firm)


def test_a_ticket_already_out_is_not_dispatched_twice(seeded: str) -> None:
    ticket_id, _order_id = sent_to_a_department()
    with pytest.raises(TransitionRefused), transaction() as session:
        service.dispatch(session, tickets.get(session, ticket_id), actor=DISPATCHER, now=NOW)


def test_a_dispatcher_takes_a_ticket_back_from_a_department_that_does_not_claim_it(seeded: str) -> None:
    ticket_id, order_id = sent_to_a_department()
    with transaction() as session:
        service.withdraw(
            session, tickets.get(session, ticket_id), reason="三天未认领", actor=DISPATCHER, now=NOW
        )
    assert ticket_of(ticket_id).state == "in_review"
    with transaction() as session:
        assert session.get_one(WorkOrder, order_id).state == "withdrawn"
        assert queries.desk_counts(session)["new"] == 1
        assert service.dispatch(session, tickets.get(session, ticket_id), actor=DISPATCHER, now=NOW)


def test_a_reopened_ticket_goes_out_again(seeded: str) -> None:
    ticket_id, order_id = sent_to_a_department()
    begin(order_id)
    with transaction() as session:
        service.answer(session, order_id, public_reply="已办", internal_note="", actor="staff:99", now=NOW)
        service.release(session, tickets.get(session, ticket_id), actor=DISPATCHER, now=NOW)
        ticket = tickets.get(session, ticket_id)
        tickets.reopen(session, ticket, reason="没有解决", actor=DISPATCHER, now=NOW)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=NOW)
        assert order is not None and order.round == 2
    accept(order.id)
    with transaction() as session:
        assert states(session, ticket_id) == [
            (order.organisation_id, "answered"),
            (order.organisation_id, "accepted"),
        ]


def test_the_database_refuses_a_second_live_order_and_a_second_acceptance_in_a_round(seeded: str) -> None:
    ticket_id, offer_id, (_first, second, third) = offered_to_a_firm()
    row = {
        "ticket_id": ticket_id,
        "kind": "firm",
        "round": 1,
        "principle": "rotation",
        "sent_at": NOW,
        "expires_at": NOW,
        "responsible_person": "某人",
        "public_reply": "答复",
    }
    with pytest.raises(IntegrityError, match="uq_work_order_live"), transaction() as session:
        session.execute(insert(WorkOrder).values(**row, organisation_id=second, state="offered"))
    accept(offer_id)
    with pytest.raises(IntegrityError, match="uq_work_order_held"), transaction() as session:
        session.execute(insert(WorkOrder).values(**row, organisation_id=third, state="answered"))
    with pytest.raises(IntegrityError, match="ck_work_order_state"), transaction() as session:
        session.execute(insert(WorkOrder).values(**row, organisation_id=third, state="lost"))


def test_every_state_is_known_to_the_database(seeded: str) -> None:
    assert {str(state) for state in WorkOrderState} == {
        "proposed", "sent", "offered", "accepted", "declined", "timed_out", "withdrawn", "returned", "waived",
        "answered",
    }  # fmt: skip
