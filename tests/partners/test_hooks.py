"""A partner's system hears of its work orders; each recipient's delivery has its own state (lesson 14)."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch import offers, service
from dispatch.partners import hooks, jobs
from dispatch.partners.models import WebHookDelivery
from dispatch.partners.sending import AddressRefused, check_address, post
from hotline import clock
from hotline.db import transaction
from hotline.errors import TransitionRefused
from hotline.event_log import Event
from hotline.tickets import service as tickets
from tests.dispatch.people import DISPATCHER, STREET_ITEM, firms_of_the_trade, open_ticket
from tests.partners.conftest import System
from tests.support.relay import deliver_all

Start = Callable[[], System]
ADMIN = "staff:1"


def set_hook(organisation_id: int, url: str) -> str:
    with transaction() as session:
        return hooks.set_hook(session, organisation_id, url, actor=ADMIN, now=clock.now())


def a_job() -> tuple[int, list[int]]:
    """(ticket, firms that may be offered it)"""
    with transaction() as session:
        firms = firms_of_the_trade(session, 5, 5)
        return open_ticket(session, now=clock.now()).id, firms


def dispatched(ticket_id: int) -> int:
    with transaction() as session:
        order = service.dispatch(session, tickets.get(session, ticket_id), actor=DISPATCHER, now=clock.now())
        assert order is not None
        return order.id


def deliveries() -> dict[int, list[tuple[str, str, int, int | None, str | None]]]:
    """Recipient > (kind, state, attempts, status, reason) of each delivery."""
    found: dict[int, list[tuple[str, str, int, int | None, str | None]]] = {}
    with transaction() as session:
        for row in session.scalars(select(WebHookDelivery).order_by(WebHookDelivery.id)):
            line = (row.kind, row.state, row.attempts, row.status, row.reason)
            found.setdefault(row.organisation_id, []).append(line)
    return found


def one_offer(system: Start) -> tuple[System, int, str]:
    """(the firm's system, the firm, the secret) of an offer that waits to be told."""
    theirs = system()
    ticket_id, (first, _second) = a_job()
    secret = set_hook(first, theirs.url)
    dispatched(ticket_id)
    deliver_all()
    return theirs, first, secret


@pytest.mark.usefixtures("house")
def test_a_firms_system_hears_of_its_offer_and_can_prove_who_sent_it(system: Start) -> None:
    theirs, firm, secret = one_offer(system)
    jobs.send_due()
    assert deliveries() == {firm: [("work_order_offered", "delivered", 1, 200, None)]}
    ((headers, body),) = theirs.heard
    moment, mac = (part.partition("=")[2] for part in headers["X-Hotline-Signature"].split(","))
    assert mac == hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    assert abs(int(moment) - time.time()) < 60
    assert set(json.loads(body)) == {"id", "kind", "at", "ticket", "work_order"}
    assert "13800138000" not in body.decode() and "下水道" not in body.decode()
    jobs.send_due()
    assert len(theirs.heard) == 1


@pytest.mark.usefixtures("house")
def test_one_of_two_recipients_failing_is_never_sent(system: Start) -> None:
    well, ill = system(), system()
    ill.status = 500
    ticket_id, (first, second) = a_job()
    set_hook(first, well.url)
    set_hook(second, ill.url)
    order_id = dispatched(ticket_id)
    with transaction() as session:
        offers.decline(session, order_id, actor=f"organisation:{first}", now=clock.now())
    deliver_all()
    for _ in range(4):
        jobs.send_due()
    found = deliveries()
    assert [(kind, state) for kind, state, *_rest in found[first]] == [
        ("work_order_offered", "delivered"),
        ("work_order_declined", "delivered"),
    ]
    assert found[second] == [("work_order_offered", "failed", 3, 500, None)]
    assert (len(well.heard), len(ill.heard)) == (2, 3)  # and a hard end
    with transaction() as session:
        given_up = session.scalars(select(Event).where(Event.kind == "web_hook_given_up")).all()
        assert [(fact.data["organisation_id"], fact.data["reason"]) for fact in given_up] == [
            (second, "gave_up")
        ]
    ill.status = 204
    with transaction() as session:
        row = session.scalars(select(WebHookDelivery).where(WebHookDelivery.state == "failed")).one()
        hooks.resend(session, second, row.id, actor=ADMIN, now=clock.now())
    jobs.send_due()
    assert deliveries()[second] == [("work_order_offered", "delivered", 1, 204, None)]


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    ("status", "tries", "state"),
    [
        (200, 1, "delivered"),
        (302, 1, "failed"),  # nobody is followed elsewhere
        (400, 1, "failed"),
        (404, 1, "failed"),
        (410, 1, "failed"),
        (429, 3, "failed"),
        (500, 3, "failed"),
        (503, 3, "failed"),
    ],
)
def test_only_429_and_5xx_are_tried_again(system: Start, status: int, tries: int, state: str) -> None:
    theirs, firm, _secret = one_offer(system)
    theirs.status, theirs.headers = status, {"Location": theirs.url + "/elsewhere"}
    for _ in range(5):
        jobs.send_due()
    assert [(row[1], row[2]) for row in deliveries()[firm]] == [(state, tries)]
    assert len(theirs.heard) == tries


