"""A firm without an account works by the link it got: one order, for a while, never more than its in-tray."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from sqlalchemy import select

from dispatch import service
from dispatch.models import WorkOrder
from hotline import clock
from hotline.attachments.models import Attachment
from hotline.config import settings
from hotline.db import transaction
from hotline.event_log import Event
from hotline.organisations import links
from sms.models import SmsMessage
from sms.texts import Template
from tests.attachments.files import jpeg
from tests.dispatch.people import (
    DISPATCHER,
    DRAIN_ITEM,
    STREET_ITEM,
    agree,
    firms_of_the_trade,
    open_ticket,
    states,
)
from tests.support.instance import configured
from tests.support.relay import deliver_all


def link_to(order_id: int) -> str:
    return links.address(order_id).removeprefix(settings().site.public_url)


def offered(**wish: object) -> tuple[int, str, int]:
    """(order, path of its link, ticket)"""
    with transaction() as session:
        firms_of_the_trade(session, 5, 5)
        ticket = open_ticket(session, now=clock.now(), **wish)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=clock.now())
        assert order is not None
        return order.id, link_to(order.id), ticket.id


def test_a_firm_does_a_whole_job_by_link_on_its_phone(client: FlaskClient) -> None:
    order_id, link, ticket_id = offered()
    page = client.get(link)
    assert page.status_code == 200 and "接单后可见" in page.text and "13800138000" not in page.text
    without_price = client.post(f"{link}/accept", data={"responsible_person": "李师傅"})
    assert without_price.status_code == 400 and "接单前请告知价格" in without_price.text
    fields = {"responsible_person": "李师傅", "price_estimate": "上门 30 元"}
    assert client.post(f"{link}/accept", data=fields).location == link
    assert "13800138000" not in client.get(link).text
    assert "申请协办" not in client.get(link).text  # joint work needs an account
    client.post(f"{link}/reveal", data={"purpose": "约上门时间"})
    assert "13800138000" in client.get(link).text
    with transaction() as session:
        agree(session, ticket_id)
    client.post(f"{link}/begin", data={"contact_note": "约好下午三点"})
    files = {"files": (BytesIO(jpeg()), "修好.jpg"), "public_reply": "已疏通。", "internal_note": ""}
    assert client.post(f"{link}/answer", data=files).location == link
    assert "等待热线审核" in client.get(link).text
    with transaction() as session:
        facts = select(Event).where(Event.ticket_id == ticket_id, Event.kind.startswith("work_order_"))
        firm = session.get_one(WorkOrder, order_id).organisation_id
        acts = [(e.kind, e.actor) for e in session.scalars(facts.order_by(Event.id))]
        assert acts[1:] == [
            ("work_order_accepted", f"organisation:{firm}"),
            ("work_order_answered", f"organisation:{firm}"),
        ]
        assert [a.organisation_id for a in session.scalars(select(Attachment))] == [firm]


def test_a_firm_declines_by_link_and_the_link_opens_nothing_any_more(client: FlaskClient) -> None:
    _order_id, link, ticket_id = offered()
    done = client.post(f"{link}/decline", data={"decline_reason": "人手不够"}, follow_redirects=True)
    assert "谢谢" in done.text
    for path in (link, f"{link}/files/1"):
        assert client.get(path).status_code == 410
    ended = client.post(f"{link}/accept", data={"responsible_person": "李师傅", "price_estimate": "1"})
    assert ended.status_code == 410 and "链接已失效" in ended.text
    with transaction() as session:
        assert [state for _firm, state in states(session, ticket_id)] == ["declined", "offered"]


def test_a_link_that_was_changed_or_signed_for_something_else_opens_nothing(client: FlaskClient) -> None:
    order_id, link, _ticket = offered()
    other = URLSafeTimedSerializer(settings().site.secret_key, salt="kept-file").dumps(order_id)
    for forged in (link[:-1], f"/w/{other}", "/w/1", f"{link}x"):
        assert client.get(forged).status_code == 410, forged
    with transaction() as session:
        assert session.get_one(WorkOrder, order_id).state == "offered"


class YesterdaysPen(TimestampSigner):
    """Signs as if it were just too long ago."""

    def get_timestamp(self) -> int:
        return super().get_timestamp() - settings().dispatch.link_hours * 3600 - 2


def test_a_link_dies_of_age(client: FlaskClient) -> None:
    order_id, _link, _ticket = offered()
    key = settings().site.secret_key
    old = URLSafeTimedSerializer(key, salt=links.PURPOSE, signer=YesterdaysPen).dumps(order_id)
    assert client.get(f"/w/{old}").status_code == 410


def test_who_is_too_late_by_link_is_told_and_the_next_firm_is_asked(client: FlaskClient) -> None:
    order_id, link, ticket_id = offered()
    with transaction() as session:
        session.get_one(WorkOrder, order_id).expires_at = clock.now() - timedelta(seconds=1)
    late = client.post(f"{link}/accept", data={"responsible_person": "李师傅", "price_estimate": "30 元"})
    assert late.status_code == 409 and "接单时间已过" in late.text
    with transaction() as session:
        assert [state for _firm, state in states(session, ticket_id)] == ["timed_out", "offered"]


def test_a_link_leads_to_no_confidential_ticket(client: FlaskClient) -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM, now=clock.now(), confidential=True)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=clock.now())
        assert order is not None
    assert client.get(link_to(order.id)).status_code == 410


def test_a_department_returns_by_link(client: FlaskClient) -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM, now=clock.now())
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=clock.now())
        assert order is not None
    fields = {"return_code": "not_our_duty", "return_reason": "属交警职责", "legal_basis": "职责清单第3项"}
    assert client.post(f"{link_to(order.id)}/return", data=fields).location == "/w"
    with transaction() as session:
        assert session.get_one(WorkOrder, order.id).state == "returned"


def test_whoever_holds_one_link_sees_no_other_order_and_no_other_page(client: FlaskClient) -> None:
    _order_id, link, _ticket = offered()
    client.get(link)
    assert client.get("/work").status_code == 303  # to the sign-in page
    assert client.get("/work/1").status_code == 303


Texting = Callable[[str], AbstractContextManager[None]]


@pytest.fixture
def texting(
    seeded: str, settings_of: Callable[[str], dict[str, Any]], tmp_path: Path
) -> Callable[[str], AbstractContextManager[None]]:
    """The site chose who gets links by text."""
    base = settings_of(seeded)
    return lambda whom: configured(tmp_path / "texts.toml", base | {"dispatch": {"link_texts": whom}})


def one_to_each() -> dict[str, WorkOrder]:
    """A firm, an office, and an office with a confidential ticket have got a work order."""
    orders = {}
    for name, item in (("firm", DRAIN_ITEM), ("office", STREET_ITEM), ("hidden", STREET_ITEM)):
        with transaction() as session:
            firms_of_the_trade(session, 5)
            ticket = open_ticket(
                session, item, now=clock.now(), confidential=name == "hidden", contact_wish="none"
            )
            order = service.dispatch(session, ticket, actor=DISPATCHER, now=clock.now())
            assert order is not None
            order.organisation.phone = "+8613900139000"
            orders[name] = order
    return orders


@pytest.mark.parametrize(
    ("whom", "told"), [("nobody", []), ("firms", ["firm"]), ("everybody", ["firm", "office"])]
)
def test_the_text_says_number_and_link_and_goes_to_whom_the_site_chose(
    texting: Texting, whom: str, told: list[str]
) -> None:
    with texting(whom):
        orders = one_to_each()
        deliver_all()
        wanted = select(SmsMessage).where(SmsMessage.template == Template.WORK_ORDER_LINK)
        with transaction() as session:
            sent = session.scalars(wanted.order_by(SmsMessage.id)).all()
        assert [text.ticket_id for text in sent] == [orders[name].ticket_id for name in told]
        for text, name in zip(sent, told, strict=True):
            number, path = orders[name].ticket.number, link_to(orders[name].id).rpartition(".")[0]
            assert f"您有一件工单{number}，请点击办理：{settings().site.public_url}/w/" in text.text
            assert path.partition(".")[0] in text.text and text.recipient == "+8613900139000"
