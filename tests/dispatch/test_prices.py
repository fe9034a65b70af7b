"""A firm tells its price, the citizen says yes, and only then the work begins (E09)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch import handlers, jobs, service
from dispatch.models import WorkOrder
from hotline import clock
from hotline.callbacks import service as callbacks
from hotline.callbacks.models import CallBack
from hotline.db import transaction
from hotline.errors import TransitionRefused
from hotline.event_log import Event
from hotline.organisations import register
from hotline.organisations.models import Organisation
from hotline.organisations.register import Price
from hotline.tickets import queries as lookup
from hotline.tickets import quotes
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.quotes import PriceNotAgreed, Verdict
from sms import handlers as sms
from sms.models import SmsMessage
from tests.dispatch.people import (
    DISPATCHER,
    DRAINS,
    agree,
    firms_of_the_trade,
    kinds,
    open_ticket,
    sign_in_as,
    staff_of,
    states,
)
from tests.support.instance import configured
from tests.support.people import signed_in_as

pytestmark = pytest.mark.usefixtures("seeded")
FIRM = {"actor": "staff:99", "now": clock.now()}


def offered(**wish: str) -> WorkOrder:
    """To the first of two firms, one line in whose price list is of this class."""
    with transaction() as session:
        first, _second = firms_of_the_trade(session, 9, 1)
        unblock = Price(DRAINS, "疏通马桶", Decimal(30), Decimal(80), "次", "不含材料")
        register.price(session, first, unblock, **FIRM)
        order = service.dispatch(session, open_ticket(session, **wish), actor=DISPATCHER, now=clock.now())
        assert order is not None and order.organisation_id == first
        return order


def accepted(price: str = "80 元起", *, free: bool = False, **wish: str) -> WorkOrder:
    order = offered(**wish)
    with transaction() as session:
        terms = {"responsible_person": "李师傅", "price_estimate": price}
        return service.accept(session, order.id, free=free, **terms, **FIRM)


def begin(order: WorkOrder) -> None:
    with transaction() as session:
        service.begin(session, order.id, contact_note="约好下午", **FIRM)


def told_to_dispatch(kind: str = "quote_answered") -> None:
    """Twice, as the relay may."""
    for _ in range(2):
        with transaction() as session:
            for event in session.scalars(select(Event).where(Event.kind == kind)).all():
                handlers.on_quote_answered(session, event)


def ticket_of(order: WorkOrder) -> Ticket:
    with transaction() as session:
        return tickets.get(session, order.ticket_id)


def following(app: Flask, ticket: Ticket) -> FlaskClient:
    citizen = app.test_client()
    citizen.post("/p/ticket", data={"number": ticket.number, "code": ticket.query_code})
    return citizen


def test_work_begins_only_after_the_citizens_yes() -> None:
    order = accepted()
    with pytest.raises(PriceNotAgreed):
        begin(order)
    with transaction() as session:
        agree(session, order.ticket_id)
    begin(order)
    with transaction() as session:
        told = [kind for kind in kinds(session, order.ticket_id) if kind.startswith(("quote", "work_begun"))]
        assert told == ["quote_told", "quote_answered", "work_begun"]
        (quote,) = quotes.of_ticket(session, order.ticket_id)
        assert (quote.price, quote.how, quote.answered_by) == ("80 元起", "telephone", "staff:1")
        assert quote.listed[0]["unit_price"] == "80.00"


def test_what_costs_nothing_needs_no_yes() -> None:
    begin(accepted("免费", free=True))


def test_a_no_asks_the_next_firm_and_never_the_same_again() -> None:
    order = accepted()
    with transaction() as session:
        agree(session, order.ticket_id, Verdict.ANOTHER_FIRM)
    with pytest.raises(PriceNotAgreed):
        begin(order)
    told_to_dispatch()
    with transaction() as session:
        assert [state for _firm, state in states(session, order.ticket_id)] == ["withdrawn", "offered"]
        assert tickets.get(session, order.ticket_id).state == "dispatched"


def test_who_wants_nobody_takes_the_ticket_back() -> None:
    order = accepted()
    with transaction() as session:
        agree(session, order.ticket_id, Verdict.NOT_WANTED)
    told_to_dispatch()
    assert ticket_of(order).state == "withdrawn"


def silent(order: WorkOrder, hours: float) -> int:
    """As the clock finds it so many hours after the price was told."""
    return jobs.lapse_quotes(told_at(order) + timedelta(hours=hours))


def told_at(order: WorkOrder) -> datetime:
    with transaction() as session:
        return quotes.of_order(session, order.id)[0].told_at


def test_silence_for_two_days_is_a_no_and_citizen_and_firm_are_told(
    seeded: str, settings_of: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    order = accepted()
    assert silent(order, 47.9) == 0
    assert silent(order, 48) == 1
    assert silent(order, 48) == 0
    told_to_dispatch()
    with transaction() as session:
        assert [state for _firm, state in states(session, order.ticket_id)] == ["withdrawn", "offered"]
        answered = session.scalars(select(Event).where(Event.kind == "quote_answered")).one()
        assert (answered.data["how"], answered.actor) == ("silence", "system:quotes")
        firm = session.get_one(Organisation, order.organisation_id)
        firm.phone = "13900139000"
    texting = settings_of(seeded) | {"dispatch": {"link_texts": "firms"}}
    with configured(tmp_path / "texting.toml", texting), transaction() as session:
        sms.on_quote_answered(session, answered)
        found = session.scalars(select(SmsMessage).where(SmsMessage.subject.contains("quote:"))).all()
    assert {message.template for message in found} == {"quote_lapsed", "work_order_ended"}


def test_who_is_to_be_rung_is_not_silent_before_anybody_rang() -> None:
    order = accepted(contact_wish="phone")
    assert silent(order, 100) == 0
    with transaction() as session:
        task = session.scalars(select(CallBack)).one()
        callbacks.finish(session, task.id, staff_id=1, outcome="not_reached", note="", now=clock.now())
    assert silent(order, 100) == 1
    with transaction() as session:
        assert session.scalars(select(CallBack.state)).all() == ["cancelled"]


def test_an_answer_ends_the_wait() -> None:
    order = accepted()
    with transaction() as session:
        agree(session, order.ticket_id)
    assert silent(order, 100) == 0


def test_a_price_is_answered_once_and_a_firms_yes_to_itself_does_not_exist() -> None:
    order = accepted()
    with transaction() as session:
        agree(session, order.ticket_id)
    with transaction() as session, pytest.raises(TransitionRefused):
        agree(session, order.ticket_id, Verdict.ANOTHER_FIRM)


def test_the_citizen_gets_a_text_without_the_price_or_a_call() -> None:
    texted, rung = accepted(), accepted(contact_wish="phone")
    with transaction() as session:
        for event in session.scalars(select(Event).where(Event.kind == "quote_told")).all():
            sms.on_quote_told(session, event)
        (text,) = session.scalars(select(SmsMessage).where(SmsMessage.subject.startswith("quote:"))).all()
        assert text.ticket_id == texted.ticket_id and "80 元" not in text.text
        (call,) = session.scalars(select(CallBack)).all()
        assert (call.ticket_id, call.reason) == (rung.ticket_id, "price")


def test_the_citizen_reads_price_and_price_list_on_the_page_and_answers_there(app: Flask) -> None:
    order = accepted()
    ticket = ticket_of(order)
    stranger = app.test_client().post(f"/p/ticket/{ticket.number}/quote", data={"verdict": "agreed"})
    assert stranger.status_code == 303 and "/p?" in stranger.location
    citizen = following(app, ticket)
    url = f"/p/ticket/{ticket.number}"
    page = citizen.get(url).text
    assert "80 元起" in page and "疏通马桶：上门费 30.00 元，80.00 元/次" in page
    assert "请选择是否接受" in citizen.post(f"{url}/quote", follow_redirects=True).text
    done = citizen.post(f"{url}/quote", data={"verdict": "agreed"}, follow_redirects=True).text
    assert "已收到您对报价的答复" in done and "同意这个价格" in done
    again = citizen.post(f"{url}/quote", data={"verdict": "agreed"}, follow_redirects=True).text
    assert "已经答复" in again
    begin(order)


def test_an_agent_reads_it_out_and_records_the_answer(app: Flask) -> None:
    order = accepted()
    agent, url = signed_in_as(app, "agent"), f"/agent/tickets/{ticket_of(order).number}"
    assert "企业报价，请答复" in agent.get(url).text
    assert "请选择是否接受" in agent.post(f"{url}/quote", follow_redirects=True).text
    done = agent.post(f"{url}/quote", data={"verdict": "another_firm"}, follow_redirects=True).text
    assert "诉求人对报价的答复已记录" in done and "不同意，换一家企业" in done
    assert "已经答复" in agent.post(f"{url}/quote", data={"verdict": "agreed"}, follow_redirects=True).text


def test_the_firm_sees_its_price_list_before_it_accepts_and_why_it_may_not_begin(app: Flask) -> None:
    order = offered()
    with transaction() as session:
        person = staff_of(session, order.organisation_id)
    firm = app.test_client()
    sign_in_as(firm, person)
    url = f"/work/{order.id}"
    assert "疏通马桶：上门费 30.00 元" in firm.get(url).text
    firm.post(f"{url}/accept", data={"responsible_person": "李师傅", "price_estimate": "80 元起"})
    waiting = firm.get(url).text
    assert "等诉求人答复" in waiting and "诉求人还没有同意报价" in waiting
    refused = firm.post(f"{url}/begin", data={"contact_note": "约好"})
    assert refused.status_code == 409 and "诉求人还没有同意报价" in refused.text


def test_another_firm_never_reads_what_the_first_one_asked(app: Flask) -> None:
    order = accepted("八百八十八元")
    with transaction() as session:
        agree(session, order.ticket_id, Verdict.ANOTHER_FIRM)
    told_to_dispatch()
    with transaction() as session:
        newest = session.scalars(select(WorkOrder).order_by(WorkOrder.id.desc()).limit(1)).one()
        person = staff_of(session, newest.organisation_id)
        assert lookup.by_number(session, ticket_of(order).number).id == newest.ticket_id
    firm = app.test_client()
    sign_in_as(firm, person)
    page = firm.get(f"/work/{newest.id}")
    assert page.status_code == 200 and "八百八十八元" not in page.text
