"""The console, as an agent uses it: a call comes, a matter is written down, the call is wrapped up."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from agents import service
from dispatch import queries as dispatch
from hotline import clock
from hotline.callbacks import service as callbacks
from hotline.callbacks.models import CallBack, CallBackReason
from hotline.calls import service as calls
from hotline.db import transaction
from hotline.event_log import Event
from hotline.organisations.models import Area, Organisation
from hotline.organisations.queries import lineage
from hotline.surveys.models import Survey
from hotline.tickets.models import Ticket
from tests.agents.people import NOW, agent, presence, react, sign_in_as, waiting_call
from tests.support.relay import deliver_all

POTHOLE = "人民路中学门口路面有个大坑，晚上很危险"
DRAIN = "我家厨房下水道堵了，想找人来疏通"


@pytest.fixture
def call_id(me: int) -> int:
    """A caller this agent talks to."""
    with transaction() as session:
        call = waiting_call(session, "call-1")
        calls.answer(session, call, staff_id=me, system_id="leg", now=NOW + timedelta(seconds=9))
        service.talk(session, me, call, NOW + timedelta(seconds=9))
    return call.id


def _item(handler: str) -> str:
    with transaction() as session:
        from hotline.catalogue.queries import items

        return next(i.code for i in items(session, "12345") if i.handler == handler)


def _form(client: FlaskClient, **values: Any) -> dict[str, Any]:
    """What the page's own form would send, with these fields filled in."""
    page = client.get("/agent").text
    hidden = dict(re.findall(r'<input id="(\w+)" name="\w+" type="hidden" value="([^"]*)">', page))
    fields = {"kind": "help", "text": POTHOLE, "item_code": _item("department"), "hotline": "12345"}
    return hidden | fields | values


def _tickets() -> list[Ticket]:
    with transaction() as session:
        return list(session.scalars(select(Ticket).order_by(Ticket.id)))


def test_the_unit_complained_of_is_named_with_the_matter_and_never_gets_it(
    client: FlaskClient, me: int, call_id: int
) -> None:
    """Named in the same form, it is barred before the ticket could go out by itself (H10)."""
    with transaction() as session:
        bureau = session.scalars(
            select(Organisation).where(Organisation.role_name == "城市管理局").limit(1)
        ).one()
    form = _form(client, kind="complaint", item_code="0801", unit=bureau.name)
    for wrong in ({"kind": "help"}, {"unit": "管理局"}, {"unit": "没有的局"}):
        refused = client.post("/agent/tickets", data=form | wrong)
        assert refused.status_code == 400 and "名称要能确定到一个单位" in refused.text
    assert client.post("/agent/tickets", data=form).status_code == 303
    (ticket,) = _tickets()
    assert ticket.complained_of_id == bureau.id
    with transaction() as session:
        plan = dispatch.suggestion(session, session.get_one(Ticket, ticket.id), clock.now())
        assert plan.organisation is None or bureau.id not in lineage(session, plan.organisation.id)


def test_the_page_has_what_an_agent_needs_before_the_first_call(client: FlaskClient, me: int) -> None:
    page = client.get("/agent").text
    for words in ("空闲", "小休", "排队来电", "登记工单", "现在没有通话", "快捷键"):
        assert words in page


def test_waiting_callers_are_listed_the_longest_wait_first(client: FlaskClient, me: int) -> None:
    with transaction() as session:
        waiting_call(session, "new", number="13900139000", at=NOW + timedelta(seconds=30))
        old = waiting_call(session, "old", number="13700137000")
        calls.understand(
            session, old, item_code=_item("department"), confidence=0.8, source="speech", now=NOW
        )
    block = client.get("/agent/blocks/waiting").text
    assert block.index("137●●●●7000") < block.index("139●●●●9000")
    assert "13700137000" not in block
    assert block in client.get("/agent").text, "the page and its refresh are the same block"


def test_the_screen_pop_tells_who_rings_and_what_was_understood(client: FlaskClient, me: int) -> None:
    item = _item("department")
    with transaction() as session:
        call = waiting_call(session, "call-1")
        calls.understand(
            session,
            call,
            item_code=item,
            confidence=0.83,
            source="speech",
            heard=POTHOLE,
            suggestions=[{"code": item, "confidence": 0.83}],
            now=NOW,
        )
        service.ring(session, me, call, NOW)
    pop = client.get("/agent/blocks/pop").text
    for words in ("振铃", "138●●●●8000", POTHOLE, "83%", f'data-item-code="{item}"'):
        assert words in pop


