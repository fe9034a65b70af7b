"""Returning a ticket, and the centre's verdict about one that nobody wants (D07, Z42)."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch import outcomes, queries, returns, service
from dispatch.models import Adjudication, WorkOrder
from hotline import clock
from hotline.db import transaction
from hotline.errors import InvalidInput, TransitionRefused
from hotline.organisations.models import Organisation
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.states import TicketState
from tests.dispatch.people import (
    DISPATCHER,
    NOW,
    STREET_ITEM,
    facts,
    open_ticket,
    send_back,
    sign_in_as,
    staff_of,
)
from tests.dispatch.test_at_the_same_moment import all_at_once
from tests.support.people import staff_with

ADJUDICATOR = "staff:7"


def sent(organisation_id: int | None = None, ticket_id: int | None = None, now: datetime = NOW) -> WorkOrder:
    with transaction() as session:
        ticket = tickets.get(session, ticket_id) if ticket_id else open_ticket(session, STREET_ITEM, now=now)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=now, organisation_id=organisation_id)
        assert order is not None
        return order


def returned(order_id: int, now: datetime = NOW) -> Ticket:
    with transaction() as session:
        return send_back(session, order_id, now=now).ticket


def office(role_name: str = "水利局") -> int:
    with transaction() as session:
        wanted = select(Organisation.id).where(Organisation.role_name == role_name)
        return session.scalars(wanted.order_by(Organisation.id).limit(1)).one()


def disputed(now: datetime = NOW) -> tuple[int, WorkOrder, WorkOrder]:
    """(ticket, the first organisation's order, the second's): both sent it back."""
    first = sent(now=now)
    returned(first.id, now)
    second = sent(office(), first.ticket_id, now)
    assert returned(second.id, now).state == "adjudication"
    return first.ticket_id, first, second


def verdict(ticket_id: int, organisation_id: int, actor: str = ADJUDICATOR) -> WorkOrder:
    with transaction() as session:
        return returns.adjudicate(
            session,
            tickets.get(session, ticket_id),
            organisation_id=organisation_id,
            code="duty_list",
            grounds="职责清单第3项写明由其负责",
            actor=actor,
            now=NOW,
        )


def test_the_first_return_comes_to_the_desk_with_who_should_have_it(seeded: str) -> None:
    order, water = sent(), office()
    with transaction() as session:
        ticket = send_back(session, order.id, suggested_id=water).ticket
        assert (ticket.state, ticket.returns) == ("in_review", 1)
    with transaction() as session:
        kept = session.get_one(WorkOrder, order.id)
        assert (kept.return_code, kept.legal_basis) == ("not_our_duty", "职责清单第3项")
        assert kept.suggested is not None and kept.suggested.role_name == "水利局"
    assert [
        (fact["code"], fact["suggested_id"]) for fact in facts(order.ticket_id, "work_order_returned")
    ] == [("not_our_duty", water)]


@pytest.mark.parametrize("missing", ["code", "reason", "legal_basis"])
def test_nothing_is_returned_without_its_kind_a_reason_and_a_basis_in_law(seeded: str, missing: str) -> None:
    order = sent()
    said = {"code": "not_our_duty", "reason": "属交警职责", "legal_basis": "职责清单"} | {missing: " "}
    with pytest.raises(InvalidInput, match=missing), transaction() as session:
        returns.return_to_hotline(session, order.id, **said, actor="staff:99", now=NOW)
    with transaction() as session:
        assert tickets.get(session, order.ticket_id).returns == 0


def test_after_the_window_whoever_has_it_handles_it(seeded: str) -> None:
    order = sent()  # on a Tuesday: two working days end on Thursday with the office
    with transaction() as session:
        window = returns.window(tickets.get(session, order.ticket_id))
        assert window is not None
        closes = window.due_at
    with pytest.raises(returns.ReturnTooLate):
        returned(order.id, closes + timedelta(seconds=1))
    assert returned(order.id, closes).state == "in_review"


def test_the_second_return_goes_to_the_centre_and_the_desk_cannot_send_it_on(seeded: str) -> None:
    ticket_id, first, second = disputed()
    assert facts(ticket_id, "dispute_opened") == [{"because": "returned_again", "returns": 2}]
    with pytest.raises(TransitionRefused):
        sent(first.organisation_id, ticket_id)
    with transaction() as session:
        assert queries.desk_counts(session)["adjudication"] == 1
        assert (
            tickets.get(session, ticket_id).organisation_id == first.organisation_id != second.organisation_id
        )


def test_the_verdict_cannot_be_returned_and_the_first_stays_responsible_until_it_is_accepted(
    seeded: str,
) -> None:
    ticket_id, first, second = disputed()
    order = verdict(ticket_id, second.organisation_id)
    assert (order.principle, order.state, order.ticket.state) == ("adjudicated", "sent", "dispatched")
    assert order.ticket.organisation_id == first.organisation_id
    with pytest.raises(returns.VerdictStands):
        returned(order.id)
    with transaction() as session:
        service.accept(session, order.id, responsible_person="王工", actor="staff:99", now=NOW)
    with pytest.raises(returns.VerdictStands):
        returned(order.id)
    with transaction() as session:
        assert tickets.get(session, ticket_id).organisation_id == second.organisation_id


def test_the_verdict_is_on_record_with_its_grounds_and_whether_the_return_was_right(seeded: str) -> None:
    (one, first, _), (other, _, last) = disputed(), disputed()
    verdict(one, first.organisation_id)
    verdict(other, last.organisation_id)
    assert [fact["return_upheld"] for fact in facts(one, "dispute_decided")] == [True]
    assert facts(other, "dispute_decided") == [
        {
            "organisation_id": last.organisation_id,
            "legal_route": None,
            "code": "duty_list",
            "return_upheld": False,
        }
    ]
    with transaction() as session:
        dispute = session.scalars(select(Adjudication).where(Adjudication.ticket_id == one)).one()
        assert (dispute.decided_by, dispute.grounds) == (ADJUDICATOR, "职责清单第3项写明由其负责")


def test_a_ticket_passed_on_too_often_goes_to_the_centre_at_its_first_return(seeded: str) -> None:
    order = sent()
    for _ in range(3):
        with transaction() as session:
            ticket = tickets.get(session, order.ticket_id)
            service.withdraw(session, ticket, reason="再换一家", actor=DISPATCHER, now=NOW)
        order = sent(office(), order.ticket_id)
    assert returned(order.id).state == "adjudication"
    assert facts(order.ticket_id, "dispute_opened") == [{"because": "passed_on", "returns": 1}]


def test_of_two_verdicts_at_once_one_holds(seeded: str) -> None:
    ticket_id, first, second = disputed()
    got = all_at_once(
        lambda: verdict(ticket_id, first.organisation_id, "staff:7"),
        lambda: verdict(ticket_id, second.organisation_id, "staff:8"),
    )
    assert Counter(got) == {"done": 1, "transition_refused": 1}
    assert len(facts(ticket_id, "dispute_decided")) == 1


def test_a_verdict_names_no_firm(seeded: str) -> None:
    ticket_id, _first, _second = disputed()
    with transaction() as session:
        firm = session.scalars(select(Organisation.id).where(Organisation.kind == "firm").limit(1)).one()
    with pytest.raises(InvalidInput, match="not a firm"):
        verdict(ticket_id, firm)


# --- pages -----------------------------------------------------------------------------------------------


def test_the_department_names_who_should_have_it_and_the_desk_sends_it_there_with_one_press(
    client: FlaskClient,
) -> None:
    order = sent(now=clock.now())
    with transaction() as session:
        sign_in_as(client, staff_of(session, order.organisation_id))
    said = {"return_code": "not_our_duty", "return_reason": "属水利局", "legal_basis": "职责清单第3项"}
    unknown = client.post(f"/work/{order.id}/return", data=said | {"suggested": "没有的局"})
    assert unknown.status_code == 400 and "没有这个单位" in unknown.text
    assert client.post(f"/work/{order.id}/return", data=said | {"suggested": "水利局"}).status_code == 303
    sign_in_as(client, staff_with("dispatcher").id)
    with transaction() as session:
        suggested_id = session.get_one(WorkOrder, order.id).suggested_id
    page = client.get(f"/dispatch/tickets/{order.ticket_id}").text
    assert "按建议改派" in page and "职责清单第3项" in page
    assert "这个单位退回过本单：属水利局" in page
    there = f"/dispatch/tickets/{order.ticket_id}/choose"
    assert client.post(there, data={"organisation_id": suggested_id}).status_code == 303


def test_only_an_adjudicator_decides_and_says_why(client: FlaskClient) -> None:
    ticket_id, first, _second = disputed(clock.now())
    there = f"/dispatch/tickets/{ticket_id}"
    said = {"verdict_for": first.organisation_id, "verdict_code": "law", "grounds": "条例第五条"}
    sign_in_as(client, staff_with("dispatcher").id)
    assert "由有裁定权限的人员决定" in client.get(there).text
    assert client.post(f"{there}/verdict", data=said).status_code == 403
    sign_in_as(client, staff_with("supervisor").id)
    assert f"/dispatch/tickets/{ticket_id}" in client.get("/dispatch?tab=adjudication").text
    assert client.post(f"{there}/verdict", data=said | {"grounds": ""}).status_code == 400
    assert client.post(f"{there}/verdict", data=said).status_code == 303
    assert "中心裁定，不得退回" in client.get(there).text


def test_the_centre_may_find_that_the_law_has_another_way_and_the_citizen_reads_which(
    client: FlaskClient,
) -> None:
    ticket_id, _first, _second = disputed(clock.now())
    there = f"/dispatch/tickets/{ticket_id}"
    sign_in_as(client, staff_with("supervisor").id)
    route = next(iter(outcomes.reasons(TicketState.LEGAL_ROUTE)))
    said = {"route": route, "route_explanation": "请向仲裁委申请。", "route_grounds": "属劳动争议"}
    assert client.post(f"{there}/verdict-route", data=said | {"route_grounds": ""}).status_code == 400
    assert client.post(f"{there}/verdict-route", data=said).status_code == 303
    with transaction() as session:
        ticket = tickets.get(session, ticket_id)
        assert ticket.state == "legal_route" and "仲裁委" in (ticket.public_reply or "")
    (fact,) = facts(ticket_id, "dispute_decided")
    assert (fact["organisation_id"], fact["legal_route"]) == (None, route)
