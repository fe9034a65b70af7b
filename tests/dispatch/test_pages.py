"""What dispatchers and organisations see and press."""

from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from dispatch import service
from dispatch.models import WorkOrder
from hotline import clock
from hotline.db import transaction
from hotline.event_log import Event
from hotline.organisations import service as organisations
from hotline.organisations.models import Organisation
from hotline.staff.models import Staff
from hotline.tickets import service as tickets
from tests.dispatch.people import (
    DISPATCHER,
    STREET_ITEM,
    firms_of_the_trade,
    open_ticket,
    sign_in_as,
    staff_of,
    states,
)


@pytest.fixture
def dispatcher(client: FlaskClient) -> FlaskClient:
    with transaction() as session:
        sign_in_as(client, session.scalars(select(Staff.id).where(Staff.username == "dispatcher")).one())
    return client


def registered(item: str = STREET_ITEM, **wish: object) -> int:
    with transaction() as session:
        return open_ticket(session, item, now=clock.now(), **wish).id


def dispatched(item: str = STREET_ITEM, **wish: object) -> tuple[int, int, int]:
    """(ticket, work order, organisation)."""
    with transaction() as session:
        ticket = open_ticket(session, item, now=clock.now(), **wish)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=clock.now())
        assert order is not None
        return ticket.id, order.id, order.organisation_id


def offered() -> tuple[int, int, list[int]]:
    with transaction() as session:
        firms = firms_of_the_trade(session, 5, 5)
    ticket_id, order_id, _firm = dispatched("1802")
    return ticket_id, order_id, firms


def as_organisation(client: FlaskClient, organisation_id: int) -> FlaskClient:
    with transaction() as session:
        sign_in_as(client, staff_of(session, organisation_id))
    return client


def text_of(response: TestResponse) -> str:
    return response.get_data(as_text=True)


def followed(client: FlaskClient, address: str, **fields: object) -> str:
    """POST, be sent on with 303, read the page."""
    answer = client.post(address, data=fields)
    assert answer.status_code == 303, text_of(answer)
    return text_of(client.get(answer.location))


class Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.inputs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "label" and found.get("for"):
            self.labelled.add(str(found["for"]))
        if tag in ("input", "textarea", "select") and found.get("id"):
            self.inputs.append(str(found["id"]))


def check_page(page: str) -> None:
    """Every input with an id has a label, no id twice."""
    reader = Ids()
    reader.feed(page)
    assert len(reader.ids) == len(set(reader.ids)), sorted(reader.ids)
    assert set(reader.inputs) <= reader.labelled


# --- the desk --------------------------------------------------------------------------------------------


def test_an_empty_desk_says_so_on_every_tab(dispatcher: FlaskClient) -> None:
    for tab, words in {
        "new": "没有待派的工单",
        "answered": "没有等待审核的答复",
        "closed": "还没有办结",
    }.items():
        page = text_of(dispatcher.get(f"/dispatch?tab={tab}"))
        assert words in page
        check_page(page)


def test_the_desk_lists_the_ticket_with_its_light_and_a_refresh_is_the_same_block(
    dispatcher: FlaskClient,
) -> None:
    ticket_id = registered()
    page = text_of(dispatcher.get("/dispatch"))
    assert f"/dispatch/tickets/{ticket_id}" in page and "绿灯" in page and "还剩" in page
    block = text_of(dispatcher.get("/dispatch?tab=new", headers={"X-Live-Block": "1"}))
    assert "<html" not in block
    assert f"/dispatch/tickets/{ticket_id}" in block


def test_a_number_typed_leads_to_the_ticket_and_an_unknown_one_is_named(dispatcher: FlaskClient) -> None:
    ticket_id = registered()
    with transaction() as session:
        number = tickets.get(session, ticket_id).number
    assert dispatcher.get(f"/dispatch?number={number}").location.endswith(f"/dispatch/tickets/{ticket_id}")
    assert "没有工单 X-1" in text_of(dispatcher.get("/dispatch?number=X-1"))


def test_the_dispatcher_sends_as_suggested_and_sees_the_principle(dispatcher: FlaskClient) -> None:
    ticket_id = registered()
    page = text_of(dispatcher.get(f"/dispatch/tickets/{ticket_id}"))
    check_page(page)
    assert "属地原则" in page and "13800138000" not in page
    assert "已派单" in followed(dispatcher, f"/dispatch/tickets/{ticket_id}/dispatch")


def test_the_dispatcher_searches_and_chooses_another_organisation(dispatcher: FlaskClient) -> None:
    ticket_id = registered()
    found = text_of(dispatcher.get(f"/dispatch/tickets/{ticket_id}?q=水利"))
    check_page(found)
    assert "水利局" in found
    assert "没有找到这样的单位" in text_of(dispatcher.get(f"/dispatch/tickets/{ticket_id}?q=没有的单位"))
    nothing = dispatcher.post(f"/dispatch/tickets/{ticket_id}/choose", data={"q": "水利"})
    assert nothing.status_code == 400 and "请先搜索并选择一个承办单位" in text_of(nothing)
    with transaction() as session:
        water = session.scalars(select(Organisation).where(Organisation.role_name == "水利局").limit(1)).one()
    page = followed(dispatcher, f"/dispatch/tickets/{ticket_id}/choose", organisation_id=water.id)
    assert water.name in page and "派单员指定" in page