def test_a_ticket_written_while_talking_belongs_to_the_call(
    client: FlaskClient, me: int, call_id: int
) -> None:
    with transaction() as session:
        town = session.scalars(select(Area).where(Area.level == "town").limit(1)).one()
    answer = client.post(
        "/agent/tickets",
        data=_form(client, area_id=town.id, place="人民路 8 号", caller_name="张先生", confidential="y"),
    )
    assert answer.status_code == 303
    (ticket,) = _tickets()
    assert (ticket.call_id, ticket.channel, ticket.staff_id) == (call_id, "phone", me)
    assert (ticket.area_id, ticket.confidential, ticket.state) == (town.id, True, "registered")
    page = client.get(answer.headers["Location"]).text
    assert ticket.number in page and ticket.query_code in page
    assert "张先生" in client.get("/agent/blocks/pop").text


def test_one_call_with_two_matters_gives_two_tickets(client: FlaskClient, me: int, call_id: int) -> None:
    client.post("/agent/tickets", data=_form(client))
    client.post("/agent/tickets", data=_form(client, text=DRAIN, item_code=_item("firm"), share_contact="y"))
    assert [t.call_id for t in _tickets()] == [call_id, call_id]
    pop = client.get("/agent/blocks/pop").text
    assert all(ticket.number in pop for ticket in _tickets())


def test_a_second_click_makes_no_second_ticket(
    app: Flask, client: FlaskClient, me: int, call_id: int
) -> None:
    form = _form(client)

    def click() -> int:
        browser = app.test_client()
        sign_in_as(browser, me)
        return browser.post("/agent/tickets", data=form).status_code

    with ThreadPoolExecutor(3) as pool:
        answers = [click.result() for click in [pool.submit(click) for _ in range(3)]]
    assert answers == [303, 303, 303]
    assert len(_tickets()) == 1


def test_a_firms_job_needs_the_citizens_consent(client: FlaskClient, me: int, call_id: int) -> None:
    form = _form(client, text=DRAIN, item_code=_item("firm"), kind="service")
    refused = client.post("/agent/tickets", data=form)
    assert refused.status_code == 400
    assert "征得同意" in refused.text
    assert DRAIN in refused.text, "what was written is still there"
    assert _tickets() == []
    assert client.post("/agent/tickets", data=form | {"share_contact": "y"}).status_code == 303
    with transaction() as session:
        assert session.scalar(select(func.count()).where(Event.kind == "contact_consent_given")) == 1


def test_a_firms_job_for_a_withheld_number_needs_a_number(client: FlaskClient, me: int) -> None:
    form = _form(client, text=DRAIN, item_code=_item("firm"), share_contact="y")
    assert client.post("/agent/tickets", data=form).status_code == 400
    assert client.post("/agent/tickets", data=form | {"number": "138 0013 8000"}).status_code == 303


def test_a_matter_answered_on_the_telephone_is_closed_at_once(
    client: FlaskClient, me: int, call_id: int
) -> None:
    form = _form(client, on_the_phone="y", kind="consult")
    refused = client.post("/agent/tickets", data=form)
    assert refused.status_code == 400 and "答复内容" in refused.text
    assert client.post("/agent/tickets", data=form | {"reply": "周六上午上班"}).status_code == 303
    (ticket,) = _tickets()
    assert (ticket.state, ticket.public_reply) == ("closed", "周六上午上班")


def test_without_a_call_the_form_serves_the_counter(client: FlaskClient, me: int) -> None:
    assert client.post("/agent/tickets", data=_form(client)).status_code == 303
    (ticket,) = _tickets()
    assert (ticket.channel, ticket.call_id, ticket.caller_id) == ("counter", None, None)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("text", "", "请写明诉求内容"),
        ("text", "   ", "请写明诉求内容"),
        ("text", "长" * 5001, "最多 5000 字"),
        ("kind", "", "请选择类型"),
        ("kind", "wish", "不是有效的选择"),
        ("item_code", " ", "请选择事项"),
        ("item_code", "9999", "目录中没有这个事项编码"),
        ("hotline", "110", "不是有效的选择"),
        ("area_id", "999999", "所选的区域或通话已不存在"),
        ("area_id", "abc", ""),
        ("number", "12", "不是有效的电话号码"),
        ("call_id", "999999", "所选的区域或通话已不存在"),
        ("form_key", "", ""),
        ("contact_wish", "pigeon", "不是有效的选择"),
    ],
)
def test_a_malformed_form_comes_back_with_what_to_mend(
    client: FlaskClient, me: int, field: str, value: str, words: str
) -> None:
    answer = client.post("/agent/tickets", data=_form(client, place="人民路 8 号") | {field: value})
    assert answer.status_code == 400
    assert "人民路 8 号" in answer.text
    assert words in answer.text
    assert _tickets() == []


