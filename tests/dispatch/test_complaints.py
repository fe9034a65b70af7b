"""A complaint about a unit is handled by somebody else (H10)."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch import queries, service
from dispatch.work_order import ConcernsThemselves
from hotline import clock
from hotline.db import transaction
from hotline.errors import InvalidInput, NotFound, TransitionRefused
from hotline.organisations.models import Organisation
from hotline.tickets import complaints
from hotline.tickets import service as tickets
from tests.dispatch.people import (
    DISPATCHER,
    DRAIN_ITEM,
    NOW,
    STREET_ITEM,
    firms_of_the_trade,
    open_ticket,
    send_back,
)
from tests.dispatch.test_pages import followed, text_of
from tests.support.people import signed_in_as

pytestmark = pytest.mark.usefixtures("seeded")


def about(ticket_id: int, organisation_id: int | None) -> None:
    with transaction() as session:
        ticket = tickets.get(session, ticket_id)
        complaints.name_unit(session, ticket, organisation_id, actor=DISPATCHER, now=NOW)


def suggested(ticket_id: int) -> Organisation | None:
    with transaction() as session:
        return queries.suggestion(session, tickets.get(session, ticket_id), NOW).organisation


def complaint() -> int:
    with transaction() as session:
        return open_ticket(session, STREET_ITEM).id


def test_the_unit_complained_of_is_passed_over_and_whoever_is_above_it_has_it() -> None:
    ticket_id = complaint()
    local = suggested(ticket_id)
    assert local
    about(ticket_id, local.id)
    above = suggested(ticket_id)
    assert above
    assert (above.id, above.level) == (local.parent_id, "city")
    about(ticket_id, above.id)  # and all below it
    assert suggested(ticket_id) is None


def test_nobody_can_send_it_there_by_hand_either() -> None:
    ticket_id = complaint()
    local = suggested(ticket_id)
    assert local
    assert local.parent_id
    for accused in (local.id, local.parent_id):
        about(ticket_id, accused)
        with pytest.raises(ConcernsThemselves), transaction() as session:
            ticket = tickets.get(session, ticket_id)
            service.dispatch(session, ticket, actor=DISPATCHER, now=NOW, organisation_id=local.id)
    about(ticket_id, None)
    with transaction() as session:
        assert service.dispatch(session, tickets.get(session, ticket_id), actor=DISPATCHER, now=NOW)


def test_a_firm_complained_of_is_not_asked() -> None:
    with transaction() as session:
        first, second = firms_of_the_trade(session, 5, 5)
        ticket = open_ticket(session, DRAIN_ITEM)
        ticket.kind = "complaint"
        complaints.name_unit(session, ticket, first, actor=DISPATCHER, now=NOW)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=NOW)
        assert order is not None
        assert order.organisation_id == second


def test_who_had_it_before_answers_for_it_no_longer() -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=NOW)
        assert order is not None
        with pytest.raises(TransitionRefused):
            complaints.name_unit(session, ticket, order.organisation_id, actor=DISPATCHER, now=NOW)
        send_back(session, order.id)
        complaints.name_unit(session, ticket, order.organisation_id, actor=DISPATCHER, now=NOW)
        assert ticket.organisation_id is None


def test_only_a_complaint_is_about_a_unit_and_about_one_there_is() -> None:
    with transaction() as session:
        ticket = open_ticket(session, DRAIN_ITEM)
        with pytest.raises(InvalidInput):
            complaints.name_unit(session, ticket, 1, actor=DISPATCHER, now=NOW)
    with pytest.raises(NotFound):
        about(complaint(), 987654321)


def test_agent_and_desk_look_the_unit_up_and_name_it(app: Flask) -> None:
    desk: FlaskClient = signed_in_as(app, "dispatcher")
    agent: FlaskClient = signed_in_as(app, "agent")
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM, now=clock.now())
        bureau = session.scalars(select(Organisation).where(Organisation.level == "city").limit(1)).one()
    page, mine = f"/dispatch/tickets/{ticket.id}", f"/agent/tickets/{ticket.number}"
    for browser, address in ((agent, mine), (desk, page)):
        assert "没有找到" in text_of(browser.get(f"{address}?unit=无此单位"))
        assert bureau.name in text_of(browser.get(f"{address}?unit={bureau.name}"))
        assert "已注明被投诉单位" in followed(browser, f"{address}/unit", unit_id=bureau.id)
        assert bureau.name in text_of(browser.get(address))
    refused = desk.post(f"{page}/choose", data={"organisation_id": bureau.id})
    assert refused.status_code == 409
    assert "不能派给它" in text_of(refused)
    followed(desk, f"{page}/unit", unit_id="")
    assert "未注明" in text_of(desk.get(page))
