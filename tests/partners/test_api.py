"""A partner's system does over the API what its people do at /work, and is refused what they are refused."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from dispatch import service
from dispatch.models import WorkOrder
from dispatch.partners import keys
from dispatch.partners.models import PartnerKey
from hotline import clock
from hotline.db import transaction
from hotline.event_log import Event
from hotline.organisations import service as organisations
from hotline.organisations.models import Organisation
from hotline.wiring.app import create_app
from tests.dispatch.people import (
    DISPATCHER,
    STREET_ITEM,
    agree,
    firms_of_the_trade,
    kinds,
    open_ticket,
    states,
)
from tests.support.instance import configured
from tests.support.people import signed_in_as

BASE = "/api/v1/work-orders"


def key_of(organisation_id: int) -> str:
    with transaction() as session:
        return keys.make(session, organisation_id, "派单系统", actor="staff:1", now=clock.now())[1]


class Partner:
    """An organisation's system."""

    def __init__(self, client: FlaskClient, organisation_id: int) -> None:
        self.client, self.organisation_id = client, organisation_id
        self.key = key_of(organisation_id)

    def get(self, path: str = "") -> TestResponse:
        return self.client.get(BASE + path, headers={"Authorization": f"Bearer {self.key}"})

    def post(self, path: str, *, once: str = "", **said: object) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key}"} | ({"Idempotency-Key": once} if once else {})
        return self.client.post(BASE + path, json=said, headers=headers)


def offered(client: FlaskClient) -> tuple[Partner, int, int, int]:
    """(the firm that is asked, order, ticket, the next firm)"""
    with transaction() as session:
        first, second = firms_of_the_trade(session, 5, 5)
        ticket = open_ticket(session, now=clock.now())
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=clock.now())
        assert order is not None
    return Partner(client, first), order.id, ticket.id, second


def problem(answer: TestResponse) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json" and answer.json is not None
    assert answer.json["status"] == answer.status_code
    return answer.status_code, answer.json["title"]


def test_a_firms_system_does_a_whole_job(client: FlaskClient) -> None:
    firm, order_id, ticket_id, _second = offered(client)
    (listed,) = firm.get().json["items"]
    assert (listed["id"], listed["state"], listed["contact"]) == (order_id, "offered", None)
    done = firm.post(f"/{order_id}/accept", responsible_person="李师傅", price_estimate="上门 30 元")
    assert done.status_code == 200 and done.json is not None
    assert (done.json["state"], done.json["contact"]) == ("accepted", "138●●●●8000")
    revealed = firm.post(f"/{order_id}/reveal", purpose="约上门时间")
    assert revealed.json == {"number": "+8613800138000"}
    assert problem(firm.post(f"/{order_id}/begin", contact_note="约好")) == (409, "price_not_agreed")
    with transaction() as session:
        agree(session, ticket_id)
    assert firm.post(f"/{order_id}/begin", contact_note="约好下午三点").status_code == 200
    answered = firm.post(f"/{order_id}/answer", public_reply="已疏通。")
    assert answered.json is not None and answered.json["state"] == "answered"
    with transaction() as session:
        acts = session.execute(select(Event.kind, Event.actor).where(Event.ticket_id == ticket_id)).all()
        actor = f"organisation:{firm.organisation_id}"
        for kind in ("work_order_accepted", "contact_revealed", "work_begun", "work_order_answered"):
            assert (kind, actor) in [tuple(act) for act in acts]


def test_the_rules_of_the_pages_hold_for_systems(client: FlaskClient) -> None:
    firm, order_id, ticket_id, second = offered(client)
    without_price = firm.post(f"/{order_id}/accept", responsible_person="李师傅")
    assert problem(without_price) == (422, "invalid_input")
    assert without_price.json is not None and without_price.json["field"] == "price_estimate"
    assert problem(firm.post(f"/{order_id}/answer", public_reply="好")) == (409, "transition_refused")
    assert problem(firm.post(f"/{order_id}/reveal", purpose="看看")) == (403, "not_allowed")
    with transaction() as session:
        organisations.suspend(
            session, firm.organisation_id, reason="被投诉", actor="staff:9", now=clock.now()
        )
    said = {"responsible_person": "李师傅", "price_estimate": "30 元"}
    assert problem(firm.post(f"/{order_id}/accept", **said)) == (409, "firm_not_allowed")
    with transaction() as session:
        assert states(session, ticket_id) == [(firm.organisation_id, "withdrawn"), (second, "offered")]