def test_another_agents_call_cannot_be_written_to(client: FlaskClient, me: int, call_id: int) -> None:
    with transaction() as session:
        other = agent(session, "1002").id
    form = _form(client)
    sign_in_as(client, other)
    assert client.post("/agent/tickets", data=form).status_code == 400
    assert _tickets() == []


def test_an_agent_without_javascript_is_told_of_an_emergency_too(client: FlaskClient, me: int) -> None:
    returned = client.post("/agent/tickets", data=_form(client, text="三楼着火了", kind=""))
    assert returned.status_code == 400 and 'href="tel:119"' in returned.text
    client.post("/agent/tickets", data=_form(client, text="三楼着火了"))
    assert "请立即转接 119" in client.get("/agent").text


def test_what_was_suggested_and_what_was_chosen_is_kept(client: FlaskClient, me: int, call_id: int) -> None:
    item = _item("department")
    client.post("/agent/tickets", data=_form(client, shown=f"{item},0806,0901"))
    client.post("/agent/tickets", data=_form(client, shown="<script>"))
    with transaction() as session:
        facts = session.scalars(select(Event).where(Event.kind == "item_suggested")).all()
        assert [(f.data["shown"], f.data["chosen"]) for f in facts] == [(f"{item},0806,0901", item)]


def test_the_call_is_wrapped_up_and_the_next_one_may_come(client: FlaskClient, me: int, call_id: int) -> None:
    with transaction() as session:
        calls.end(session, calls.get(session, call_id), NOW + timedelta(minutes=2))
    react()
    assert "完成整理" in client.get("/agent/blocks/pop").text
    assert client.post("/agent/wrap-up", data={"disposition": "nonsense"}).status_code == 303
    assert presence(me)[0] == "wrap_up"
    client.post("/agent/wrap-up", data={"disposition": "ticket", "then": "available"})
    assert presence(me)[0] == "available"


def test_wrap_up_that_ended_by_itself_is_said_not_failed(client: FlaskClient, me: int) -> None:
    assert client.post("/agent/wrap-up", data={"disposition": "ticket", "then": "meal"}).status_code == 303
    assert "整理时间已过" in client.get("/agent").text


def test_pausing_needs_a_reason_from_the_list(client: FlaskClient, me: int) -> None:
    client.post("/agent/pause", data={"reason": "no_answer"})
    assert presence(me)[0] == "available"
    client.post("/agent/pause", data={"reason": "meal"})
    assert presence(me)[:2] == ("paused", "meal")
    client.post("/agent/available")
    assert presence(me)[0] == "available"


def test_a_state_change_that_is_not_allowed_says_so(client: FlaskClient, me: int, call_id: int) -> None:
    assert client.post("/agent/pause", data={"reason": "meal"}).status_code == 409
    assert presence(me)[0] == "talking"


def _task() -> int:
    with transaction() as session:
        lost = waiting_call(session, "lost")
        calls.end(session, lost, NOW + timedelta(seconds=40))
        assert lost.caller_id
        callbacks.request(
            session,
            reason=CallBackReason.ABANDONED,
            caller_id=lost.caller_id,
            call_id=lost.id,
            now=clock.now() - timedelta(hours=2),
        )
        return session.scalars(select(CallBack.id)).one()


def test_a_call_back_is_tried_again_until_the_citizen_is_reached(client: FlaskClient, me: int) -> None:
    task = _task()
    page = client.get("/agent/callbacks").text
    assert "未接来电" in page and "138●●●●8000" in page and "late" in page
    client.post(f"/agent/callbacks/{task}", data={"outcome": "not_reached", "note": "无人接听"})
    assert "无人接听" in client.get("/agent/callbacks").text
    client.post(f"/agent/callbacks/{task}", data={"outcome": "reached", "note": ""})
    assert "没有待回呼" in client.get("/agent/callbacks", headers={"X-Live-Block": "1"}).text
    assert client.post(f"/agent/callbacks/{task}", data={"outcome": "flown"}).status_code == 303
    assert client.post("/agent/callbacks/999999", data={"outcome": "reached"}).status_code == 404