def test_without_consent_the_page_offers_no_firm_and_a_forced_post_is_refused(
    dispatcher: FlaskClient,
) -> None:
    ticket_id = registered("1802", share_contact=False)
    assert "按建议派单" not in text_of(dispatcher.get(f"/dispatch/tickets/{ticket_id}"))
    refused = dispatcher.post(f"/dispatch/tickets/{ticket_id}/dispatch")
    assert refused.status_code == 409 and "不能派给企业" in text_of(refused)


def test_a_second_dispatch_of_the_same_ticket_is_a_conflict_that_shows_the_newest_state(
    dispatcher: FlaskClient,
) -> None:
    ticket_id, _order_id, _organisation = dispatched()
    answer = dispatcher.post(f"/dispatch/tickets/{ticket_id}/dispatch")
    assert answer.status_code == 409
    assert "刚才的操作没有生效" in text_of(answer)


def test_the_hotline_answers_by_itself_and_opens_again(dispatcher: FlaskClient) -> None:
    ticket_id = registered()
    empty = dispatcher.post(f"/dispatch/tickets/{ticket_id}/answer", data={"direct_reply": "  "})
    assert empty.status_code == 400 and "请写下诉求人将看到的答复" in text_of(empty)
    page = followed(dispatcher, f"/dispatch/tickets/{ticket_id}/answer", direct_reply="已现场解决。")
    assert "告知回访中" in page and "已现场解决。" in page
    page = followed(dispatcher, f"/dispatch/tickets/{ticket_id}/reopen", reopen_reason="市民来电说没有解决")
    assert "重新办理" in page and "按建议派单" in page


def test_a_ticket_that_is_not_there_is_not_found(dispatcher: FlaskClient) -> None:
    assert dispatcher.get("/dispatch/tickets/999999").status_code == 404


# --- the in-tray -----------------------------------------------------------------------------------------


def test_an_empty_in_tray_says_so(client: FlaskClient) -> None:
    as_organisation(client, 1)
    for tab in ("waiting", "in_hand", "answered", "ended"):
        page = text_of(client.get(f"/work?tab={tab}"))
        assert "没有" in page
        check_page(page)


def test_a_department_accepts_answers_and_the_dispatcher_releases(client: FlaskClient) -> None:
    ticket_id, order_id, organisation_id = dispatched()
    as_organisation(client, organisation_id)
    assert f"/work/{order_id}" in text_of(client.get("/work"))
    check_page(text_of(client.get(f"/work/{order_id}")))
    nobody = client.post(f"/work/{order_id}/accept", data={"responsible_person": ""})
    assert nobody.status_code == 400 and "请写明由谁负责办理" in text_of(nobody)
    page = followed(client, f"/work/{order_id}/accept", responsible_person="张科长")
    check_page(page)
    assert "张科长" in page
    page = followed(client, f"/work/{order_id}/begin", contact_note="约好周三上门")
    assert "约好周三上门" in page
    silent = client.post(f"/work/{order_id}/answer", data={"internal_note": "内部情况"})
    assert silent.status_code == 400 and "内部情况" in text_of(silent)
    page = followed(client, f"/work/{order_id}/answer", public_reply="已清理。", internal_note="内部情况")
    assert "等待热线审核" in page
    with transaction() as session:
        sign_in_as(client, session.scalars(select(Staff.id).where(Staff.username == "dispatcher")).one())
    page = text_of(client.get(f"/dispatch/tickets/{ticket_id}"))
    check_page(page)
    assert "已清理。" in page and "内部情况" in page
    back = followed(client, f"/dispatch/tickets/{ticket_id}/reject", reject_reason="请说明后续管理")
    assert "办理中" in back
    as_organisation(client, organisation_id)
    assert "请说明后续管理" in text_of(client.get(f"/work/{order_id}"))
    followed(client, f"/work/{order_id}/answer", public_reply="已清理,并安排巡查。", internal_note="")
    with transaction() as session:
        sign_in_as(client, session.scalars(select(Staff.id).where(Staff.username == "dispatcher")).one())
    assert "答复已发布" in followed(client, f"/dispatch/tickets/{ticket_id}/release")


def test_a_department_returns_only_with_a_reason(client: FlaskClient) -> None:
    _ticket_id, order_id, organisation_id = dispatched()
    as_organisation(client, organisation_id)
    wrong = {"return_code": "not_our_duty", "return_reason": "", "legal_basis": ""}
    refused = client.post(f"/work/{order_id}/return", data=wrong)
    assert refused.status_code == 400 and "请写明退回的原因" in text_of(refused)
    right = wrong | {"return_reason": "属交警职责", "legal_basis": "职责清单第3项"}
    assert "已退回" in followed(client, f"/work/{order_id}/return", **right)