def test_a_department_returns_with_its_basis_and_a_firm_declines(client: FlaskClient) -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM, now=clock.now())
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=clock.now())
        assert order is not None
    office = Partner(client, order.organisation_id)
    path = f"/{order.id}/return"
    assert problem(office.post(path, code="not_our_duty", reason="不归我们"))[0] == 422
    said = {"code": "not_our_duty", "reason": "属交警职责", "legal_basis": "职责清单第3项"}
    assert office.post(path, **said).status_code == 200
    firm, order_id, _ticket, _second = offered(client)
    declined = firm.post(f"/{order_id}/decline", reason="人手不够")
    assert declined.json is not None and declined.json["state"] == "declined"
    assert [row["id"] for row in firm.get("?tab=ended").json["items"]] == [order_id]


def test_the_same_request_sent_twice_is_done_once(client: FlaskClient) -> None:
    firm, order_id, ticket_id, _second = offered(client)
    said = {"responsible_person": "李师傅", "price_estimate": "30 元"}
    first = firm.post(f"/{order_id}/accept", once="a-1", **said)
    again = firm.post(f"/{order_id}/accept", once="a-1", **said)
    assert first.status_code == again.status_code == 200 and first.json == again.json
    other = firm.post(f"/{order_id}/accept", once="a-1", **(said | {"price_estimate": "90 元"}))
    assert problem(other) == (422, "key_used_before")
    assert problem(firm.post(f"/{order_id}/accept", once="a-2", **said)) == (409, "transition_refused")
    with transaction() as session:
        assert kinds(session, ticket_id).count("work_order_accepted") == 1


def test_a_refusal_is_not_remembered(client: FlaskClient) -> None:
    firm, order_id, _ticket, _second = offered(client)
    assert firm.post(f"/{order_id}/accept", once="b", responsible_person="李师傅").status_code == 422
    said = {"responsible_person": "李师傅", "price_estimate": "30 元"}
    assert firm.post(f"/{order_id}/accept", once="b", **said).status_code == 200


def test_ten_copies_of_one_request_at_once_are_one_act(app: Flask) -> None:
    firm, order_id, ticket_id, _second = offered(app.test_client())
    said = {"responsible_person": "李师傅", "price_estimate": "30 元"}
    headers = {"Authorization": f"Bearer {firm.key}", "Idempotency-Key": "together"}

    def send(_: int) -> int:
        answer = app.test_client().post(f"{BASE}/{order_id}/accept", json=said, headers=headers)
        return answer.status_code

    with ThreadPoolExecutor(10) as pool:
        assert Counter(pool.map(send, range(10))) == {200: 10}
    with transaction() as session:
        assert kinds(session, ticket_id).count("work_order_accepted") == 1


def test_nobody_gets_in_without_a_key_that_is_good(client: FlaskClient) -> None:
    firm, order_id, _ticket, second = offered(client)
    for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {firm.key}"}):
        assert problem(client.get(BASE, headers=header)) == (401, "key_refused")
    other = Partner(client, second)
    assert problem(other.get(f"/{order_id}")) == (404, "not_found")
    assert problem(other.post(f"/{order_id}/decline")) == (404, "not_found")
    with transaction() as session:
        row = session.scalars(select(PartnerKey).where(PartnerKey.hint == firm.key[-4:])).one()
        assert firm.key not in str(vars(row))
        keys.revoke(session, firm.organisation_id, row.id, actor="staff:1", now=clock.now())
    assert problem(firm.get()) == (401, "key_refused")