def test_a_ticket_from_a_call_back_is_the_callers(client: FlaskClient, me: int) -> None:
    task = _task()
    page = client.get(f"/agent?callback={task}").text
    assert f'name="callback_id" type="hidden" value="{task}"' in page
    client.post("/agent/tickets", data=_form(client, callback_id=task, call_id=""))
    (ticket,) = _tickets()
    assert ticket.channel == "phone" and ticket.caller_id and ticket.call_id


def test_who_wished_to_be_rung_hears_the_result_and_is_asked(
    client: FlaskClient, me: int, call_id: int
) -> None:
    client.post("/agent/tickets", data=_form(client, on_the_phone="y", reply="明天修", contact_wish="phone"))
    deliver_all()
    with transaction() as session:
        task = session.scalars(select(CallBack.id).where(CallBack.reason == "result")).one()
    page = client.get("/agent/callbacks").text
    for words in ("电话告知结果", "明天修", "是否解决", "是否满意"):
        assert words in page
    url, reached = f"/agent/callbacks/{task}", {"outcome": "reached", "note": ""}
    client.post(url, data=reached | {"solved": "yes", "satisfaction": ""})
    assert "电话告知结果" in client.get("/agent/callbacks").text, "one answer of two is not recorded"
    client.post(url, data=reached | {"solved": "no", "satisfaction": "dissatisfied"})
    with transaction() as session:
        survey = session.scalars(select(Survey)).one()
    assert (survey.state, survey.solved, survey.satisfaction) == ("answered", False, "dissatisfied")
    assert survey.mode == "person"
    page = client.get("/agent/callbacks").text
    assert "不满意或未解决" in page and "电话告知结果" not in page and "是否解决" not in page


def test_tickets_are_found_by_number_and_by_telephone(client: FlaskClient, me: int, call_id: int) -> None:
    client.post("/agent/tickets", data=_form(client))
    (ticket,) = _tickets()
    for wanted in (ticket.number, ticket.number[:8].lower(), "138-0013-8000"):
        assert ticket.number in client.get("/agent/tickets", query_string={"q": wanted}).text
    for wanted in ("13900139000", "GD1999", "%", "' OR 1=1"):
        assert ticket.number not in client.get("/agent/tickets", query_string={"q": wanted}).text
    assert client.get("/agent/tickets", query_string={"q": "\0"}).status_code == 200
    assert ticket.number not in client.get("/agent/tickets?state=closed").text
    assert ticket.number in client.get("/agent/tickets?mine=1&page=99").text


def test_a_tickets_page_tells_its_history_without_raw_numbers(
    client: FlaskClient, me: int, call_id: int
) -> None:
    client.post("/agent/tickets", data=_form(client, on_the_phone="y", reply="已告知"))
    (ticket,) = _tickets()
    page = client.get(f"/agent/tickets/{ticket.number}").text
    for words in ("工单已登记", "办结时限", "第 1 次办结", "138●●●●8000", "已告知", POTHOLE):
        assert words in page
    assert "13800138000" not in page
    assert client.get("/agent/tickets/GD0").status_code == 404


def test_a_manager_sees_tickets_but_takes_no_calls(client: FlaskClient, me: int, call_id: int) -> None:
    client.post("/agent/tickets", data=_form(client))
    (ticket,) = _tickets()
    with transaction() as session:
        manager = agent(session, "manager").id
    sign_in_as(client, manager)
    page = client.get(f"/agent/tickets/{ticket.number}")
    assert page.status_code == 200 and "显示号码" not in page.text
    assert client.get("/agent").status_code == 403
    assert client.get("/agent/callbacks").status_code == 403


def test_nobody_else_finds_the_console(client: FlaskClient) -> None:
    assert client.get("/agent").status_code == 303
    assert client.get("/agent/blocks/nonsense").status_code == 303
    assert client.post("/agent/tickets", data={}).status_code == 401


def test_the_console_speaks_english_too(client: FlaskClient, me: int) -> None:
    client.post("/language/en", data={"next": "/agent"})
    assert 'lang="en"' in client.get("/agent").text