@pytest.mark.usefixtures("house")
def test_a_system_that_is_down_is_tried_again_and_hears_it_when_it_is_back(system: Start) -> None:
    theirs, firm, _secret = one_offer(system)
    set_hook(firm, "http://127.0.0.1:9/nobody-listens")
    jobs.send_due()
    assert deliveries()[firm] == [("work_order_offered", "queued", 1, None, "ConnectionRefusedError")]
    set_hook(firm, theirs.url)
    jobs.send_due()
    assert deliveries()[firm] == [("work_order_offered", "delivered", 2, 200, None)]


@pytest.mark.usefixtures("house")
def test_a_system_that_sends_a_byte_now_and_then_is_left_after_five_seconds(system: Start) -> None:
    theirs, firm, _secret = one_offer(system)
    theirs.drips.set()
    began = time.monotonic()
    jobs.send_due()
    assert 4 < time.monotonic() - began < 8
    assert deliveries()[firm][0][1:4] == ("queued", 1, None)


@pytest.mark.usefixtures("house")
def test_what_a_dead_worker_claimed_is_sent_by_another(system: Start) -> None:
    theirs, firm, _secret = one_offer(system)
    with transaction() as session:
        assert hooks.claim(session, clock.now()) is not None  # and the worker dies
    jobs.send_due()
    assert theirs.heard == []
    with transaction() as session:
        session.scalars(select(WebHookDelivery)).one().next_at = clock.now() - timedelta(seconds=1)
        assert hooks.is_due(session, clock.now())
    jobs.send_due()
    assert deliveries()[firm][0][1] == "delivered"


@pytest.mark.usefixtures("house")
def test_nothing_is_told_of_a_confidential_ticket_nor_to_a_hook_that_was_stopped(system: Start) -> None:
    theirs = system()
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM, now=clock.now(), confidential=True)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=clock.now())
        assert order is not None
        office = order.organisation_id
    set_hook(office, theirs.url)
    deliver_all()
    with transaction() as session:
        hooks.stop_hook(session, office, actor=ADMIN, now=clock.now())
        plain = open_ticket(session, STREET_ITEM, now=clock.now())
        service.dispatch(session, plain, actor=DISPATCHER, now=clock.now())
    deliver_all()
    jobs.send_due()
    assert (theirs.heard, deliveries()) == ([], {})


@pytest.mark.usefixtures("house")
def test_what_is_still_on_its_way_is_not_sent_again_by_hand(system: Start) -> None:
    _theirs, firm, _secret = one_offer(system)
    with transaction() as session, pytest.raises(TransitionRefused):
        row = session.scalars(select(WebHookDelivery)).one()
        hooks.resend(session, firm, row.id, actor=ADMIN, now=clock.now())


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://10.1.2.3/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://0.0.0.0/x",
        "http://203.0.113.7/x",
        "https://name:word@203.0.113.7/x",
        "ftp://203.0.113.7/x",
    ],
)
def test_a_web_hook_into_our_own_house_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_address(url)
    answer = post(url, "{}", {})
    assert (answer.reason, answer.worth_repeating) == ("address_refused", False)
