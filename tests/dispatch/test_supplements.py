"""The organisation asks the citizen for what is missing; the clocks wait, but not for ever (C04)."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch import jobs, service, supplements
from hotline import clock
from hotline.callbacks.models import CallBack
from hotline.db import transaction
from hotline.errors import InvalidInput, TransitionRefused
from hotline.tickets import service as tickets
from hotline.tickets import supplements as citizens
from hotline.tickets.models import Supplement, Ticket
from hotline.tickets.queries import closing_clock
from sms.models import SmsMessage
from tests.dispatch.people import DISPATCHER, NOW, facts, in_hand, sign_in_as, staff_of
from tests.dispatch.test_at_the_same_moment import all_at_once
from tests.support.people import staff_with
from tests.support.relay import deliver_all

QUESTION = "请说明是哪个路口"


def asked(order_id: int, now: datetime = NOW) -> Supplement:
    with transaction() as session:
        return supplements.ask(session, order_id, code="place", question=QUESTION, actor="staff:99", now=now)


def given(ticket_id: int, now: datetime = NOW, how: str = "web") -> Supplement:
    with transaction() as session:
        ticket = tickets.get(session, ticket_id, lock=True)
        return citizens.give(session, ticket, answer="北门口", how=how, actor="caller:1", now=now)


def ticket_of(ticket_id: int) -> Ticket:
    with transaction() as session:
        ticket = tickets.get(session, ticket_id)
        assert ticket.clocks
        return ticket


def test_while_the_citizen_is_asked_the_closing_clock_stands_and_afterwards_runs_on(seeded: str) -> None:
    order = in_hand()
    before = closing_clock(ticket_of(order.ticket_id))
    asked(order.id)
    standing = ticket_of(order.ticket_id)
    clock_ = closing_clock(standing)
    assert before is not None and clock_ is not None
    assert (standing.state, clock_.paused_at) == ("supplement_asked", NOW)
    given(order.ticket_id, NOW + timedelta(days=2))
    after = ticket_of(order.ticket_id)
    again = closing_clock(after)
    assert again is not None and again.paused_at is None
    assert (after.state, again.due_at > before.due_at) == ("in_hand", True)
    assert [fact["how"] for fact in facts(order.ticket_id, "supplement_ended")] == ["web"]


def test_the_text_names_number_code_and_link_and_nothing_of_what_is_asked(seeded: str) -> None:
    order = in_hand()
    asked(order.id)
    deliver_all()
    with transaction() as session:
        wanted = select(SmsMessage.text).where(SmsMessage.template == "supplement_asked")
        (text,) = session.scalars(wanted).all()
        ticket = tickets.get(session, order.ticket_id)
        assert ticket.number in text and ticket.query_code in text and "路口" not in text


def test_a_citizen_who_wishes_calls_is_rung_instead(seeded: str) -> None:
    order = in_hand(contact_wish="phone")
    asked(order.id)
    with transaction() as session:
        (task,) = session.scalars(select(CallBack).where(CallBack.ticket_id == order.ticket_id)).all()
        assert task.reason == "supplement"


@pytest.mark.parametrize(
    "wish", [{"number": None}, {"contact_wish": "none"}], ids=["anonymous", "no contact"]
)
def test_where_nobody_can_be_asked_the_organisation_goes_on_without(
    seeded: str, wish: dict[str, str | None]
) -> None:
    order = in_hand(**wish)
    with pytest.raises(citizens.NobodyToAsk):
        asked(order.id)
    assert ticket_of(order.ticket_id).state == "in_hand"


def test_what_does_not_come_in_time_is_not_waited_for_and_the_fact_says_so(seeded: str) -> None:
    order = in_hand()
    lapses_at = asked(order.id).lapses_at
    assert jobs.lapse_supplements(lapses_at - timedelta(seconds=1)) == 0
    assert jobs.lapse_supplements(lapses_at) == 1
    assert jobs.lapse_supplements(lapses_at) == 0
    assert ticket_of(order.ticket_id).state == "in_hand"
    assert [fact["how"] for fact in facts(order.ticket_id, "supplement_ended")] == ["lapsed"]
    with pytest.raises(TransitionRefused):
        given(order.ticket_id)


def test_a_ticket_taken_back_meanwhile_waits_for_nothing_and_may_be_asked_about_again(seeded: str) -> None:
    order = in_hand()
    lapses_at = asked(order.id).lapses_at
    with transaction() as session:
        ticket = tickets.get(session, order.ticket_id)
        service.withdraw(session, ticket, reason="派错了", actor=DISPATCHER, now=NOW)
    with pytest.raises(TransitionRefused):
        given(order.ticket_id)
    assert jobs.lapse_supplements(lapses_at) == 1
    assert ticket_of(order.ticket_id).state == "in_review"
    assert [fact["how"] for fact in facts(order.ticket_id, "supplement_ended")] == ["dropped"]


def test_nothing_is_asked_without_a_question_and_its_kind(seeded: str) -> None:
    order = in_hand()
    for code, question in (("place", " "), ("whatever", QUESTION)):
        with pytest.raises(InvalidInput), transaction() as session:
            supplements.ask(session, order.id, code=code, question=question, actor="staff:99", now=NOW)


def test_an_answer_and_the_end_of_the_wait_at_once_leave_one_truth(seeded: str) -> None:
    order = in_hand()
    lapses_at = asked(order.id).lapses_at
    got = all_at_once(
        lambda: given(order.ticket_id, lapses_at),
        lambda: jobs.lapse_supplements(lapses_at),
    )
    assert Counter(got) in (Counter(done=2), Counter(done=1, transition_refused=1))
    assert len(facts(order.ticket_id, "supplement_ended")) == 1
    assert ticket_of(order.ticket_id).state == "in_hand"


# --- pages -----------------------------------------------------------------------------------------------


def test_the_department_asks_and_the_citizen_answers_on_the_page_of_the_ticket(client: FlaskClient) -> None:
    order = in_hand(now=clock.now())
    with transaction() as session:
        sign_in_as(client, staff_of(session, order.organisation_id))
    fields = {"supplement_code": "place", "question": QUESTION}
    assert "请诉求人补充" in client.get(f"/work/{order.id}").text
    assert client.post(f"/work/{order.id}/supplement", data=fields | {"question": ""}).status_code == 400
    assert client.post(f"/work/{order.id}/supplement", data=fields).status_code == 303
    citizen = client.application.test_client()
    ticket = ticket_of(order.ticket_id)
    there = f"/p/ticket/{ticket.number}"
    assert citizen.post(f"{there}/supplement", data={"answer": "北门口"}).location.startswith("/p?number=")
    citizen.post("/p/ticket", data={"number": ticket.number, "code": ticket.query_code})
    assert QUESTION in citizen.get(there).text
    empty = citizen.post(f"{there}/supplement", data={"answer": " "})
    assert empty.status_code == 400 and "请写下要补充的情况" in empty.text
    assert citizen.post(f"{there}/supplement", data={"answer": "北门口"}).status_code == 303
    page = citizen.get(there).text
    assert "已收到您的补充" in page and QUESTION not in page and "北门口" not in page
    assert "北门口" in client.get(f"/work/{order.id}").text
    citizen.post(f"{there}/supplement", data={"answer": "再说一遍"})
    assert "现在不需要补充" in citizen.get(there).text


def test_an_agent_writes_down_what_the_citizen_says_on_the_telephone(client: FlaskClient) -> None:
    order = in_hand(now=clock.now())
    asked(order.id, clock.now())
    number = ticket_of(order.ticket_id).number
    sign_in_as(client, staff_with("agent").id)
    there = f"/agent/tickets/{number}"
    assert QUESTION in client.get(there).text
    assert client.post(f"{there}/supplement", data={"answer": "北门口"}).status_code == 303
    assert ticket_of(order.ticket_id).state == "in_hand"
    assert [fact["how"] for fact in facts(order.ticket_id, "supplement_ended")] == ["telephone"]
