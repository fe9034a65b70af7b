"""There on site in an emergency, and what others appraise first: a button for each, a fact for each."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from dispatch import field_work, service
from dispatch.models import WorkOrder
from hotline import clock
from hotline.db import transaction
from hotline.errors import TransitionRefused
from hotline.tickets import clocks
from hotline.tickets import service as tickets
from hotline.tickets.models import TicketClock
from tests.dispatch.people import DISPATCHER, NOW, facts, in_hand, open_ticket, sign_in_as, staff_of
from tests.support.people import staff_with

GAS_LEAK = "1505"
NOTE = {"appraisal_note": "送市检测中心检测甲醛，预计五天出结果"}
DAY = timedelta(days=1)


def clock_of(ticket_id: int, name: str) -> TicketClock:
    with transaction() as session:
        return next(row for row in tickets.get(session, ticket_id).clocks if row.clock == name)


def at_the_unit(client: FlaskClient, order: WorkOrder) -> FlaskClient:
    with transaction() as session:
        sign_in_as(client, staff_of(session, order.organisation_id))
    return client


def test_who_is_on_site_says_so_once_and_the_clock_stops(client: FlaskClient, seeded: str) -> None:
    with transaction() as session:
        ticket = open_ticket(session, GAS_LEAK, now=clock.now())
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=clock.now())
        assert order is not None
        service.accept(session, order.id, responsible_person="王工", actor="staff:99", now=clock.now())
    unit, page = at_the_unit(client, order), f"/work/{order.id}"
    assert "已到现场" in unit.get(page).text
    assert unit.post(f"{page}/arrive").status_code == 303
    assert clock_of(order.ticket_id, "emergency_site").met
    assert "已到现场" not in unit.get(page).text
    assert unit.post(f"{page}/arrive").status_code == 409
    assert len(facts(order.ticket_id, "site_reached")) == 1


def test_nobody_waits_on_site_where_it_is_no_emergency(seeded: str) -> None:
    order = in_hand()
    with transaction() as session, pytest.raises(TransitionRefused):
        field_work.arrive(session, order.id, actor="staff:99", now=NOW)


def test_while_others_appraise_the_clock_stands_and_the_desk_may_end_it(
    client: FlaskClient, seeded: str
) -> None:
    order = in_hand(now=clock.now())
    unit, page = at_the_unit(client, order), f"/work/{order.id}"
    assert "请写明检什么" in unit.post(f"{page}/appraisal", data={"appraisal_note": " "}).text
    assert unit.post(f"{page}/appraisal", data=NOTE).status_code == 303
    assert clock_of(order.ticket_id, "closing").paused_at is not None
    assert clock_of(order.ticket_id, "reply").paused_at is None, "the citizen hears something all the same"
    assert "结束检验鉴定" in unit.get(page).text
    assert unit.post(f"{page}/appraisal", data=NOTE).status_code == 409
    desk, ticket = f"/dispatch/tickets/{order.ticket_id}", client
    sign_in_as(ticket, staff_with("dispatcher").id)
    assert NOTE["appraisal_note"] in ticket.get(desk).text
    assert ticket.post(f"{desk}/appraisal/end").status_code == 303
    assert clock_of(order.ticket_id, "closing").paused_at is None
    assert ticket.post(f"{desk}/appraisal/end").status_code == 409
    assert len(facts(order.ticket_id, "appraisal_ended")) == 1


def test_a_day_of_appraisal_is_a_day_more_and_an_answer_ends_it(seeded: str) -> None:
    order = in_hand()
    due_at = clock_of(order.ticket_id, "closing").due_at
    note = NOTE["appraisal_note"]
    with transaction() as session:
        field_work.begin_appraisal(session, order.id, note=note, actor="staff:99", now=NOW + DAY)
    with transaction() as session:
        ticket = tickets.get(session, order.ticket_id, lock=True)
        field_work.end_appraisal(session, ticket, actor="staff:99", now=NOW + 4 * DAY)
    assert clock_of(order.ticket_id, "closing").due_at > due_at
    with transaction() as session:
        field_work.begin_appraisal(session, order.id, note=note, actor="staff:99", now=NOW + 5 * DAY)
        reply = "已检测，甲醛不超标。"
        service.answer(
            session, order.id, public_reply=reply, internal_note="", actor="staff:99", now=NOW + 6 * DAY
        )
        assert not clocks.stands_still(tickets.get(session, order.ticket_id), field_work.APPRAISAL)
