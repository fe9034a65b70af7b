"""The inbox page as a person uses it, over real HTTP."""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPResponse

import pytest
from sqlalchemy import select

from hotline.config import settings
from hotline.db import transaction
from sms import jobs
from sms.models import SmsInbound
from sms.simulated import signed_http
from sms.simulated.store import CarrierStore
from sms.texts import Template
from tests.sms.conftest import (
    CITIZEN,
    delivered,
    facts,
    message,
    queue,
    simulated_carrier,
    state,
    web,
)
from tests.support.waiting import eventually

House = Callable[..., None]


@pytest.fixture(autouse=True)
def _carrier(house: House) -> Iterator[None]:
    house(provider="simulated")
    with web(), simulated_carrier():
        yield


def address(path: str) -> str:
    return f"http://127.0.0.1:{settings().web.simulators_port}{path}"


def page(path: str) -> str:
    with urllib.request.urlopen(address(path), timeout=5) as answer:
        text: str = answer.read().decode()
        return text


def submit(path: str, **form: str) -> str:
    """Post a form; where the browser is sent with a 303."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    body = urllib.parse.urlencode(form).encode()
    try:
        urllib.request.build_opener(Stay).open(address(path), body, timeout=5)
    except urllib.error.HTTPError as answer:
        assert answer.code == 303
        return str(answer.headers["Location"])
    raise AssertionError("no redirect")


def open_url(path: str, body: bytes, signature: str) -> HTTPResponse:
    headers = {signed_http.HEADER: signature, "Content-Type": "application/json"}
    answer: HTTPResponse = urllib.request.urlopen(
        urllib.request.Request(address(path), body, headers), timeout=5
    )
    return answer


def test_a_person_reads_the_text_in_the_inbox_and_replies() -> None:
    assert "还没有短信" in page("/inbox")
    sent = queue(template=Template.SURVEY_REPEAT)
    jobs.send_due()
    eventually(lambda: delivered(sent))
    assert CITIZEN in page("/inbox")
    conversation = page(f"/inbox/{CITIZEN}")
    assert message(sent).text in conversation and "2 段" in conversation
    assert submit(f"/inbox/{CITIZEN}/reply", text="11") == f"/inbox/{CITIZEN}"
    eventually(lambda: facts("sms_received"))
    with transaction() as session:
        row = session.scalars(select(SmsInbound)).one()
    assert (row.sender, row.text) == (CITIZEN, "11")
    assert re.search(r'class="outgoing">\s*<p>11</p>', page(f"/inbox/{CITIZEN}"))


def test_every_page_says_that_it_is_simulated() -> None:
    for path in ("/inbox", "/inbox/+8613800138009"):
        assert "模拟的运营商与手机" in page(path)


def test_a_link_in_a_text_can_be_clicked_and_markup_cannot_be_smuggled_in() -> None:
    store = CarrierStore(settings().site.data_dir)
    text = "进度：http://127.0.0.1:1/p?a=1&b=2 <script>x</script>"
    store.keep(number=CITIZEN, text=text, parts=1, key=None, outward=True)
    shown = page(f"/inbox/{CITIZEN}")
    assert '<a href="http://127.0.0.1:1/p?a=1&amp;b=2">' in shown
    assert "<script>x" not in shown


def test_the_inbox_outlives_a_restart() -> None:
    CarrierStore(settings().site.data_dir).keep(number=CITIZEN, text="旧", parts=1, key=None, outward=True)
    again = CarrierStore(settings().site.data_dir)
    assert [row["text"] for row in again.conversation(CITIZEN)] == ["旧"]


@pytest.mark.parametrize("knob", ["twice", "early"])
def test_receipts_twice_or_early_deliver_once(knob: str) -> None:
    submit("/inbox/knobs", **{knob: "on"})
    sent = queue(template=Template.SURVEY_REPEAT)
    jobs.send_due()
    eventually(lambda: delivered(sent))
    assert facts() == ["sms_queued", "sms_sent", "sms_delivered"]


def test_a_delayed_receipt_comes_later() -> None:
    submit("/inbox/knobs", delay_seconds="1")
    sent = queue()
    jobs.send_due()
    assert state(sent) == "sent"
    eventually(lambda: delivered(sent))


@pytest.mark.parametrize(("knob", "after"), [("refuse", "failed"), ("down", "queued")])
def test_a_carrier_that_refuses_or_is_down(knob: str, after: str) -> None:
    submit("/inbox/knobs", **{knob: "on"})
    sent = queue()
    jobs.send_due()
    assert state(sent) == after
    assert "还没有短信" in page("/inbox")


def test_nonsense_on_the_knobs_turns_them_off() -> None:
    submit("/inbox/knobs", delay_seconds="soon", twice="on")
    submit("/inbox/knobs", delay_seconds="-3")
    assert set(CarrierStore(settings().site.data_dir).knobs().values()) == {0}


def test_an_empty_reply_is_no_text() -> None:
    submit(f"/inbox/{CITIZEN}/reply", text="   ")
    assert CarrierStore(settings().site.data_dir).conversation(CITIZEN) == []


def test_only_hotline_may_hand_over_texts() -> None:
    with pytest.raises(urllib.error.HTTPError, match="403"):
        open_url("/carrier/messages", b"{}", "forged")


def test_a_receipt_is_repeated_until_hotline_takes_it() -> None:
    store = CarrierStore(settings().site.data_dir)
    sent = queue()
    jobs.send_due()
    eventually(lambda: delivered(sent))
    eventually(lambda: not store.due())
