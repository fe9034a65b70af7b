"""The pages that hand a matter over: what agents and supervisors read, also when it cannot be done."""

from flask import Flask

from hotline.calls.states import CallState
from hotline.cases import queries
from hotline.db import transaction
from hotline.tickets.queries import by_number
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


def stuck_case(app: Flask) -> tuple[str, int]:
    """A ticket that went there, back, and there again; it is with 12348. Its number and the stuck move."""
    with transaction() as session:
        number = opened(session, now=NOW, item_code="2009").number
    desk = signed_in(app, "1001")
    for code in ("L0402", "2009", "L1202", "2009"):
        desk.post(f"/agent/tickets/{number}/refer", data=NOTE | {"item_code": code})
    with transaction() as session:
        return number, session.scalars(queries.stuck()).one().id


def test_a_supervisor_decides_who_keeps_a_case_and_nobody_moves_it_again(app: Flask) -> None:
    number, move_id = stuck_case(app)
    supervisor = signed_in_as(app, "supervisor")
    url, case = f"/manage/cases/{move_id}", f"case-{move_id}-"
    form = {f"{case}keeps": "12345", f"{case}item_code": "", f"{case}reason": "物业纠纷归热线"}
    no_reason = supervisor.post(url, data=form | {f"{case}reason": " "})
    assert (no_reason.status_code, "请写明理由" in no_reason.text) == (400, True)
    no_item = supervisor.post(url, data=form)
    assert (no_item.status_code, "请选择它目录里的事项" in no_item.text) == (400, True)
    assert "物业纠纷归热线" in no_item.text
    assert supervisor.post(url, data=form | {f"{case}item_code": "2009 物业"}).status_code == 303
    assert "没有待裁决的案件" in supervisor.get("/manage/cases").text
    with transaction() as session:
        ticket = by_number(session, number)
        assert (ticket.hotline, ticket.item.code) == ("12345", "2009")
    desk = signed_in(app, "1001")
    assert "班长裁定由 12345 办理：物业纠纷归热线" in desk.get(f"/agent/tickets/{number}").text
    again = NOTE | {"item_code": "L1202"}
    answer = desk.post(f"/agent/tickets/{number}/refer", data=again, follow_redirects=True)
    assert "班长已裁定" in answer.text
    assert "没有待裁决的案件" in supervisor.get("/manage/cases").text
    assert desk.post(url, data=form).status_code == 403


def test_a_case_may_stay_where_it_is(app: Flask) -> None:
    number, move_id = stuck_case(app)
    supervisor = signed_in_as(app, "supervisor")
    case = f"case-{move_id}-"
    form = {f"{case}keeps": "12348", f"{case}reason": "是法律问题"}
    assert supervisor.post(f"/manage/cases/{move_id}", data=form).status_code == 303
    with transaction() as session:
        assert by_number(session, number).hotline == "12348"
    late = supervisor.post(f"/manage/cases/{move_id}", data=form, follow_redirects=True)
    assert "已经裁定" in late.text
