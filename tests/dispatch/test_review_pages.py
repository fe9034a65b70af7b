"""What the review desk presses, what the agent and the citizen then see."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hotline import clock
from hotline.db import transaction
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from tests.dispatch.people import STREET_ITEM, open_ticket
from tests.dispatch.test_pages import followed, text_of
from tests.support.people import signed_in_as


@pytest.fixture
def dispatcher(app: Flask) -> FlaskClient:
    return signed_in_as(app, "dispatcher")


@pytest.fixture
def agent(app: Flask) -> FlaskClient:
    return signed_in_as(app, "agent")


def registered(**wish: object) -> Ticket:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM, now=clock.now(), **wish)
        ticket.staff_id = None  # anybody may mend it
        return ticket


def now_of(ticket: Ticket) -> Ticket:
    with transaction() as session:
        return tickets.get(session, ticket.id)


def test_a_second_reviewer_sees_who_has_it_and_takes_over(app: Flask, dispatcher: FlaskClient) -> None:
    page = f"/dispatch/tickets/{registered().id}"
    assert "还没有人预审" in text_of(dispatcher.get(page))
    assert "由您预审" in followed(dispatcher, f"{page}/review")
    second = signed_in_as(app, "supervisor")
    shown = text_of(second.get(page))
    assert "正在预审" in shown
    assert "由我接手" in shown
    assert "由您预审" in followed(second, f"{page}/review")
    assert "由我接手" in text_of(dispatcher.get(page))


def test_what_the_desk_misses_the_agent_adds(dispatcher: FlaskClient, agent: FlaskClient) -> None:
    ticket = registered()
    page = f"/dispatch/tickets/{ticket.id}"
    assert dispatcher.post(f"{page}/missing", data={"missing": " "}).status_code == 400
    followed(dispatcher, f"{page}/missing", missing="哪一段路？")
    assert ticket.number in text_of(dispatcher.get("/dispatch?tab=with_agent"))
    assert "哪一段路？" in text_of(agent.get("/agent/tickets"))
    mine = f"/agent/tickets/{ticket.number}"
    assert "哪一段路？" in text_of(agent.get(mine))
    wrong = agent.post(f"{mine}/again", data={"text": "建设路三号摊贩占道", "item_code": "9999"})
    assert wrong.status_code == 400
    assert "建设路三号摊贩占道" in text_of(wrong)
    data = {
        "text": "建设路三号摊贩占道",
        "item_code": "0801 街面",
        "area_id": str(ticket.area_id),
        "place": "三号",
    }
    assert "已重新登记" in followed(agent, f"{mine}/again", **data)
    assert now_of(ticket).state == "registered"
    again = agent.post(f"{mine}/again", data=data, follow_redirects=True)
    assert "没有生效" in text_of(again)
    assert "占道经营" in text_of(dispatcher.get(page))  # what it said before


def test_the_citizen_reads_why_it_is_not_handled_here(app: Flask, dispatcher: FlaskClient) -> None:
    ticket = registered()
    page = f"/dispatch/tickets/{ticket.id}"
    assert dispatcher.post(f"{page}/legal-route", data={"legal_reason": "nowhere"}).status_code == 400
    followed(dispatcher, f"{page}/legal-route", legal_reason="court", legal_explanation="法院电话见门牌。")
    citizen = app.test_client()
    shown = followed(citizen, "/p/ticket", number=ticket.number, code=ticket.query_code)
    assert "人民法院" in shown
    assert "法院电话见门牌。" in shown
    assert "评价这次办理" not in shown  # nobody is asked to rate that
    rated = citizen.post(f"/p/ticket/{ticket.number}/rate", follow_redirects=True)
    assert "答复发布后才能评价" in text_of(rated)
    assert "重新审核" in text_of(dispatcher.get(page))
    followed(dispatcher, f"{page}/reconsider", reconsider_reason="不属诉讼")
    assert now_of(ticket).state == "in_review"
    again = followed(citizen, "/p/ticket", number=ticket.number, code=ticket.query_code)
    assert "人民法院" not in again


def test_what_is_not_accepted_needs_an_explanation(dispatcher: FlaskClient) -> None:
    ticket = registered()
    page = f"/dispatch/tickets/{ticket.id}/not-accept"
    assert dispatcher.post(page, data={"refuse_reason": "no_matter"}).status_code == 400
    followed(dispatcher, page, refuse_reason="no_matter", refuse_explanation="请说明地点。")
    assert now_of(ticket).state == "not_accepted"


def test_duplicates_stand_side_by_side_and_are_merged_by_one_press(dispatcher: FlaskClient) -> None:
    lead, one = registered(number="+8613800138001"), registered()
    page = f"/dispatch/tickets/{one.id}"
    shown = text_of(dispatcher.get(page))
    assert lead.number in shown
    assert "同一区县" in shown
    for wrong in ("GD0", one.number):
        assert dispatcher.post(f"{page}/merge", data={"lead_number": wrong}).status_code == 400
    assert "已并单" in followed(dispatcher, f"{page}/merge", lead_number=lead.number)
    assert one.number in text_of(dispatcher.get(f"/dispatch/tickets/{lead.id}"))
    assert lead.number in text_of(dispatcher.get(page))
    refused = dispatcher.post(f"{page}/merge", data={"lead_number": lead.number})
    assert refused.status_code == 409


def test_of_two_who_merge_crosswise_one_is_told_to_look_again(app: Flask) -> None:
    one, two = registered(), registered(number="+8613800138001")
    both = [(one, two), (two, one)]
    at_once = Barrier(2)

    def merge(ticket: Ticket, lead: Ticket) -> int:
        dispatcher = signed_in_as(app, "dispatcher")
        at_once.wait()
        page = f"/dispatch/tickets/{ticket.id}/merge"
        return dispatcher.post(page, data={"lead_number": lead.number}).status_code

    with ThreadPoolExecutor(2) as people:
        answers = sorted(people.map(merge, *zip(*both, strict=True)))
    assert answers in ([303, 400], [303, 409])  # later than the other, or at the same moment
    assert sorted([now_of(one).state, now_of(two).state]) == ["merged", "registered"]


def test_a_ticket_is_split_and_waits(dispatcher: FlaskClient) -> None:
    ticket = registered()
    page = f"/dispatch/tickets/{ticket.id}"
    part = {"split_text": "下水道堵了", "split_item": "99999"}
    assert dispatcher.post(f"{page}/split", data=part).status_code == 400
    assert "已拆分" in followed(dispatcher, f"{page}/split", **part | {"split_item": "0804"})
    assert "拆分工单办结" in text_of(dispatcher.get(page))
    refused = dispatcher.post(f"{page}/answer", data={"direct_reply": "已修好"})
    assert refused.status_code == 409
    assert "拆分的工单" in text_of(refused)


def test_agent_and_desk_take_back_what_the_citizen_does_not_want_any_more(
    dispatcher: FlaskClient, agent: FlaskClient
) -> None:
    one, two = registered(), registered()
    address = f"/agent/tickets/{one.number}/withdraw"
    assert agent.post(address, data={"reason": ""}).status_code == 400
    assert "已按市民要求撤回" in followed(agent, address, reason="自己解决了")
    assert "没有生效" in text_of(agent.post(address, data={"reason": "再"}, follow_redirects=True))
    followed(dispatcher, f"/dispatch/tickets/{two.id}/taken-back", taken_back_reason="来电说不用了")
    assert {now_of(one).state, now_of(two).state} == {"withdrawn"}
    assert one.number in text_of(dispatcher.get("/dispatch?tab=closed"))
