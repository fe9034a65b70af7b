"""A paid job is contested: the firm answers, the desk decides, the refund is marked as paid (E09)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch import links, service
from dispatch.models import WorkOrder
from hotline import clock
from hotline.callbacks.models import CallBack
from hotline.db import transaction
from hotline.errors import InvalidInput, TransitionRefused
from hotline.event_log import Event
from hotline.organisations.links import address
from hotline.surveys import service as surveys
from hotline.surveys.grades import Satisfaction
from hotline.tickets import grievances
from hotline.tickets import service as tickets
from hotline.tickets.models import Grievance
from sms import handlers as sms
from sms.models import SmsMessage
from tests.dispatch.people import DISPATCHER, agree, kinds, sign_in_as, staff_of
from tests.dispatch.test_prices import accepted, following, ticket_of
from tests.support.people import signed_in_as

pytestmark = pytest.mark.usefixtures("seeded")
SAID = {"about": "price", "text": "说好 80 元，收了 200 元"}


def paid_job(*, free: bool = False, **wish: str) -> WorkOrder:
    """Done by the firm, and the answer released."""
    order = accepted(free=free, **wish)
    firm = {"actor": "staff:99", "now": clock.now()}
    with transaction() as session:
        if not free:
            agree(session, order.ticket_id)
        service.begin(session, order.id, contact_note="约好", **firm)
        service.answer(session, order.id, public_reply="疏通了", internal_note="", **firm)
        ticket = tickets.get(session, order.ticket_id, lock=True)
        service.release(session, ticket, actor=DISPATCHER, now=clock.now())
    return order


def contested(order: WorkOrder) -> Grievance:
    with transaction() as session:
        ticket = tickets.get(session, order.ticket_id, lock=True)
        return grievances.raise_(session, ticket, **SAID, actor="caller:1", now=clock.now())


def desk_decides(raised: Grievance, refund: int, *, days: int = 0) -> None:
    with transaction() as session:
        ticket = tickets.get(session, raised.ticket_id, lock=True)
        grievances.decide(
            session,
            grievances.one(session, ticket, raised.id),
            refund=Decimal(refund),
            reason="超出价目表",
            actor=DISPATCHER,
            now=clock.now() + timedelta(days=days),
        )


def steps(order: WorkOrder) -> list[str]:
    with transaction() as session:
        return [k for k in kinds(session, order.ticket_id) if k.startswith(("grievance", "refund"))]


def now_is(raised: Grievance) -> Grievance:
    with transaction() as session:
        return session.get_one(Grievance, raised.id)


def test_each_step_is_on_record_with_its_time_on_every_page(app: Flask) -> None:
    order = paid_job()
    ticket = ticket_of(order)
    citizen, desk, firm = following(app, ticket), signed_in_as(app, "dispatcher"), app.test_client()
    with transaction() as session:
        sign_in_as(firm, staff_of(session, order.organisation_id))
    page, of_desk = f"/p/ticket/{ticket.number}", f"/dispatch/tickets/{ticket.id}"
    assert "请选择对什么有异议" in citizen.post(f"{page}/grievance", follow_redirects=True).text
    done = citizen.post(f"{page}/grievance", data=SAID, follow_redirects=True).text
    assert "等企业答复" in done and "对什么有异议" not in done
    assert "只能提一次" in citizen.post(f"{page}/grievance", data=SAID, follow_redirects=True).text
    with transaction() as session:
        raised = session.scalars(select(Grievance)).one()
        assert raised.due_at and raised.due_at > clock.now() + timedelta(days=4)
    assert ticket.number in desk.get("/dispatch/grievances").text

    assert "收了 200 元" in firm.get(f"/work/{order.id}").text
    assert firm.post(f"/work/{order.id}/grievance", data={"side": ""}).status_code == 400
    firm.post(f"/work/{order.id}/grievance", data={"side": "换了新管"})
    assert firm.post(f"/work/{order.id}/grievance", data={"side": "再说一遍"}).status_code == 409
    assert "换了新管" in citizen.get(page).text

    decide = f"{of_desk}/grievance/{raised.id}"
    assert desk.post(decide, data={"refund": "-1", "decision_reason": "错"}).status_code == 400
    desk.post(decide, data={"refund": "120", "decision_reason": "超出价目表，退还差价"})
    assert "热线裁决：退款 120.00 元" in citizen.get(page).text
    assert desk.post(f"{decide}/paid", data={"paid_note": ""}).status_code == 400
    desk.post(f"{decide}/paid", data={"paid_note": "诉求人来电确认"})
    assert "已退款" in desk.get(of_desk).text and "已退款" in firm.get(f"/work/{order.id}").text
    assert "没有等待处理的服务异议" in desk.get("/dispatch/grievances").text
    assert steps(order) == ["grievance_raised", "grievance_answered", "grievance_decided", "refund_paid"]
    register = signed_in_as(app, "supervisor").get(f"/manage/firms/{order.organisation_id}").text
    assert "1 件，其中裁决退款 1 件" in register


def test_a_silent_firm_is_not_waited_for_after_its_time() -> None:
    raised = contested(paid_job())
    with pytest.raises(TransitionRefused):
        desk_decides(raised, 10)
    desk_decides(raised, 10, days=30)
    assert now_is(raised).stage == "decided"


@pytest.mark.parametrize(("wish", "told"), [("sms", (1, 0)), ("phone", (0, 1))])
def test_the_citizen_is_told_of_the_decision_by_text_or_by_telephone(
    wish: str, told: tuple[int, int]
) -> None:
    raised = contested(paid_job(contact_wish=wish))
    desk_decides(raised, 20, days=30)
    with transaction() as session:
        for event in session.scalars(select(Event).where(Event.kind == "grievance_decided")).all():
            sms.on_grievance_decided(session, event)
        texts = session.scalars(select(SmsMessage).where(SmsMessage.template == "grievance_decided")).all()
        calls = session.scalars(select(CallBack).where(CallBack.reason == "refund")).all()
        assert (len(texts), len(calls)) == told
        about = {text.ticket_id for text in texts} | {call.ticket_id for call in calls}
        assert about == {raised.ticket_id}


def test_without_a_refund_it_is_over_and_nothing_is_paid() -> None:
    raised = contested(paid_job())
    desk_decides(raised, 0, days=30)
    assert (now_is(raised).stage, now_is(raised).due_at) == ("dismissed", None)
    with transaction() as session, pytest.raises(TransitionRefused):
        grievances.mark_paid(
            session, session.get_one(Grievance, raised.id), note="x", actor="a", now=clock.now()
        )
    with pytest.raises(TransitionRefused):
        desk_decides(raised, 10, days=30)


def test_free_work_and_work_not_done_yet_are_not_contested() -> None:
    for order in (paid_job(free=True), accepted()):
        with pytest.raises(TransitionRefused):
            contested(order)


@pytest.mark.parametrize("wrong", [{"about": "weather"}, {"text": " "}])
def test_it_has_to_say_what_is_wrong(wrong: dict[str, str]) -> None:
    order = paid_job()
    with transaction() as session, pytest.raises(InvalidInput):
        ticket = tickets.get(session, order.ticket_id, lock=True)
        grievances.raise_(session, ticket, **(SAID | wrong), actor="caller:1", now=clock.now())


def test_a_firm_without_an_account_answers_by_the_link_that_opens_again(client: FlaskClient) -> None:
    order = paid_job()
    link = "/w/" + address(order.id).rpartition("/w/")[2]
    assert client.get(link).status_code != 200
    contested(order)
    assert "答复异议" in client.get(link).text
    done = client.post(f"{link}/grievance", data={"side": "换了新管"})
    assert done.status_code == 303
    with transaction() as session:
        assert not links.is_open(session, session.get_one(WorkOrder, order.id))
        actor = session.scalars(select(Event.actor).where(Event.kind == "grievance_answered")).one()
    assert actor == f"organisation:{order.organisation_id}"


def test_whoever_is_dissatisfied_with_a_paid_job_is_shown_where_to_contest_it(app: Flask) -> None:
    order = paid_job()
    with transaction() as session:
        survey = surveys.invite(session, tickets.get(session, order.ticket_id), clock.now())
        assert survey is not None
        bad = Satisfaction.DISSATISFIED
        surveys.answer(session, survey.id, solved=False, satisfaction=bad, mode="link", now=clock.now())
    assert "#grievance" in app.test_client().get(f"/p/s/{survey.token}").text
    contested(order)
    assert "#grievance" not in app.test_client().get(f"/p/s/{survey.token}").text


def test_an_agent_takes_it_down_on_the_telephone(app: Flask) -> None:
    order = paid_job()
    agent, url = signed_in_as(app, "agent"), f"/agent/tickets/{ticket_of(order).number}"
    assert "对价格或服务质量有异议" in agent.get(url).text
    assert "请选择对什么有异议" in agent.post(f"{url}/grievance", follow_redirects=True).text
    assert "异议已记录" in agent.post(f"{url}/grievance", data=SAID, follow_redirects=True).text
    assert "只能提一次" in agent.post(f"{url}/grievance", data=SAID, follow_redirects=True).text