def test_a_firm_sees_no_number_before_it_accepts_and_says_why_to_see_it_after(client: FlaskClient) -> None:
    ticket_id, order_id, (first, _second) = offered()
    as_organisation(client, first)
    before = text_of(client.get(f"/work/{order_id}"))
    check_page(before)
    assert "接单后可见" in before and "138" not in before
    assert client.post(f"/work/{order_id}/reveal", data={"purpose": "联系"}).status_code == 409
    page = followed(client, f"/work/{order_id}/accept", responsible_person="李师傅", price_estimate="30 元起")
    check_page(page)
    assert "13800138000" not in page
    assert client.post(f"/work/{order_id}/reveal", data={"purpose": ""}).status_code == 400
    assert "13800138000" in followed(client, f"/work/{order_id}/reveal", purpose="约上门时间")
    with transaction() as session:
        looks = session.scalars(select(Event).where(Event.kind == "contact_revealed")).all()
        assert [look.ticket_id for look in looks] == [ticket_id]


def test_a_firm_declines_and_the_next_one_finds_the_job_in_its_in_tray(client: FlaskClient) -> None:
    ticket_id, order_id, (first, second) = offered()
    as_organisation(client, first)
    assert "谢绝" in followed(client, f"/work/{order_id}/decline", decline_reason="人手不够")
    as_organisation(client, second)
    page = text_of(client.get("/work"))
    assert "待接单" in page and "接单" in page
    with transaction() as session:
        assert states(session, ticket_id) == [(first, "declined"), (second, "offered")]


def test_a_firm_suspended_meanwhile_is_told_so_and_the_job_moves_on(client: FlaskClient) -> None:
    ticket_id, order_id, (first, second) = offered()
    as_organisation(client, first)
    with transaction() as session:
        organisations.suspend(session, first, reason="被投诉", actor="staff:9", now=clock.now())
    fields = {"responsible_person": "李师傅", "price_estimate": "30 元"}
    refused = client.post(f"/work/{order_id}/accept", data=fields)
    assert refused.status_code == 409 and "已被暂停接单" in text_of(refused)
    with transaction() as session:
        assert states(session, ticket_id) == [(first, "withdrawn"), (second, "offered")]


def test_the_second_of_two_acceptances_is_told_what_happened(client: FlaskClient) -> None:
    _ticket_id, order_id, organisation_id = dispatched()
    as_organisation(client, organisation_id)
    followed(client, f"/work/{order_id}/accept", responsible_person="张科长")
    second = client.post(f"/work/{order_id}/accept", data={"responsible_person": "王科长"})
    assert second.status_code == 409
    assert "刚才的操作没有生效" in text_of(second) and "张科长" in text_of(second)


def test_a_confidential_caller_stays_hidden_from_the_department(client: FlaskClient) -> None:
    _ticket_id, order_id, organisation_id = dispatched(confidential=True)
    as_organisation(client, organisation_id)
    page = text_of(client.get(f"/work/{order_id}"))
    assert "要求保密" in page and "138" not in page


def test_another_organisation_finds_nothing_on_any_page(client: FlaskClient) -> None:
    _ticket_id, order_id, organisation_id = dispatched()
    with transaction() as session:
        other = session.scalars(
            select(Organisation.id).where(Organisation.id != organisation_id).limit(1)
        ).one()
    as_organisation(client, other)
    assert f"/work/{order_id}" not in text_of(client.get("/work?tab=waiting"))
    assert client.get(f"/work/{order_id}").status_code == 404
    fields = {
        "responsible_person": "张科长",
        "return_code": "not_our_duty",
        "return_reason": "不归我们",
        "legal_basis": "职责清单",
        "public_reply": "好",
        "purpose": "联系",
    }
    for act in ("accept", "decline", "return", "answer", "reveal"):
        assert client.post(f"/work/{order_id}/{act}", data=fields).status_code == 404, act
    with transaction() as session:
        assert session.get_one(WorkOrder, order_id).state == "sent"


def test_an_organisation_may_not_open_the_desk_nor_a_dispatcher_the_in_tray(client: FlaskClient) -> None:
    ticket_id, order_id, organisation_id = dispatched()
    as_organisation(client, organisation_id)
    assert client.get("/dispatch").status_code == 403
    assert client.get(f"/dispatch/tickets/{ticket_id}").status_code == 403
    with transaction() as session:
        sign_in_as(client, session.scalars(select(Staff.id).where(Staff.username == "dispatcher")).one())
    assert client.get("/work").status_code == 403
    assert client.get(f"/work/{order_id}").status_code == 403


def test_long_lists_come_in_pages(client: FlaskClient) -> None:
    for _ in range(3):
        with transaction() as session:
            for _ in range(8):
                ticket = open_ticket(session, STREET_ITEM, now=clock.now())
                order = service.dispatch(session, ticket, actor=DISPATCHER, now=clock.now())
    assert order is not None
    as_organisation(client, order.organisation_id)
    page = text_of(client.get("/work?tab=waiting&page=2"))
    assert "第 2 页" in page and page.count("/work/") >= 4
    assert "第 2 页" in text_of(client.get("/work?tab=waiting&page=99"))