def test_a_confidential_ticket_is_not_shown_to_a_system(client: FlaskClient) -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM, now=clock.now(), confidential=True)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=clock.now())
        assert order is not None
    office = Partner(client, order.organisation_id)
    assert office.get().json["items"] == []
    assert problem(office.get(f"/{order.id}")) == (404, "not_found")


def test_long_lists_come_in_pages_of_the_size_asked_for(client: FlaskClient) -> None:
    with transaction() as session:
        for _ in range(5):
            ticket = open_ticket(session, STREET_ITEM, now=clock.now())
            order = service.dispatch(session, ticket, actor=DISPATCHER, now=clock.now())
    assert order is not None
    office = Partner(client, order.organisation_id)
    seen = [office.get(f"?page={page}&page_size=2").json for page in (1, 2, 3)]
    assert [len(page["items"]) for page in seen if page] == [2, 2, 1]
    assert {(page["total"], page["pages"], page["page_size"]) for page in seen if page} == {(5, 3, 2)}
    assert len({row["id"] for page in seen if page for row in page["items"]}) == 5
    assert problem(office.get("?tab=nonsense")) == (422, "invalid_input")


@pytest.mark.parametrize("body", [b"not json", b"[]", b'{"responsible_person": 7}', b'{"reason": "\\u0000"}'])
def test_what_is_not_understood_is_a_problem_and_changes_nothing(client: FlaskClient, body: bytes) -> None:
    firm, order_id, _ticket, _second = offered(client)
    headers = {"Authorization": f"Bearer {firm.key}", "Content-Type": "application/json"}
    for act in ("accept", "decline"):
        answer = client.post(f"{BASE}/{order_id}/{act}", data=body, headers=headers)
        if act == "accept" or body != b'{"responsible_person": 7}':
            assert problem(answer)[0] in (400, 422)
    with transaction() as session:
        assert session.get_one(WorkOrder, order_id).accepted_at is None


def test_who_asks_too_often_waits_a_minute(
    seeded: str, settings_of: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    base = settings_of(seeded) | {"partners": {"requests_per_minute": 3}}
    with configured(tmp_path / "few.toml", base):
        with transaction() as session:
            office = session.scalars(select(Organisation.id).where(Organisation.kind == "department")).first()
        partner = Partner(create_app().test_client(), office or 0)
        answers = [partner.get() for _ in range(8)]
        assert [answer.status_code for answer in answers[:3]] == [200] * 3
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert problem(refused) == (429, "too_many") and refused.headers["Retry-After"] == "60"


def test_an_administrator_gives_a_key_once_and_revokes_it(app: Flask, client: FlaskClient) -> None:
    _firm, _order, _ticket, second = offered(client)
    browser = signed_in_as(app, "administrator")
    page = browser.post(f"/manage/partners/{second}/keys", data={"name": "总部系统"}, follow_redirects=True)
    key = page.text.partition("hotline_")[2].partition("<")[0].strip()
    assert client.get(BASE, headers={"Authorization": f"Bearer hotline_{key}"}).status_code == 200
    assert key not in browser.get(f"/manage/partners/{second}").text
    assert browser.post(f"/manage/partners/{second}/keys", data={"name": ""}).status_code == 400
    with transaction() as session:
        key_id = session.scalars(select(PartnerKey.id).where(PartnerKey.organisation_id == second)).one()
    gone = browser.post(f"/manage/partners/{second}/keys/{key_id}/revoke", follow_redirects=True)
    assert "已作废" in gone.text
    assert client.get(BASE, headers={"Authorization": f"Bearer hotline_{key}"}).status_code == 401
    inside = browser.post(f"/manage/partners/{second}/hook", data={"url": "https://127.0.0.1/x"})
    assert inside.status_code == 400 and "内部网络" in inside.text
    assert "疏通" in browser.get("/manage/partners?q=疏通").text
    assert signed_in_as(app, "dispatcher").get(f"/manage/partners/{second}").status_code == 403
