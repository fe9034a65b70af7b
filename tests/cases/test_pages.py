"""The pages that hand a matter over: what agents and supervisors read, also when it cannot be done."""

from flask import Flask

from hotline.calls.states import CallState
from hotline.db import transaction
from tests.cases.test_service import NOW, agent, kept, state_of, talking
from tests.support.people import signed_in, signed_in_as
from tests.tickets.matters import opened

NOTE = {"note": "属于12348"}


def test_a_telephone_system_that_is_away_leaves_caller_and_agent_as_they_were(app: Flask) -> None:
    me = agent("1001")
    call_id = talking(me, "12345")
    desk = signed_in(app, "1001")
    assert "转到 12348" in desk.get("/agent").text
    answer = desk.post("/agent/transfer", data=NOTE | {"call_id": str(call_id)}, follow_redirects=True)
    assert "话务系统没有转接成功" in answer.text
    assert (kept(call_id).state, kept(call_id).staff_id, state_of(me)) == (CallState.ANSWERED, me, "talking")


def test_a_reason_is_needed_and_another_agents_caller_stays(app: Flask) -> None:
    call_id = talking(agent("1001"))
    desk = signed_in(app, "1002")
    for form, said in (({"note": ""}, "请写明转接原因"), (NOTE, "情况已经改变")):
        answer = desk.post("/agent/transfer", data=form | {"call_id": str(call_id)}, follow_redirects=True)
        assert said in answer.text
    assert kept(call_id).state == CallState.ANSWERED


def test_a_ticket_is_referred_until_the_supervisor_must_decide(app: Flask) -> None:
    with transaction() as session:
        number = opened(session, now=NOW, item_code="2009").number
    desk, page = signed_in(app, "1001"), f"/agent/tickets/{number}"
    assert "转到 12348" in desk.get(page).text
    wrong = desk.post(f"{page}/refer", data=NOTE | {"item_code": "0801"}, follow_redirects=True)
    assert "目录中没有这个事项编码" in wrong.text
    for code in ("L0402 房屋租赁纠纷", "2009", "L1202"):
        done = desk.post(f"{page}/refer", data=NOTE | {"item_code": code}, follow_redirects=True)
        assert "已转到另一条热线" in done.text
    stuck = desk.post(f"{page}/refer", data=NOTE | {"item_code": "2009"}, follow_redirects=True)
    assert "已报班长裁决" in stuck.text
    assert number in signed_in_as(app, "supervisor").get("/manage/cases").text
    assert desk.get("/manage/cases").status_code == 403
