"""Machines call us: what is not signed is refused, what is malformed is answered with the reason."""

import json
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from hotline.config import settings
from hotline.db import transaction
from hotline.web.access import ACCESS
from sms.models import SmsInbound, SmsReceipt
from sms.simulated import signed_http
from sms.webhooks import blueprint
from tests.sms.conftest import TOKEN

House = Callable[..., None]
INBOUND = {"ref": "mo1", "from": "13800138000", "text": "11"}
RECEIPT = {"ref": "c1-1", "status": "delivered", "at": "20261122"}
BODY = {"MessageSid": "SM1", "From": "+8613800138000", "Body": "11"}


@pytest.fixture
def machine(house: House) -> Iterator[FlaskClient]:
    house(provider="simulated")
    app = Flask("web")
    app.register_blueprint(blueprint)
    yield app.test_client()


def rows() -> int:
    with transaction() as session:
        counts = [
            session.scalar(select(func.count()).select_from(table)) or 0 for table in (SmsInbound, SmsReceipt)
        ]
    return sum(counts)


def post(machine: FlaskClient, path: str, body: bytes, signature: str | None = None) -> tuple[int, str]:
    headers = {signed_http.HEADER: signed_http.sign(body) if signature is None else signature}
    answer = machine.post(path, data=body, headers=headers, content_type="application/json")
    return answer.status_code, answer.text


@pytest.mark.parametrize("path", ["/sms/carrier/inbound", "/sms/carrier/receipt"])
@pytest.mark.parametrize("signature", ["", "forged", "ä"])
def test_an_unsigned_call_of_the_carrier_is_refused(machine: FlaskClient, path: str, signature: str) -> None:
    assert post(machine, path, json.dumps(INBOUND | RECEIPT).encode(), signature)[0] == 403
    assert rows() == 0


@pytest.mark.parametrize("path", ["/sms/twilio/inbound", "/sms/twilio/status"])
def test_an_unsigned_call_of_twilio_is_refused(machine: FlaskClient, path: str) -> None:
    form = BODY | {"MessageStatus": "delivered"}
    assert machine.post(path, data=form).status_code == 403
    assert machine.post(path, data=form, headers={"X-Twilio-Signature": "x"}).status_code == 403
    assert rows() == 0


@pytest.mark.parametrize(
    ("path", "payload", "names"),
    [
        ("/sms/carrier/inbound", ["11"], "JSON object"),
        ("/sms/carrier/inbound", INBOUND | {"text": 11}, "text"),
        ("/sms/carrier/inbound", {"ref": "1", "text": "11"}, "from"),
        ("/sms/carrier/inbound", INBOUND | {"from": "1" * 41}, "from"),
        ("/sms/carrier/receipt", RECEIPT | {"status": "eaten"}, "status"),
        ("/sms/carrier/receipt", RECEIPT | {"ref": None}, "ref"),
    ],
)
def test_a_malformed_call_is_answered_with_the_reason(
    machine: FlaskClient, path: str, payload: object, names: str
) -> None:
    status, text = post(machine, path, json.dumps(payload).encode())
    assert status == 400 and names in text
    assert rows() == 0


def test_what_is_not_even_json_is_malformed(machine: FlaskClient) -> None:
    status, text = post(machine, "/sms/carrier/inbound", b"{broken")
    assert (status, text) == (400, "the body must be a JSON object\n")


def test_a_text_no_database_can_keep_is_kept_nearly(machine: FlaskClient) -> None:
    odd = json.dumps(INBOUND | {"text": "1\u0000\ud800 1"}).encode()
    assert post(machine, "/sms/carrier/inbound", odd)[0] == 200
    with transaction() as session:
        assert session.scalars(select(SmsInbound.text)).one() == "1\ufffd\ufffd 1"


def test_a_sender_that_is_no_number_is_kept_as_it_came(machine: FlaskClient) -> None:
    assert (
        post(machine, "/sms/carrier/inbound", json.dumps(INBOUND | {"from": "移动客服"}).encode())[0] == 200
    )
    with transaction() as session:
        row = session.scalars(select(SmsInbound)).one()
    assert (row.sender, row.caller_id) == ("移动客服", None)


def test_a_text_signed_by_twilio_is_taken(machine: FlaskClient) -> None:
    url = f"{settings().site.public_url}/sms/twilio/inbound?from=console"
    headers = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, BODY)}
    answer = machine.post("/sms/twilio/inbound?from=console", data=BODY, headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert rows() == 1


def test_every_webhook_says_that_machines_call_it(machine: FlaskClient) -> None:
    views = machine.application.view_functions
    ours = [view for name, view in views.items() if name.startswith("sms_webhooks.")]
    assert len(ours) == 4
    assert {getattr(view, ACCESS, None) for view in ours} == {"machine"}
