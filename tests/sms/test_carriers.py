"""One contract for every carrier: what leaves the building, what comes back, and what is written down."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Protocol

import pytest
from flask import Flask
from smpplib import consts
from sqlalchemy import select

from hotline import clock
from hotline.config import settings
from hotline.db import transaction
from hotline.twilio import client
from sms import jobs, service
from sms.models import SmsInbound, SmsMessage, SmsPart
from sms.simulated import signed_http
from sms.simulated.store import CarrierStore
from sms.texts import Template
from tests.sms.conftest import (
    CITIZEN,
    TOKEN,
    bound,
    facts,
    message,
    queue,
    served,
    simulated_carrier,
    state,
    web,
)
from tests.sms.smsc import Smsc, free_port
from tests.sms.twilio_stand_in import TwilioStandIn
from tests.support.waiting import eventually

House = Callable[..., None]


class Carrier(Protocol):
    repeats_safely: bool

    def behave(self, mood: str) -> None:
        """take, refuse, busy or silent."""

    def texts(self) -> list[tuple[str, str]]:
        """(number, text) of everything that left the building."""

    def work(self) -> None:
        """Let Hotline send what is due."""

    def receipt(self, ref: str, *, delivered: bool = True) -> None: ...

    def write(self, text: str) -> None:
        """The citizen sends a text; the carrier tells us twice where it can."""


class Simulated:
    repeats_safely = True

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._store = CarrierStore(settings().site.data_dir)
        self._store.turn({"delay_seconds": 3600})
        self._written = 0

    def behave(self, mood: str) -> None:
        self._store.turn({"refuse": mood == "refuse", "down": mood == "busy"})
        self._app.config["SILENT"] = mood == "silent"

    def texts(self) -> list[tuple[str, str]]:
        return [(row["number"], row["text"]) for row in self._store.conversation(CITIZEN) if row["outward"]]

    def work(self) -> None:
        jobs.send_due()

    def receipt(self, ref: str, *, delivered: bool = True) -> None:
        status = "delivered" if delivered else "failed"
        _post("/sms/carrier/receipt", {"ref": ref, "status": status, "at": "20261122080000"})

    def write(self, text: str) -> None:
        self._written += 1
        for _ in range(2):
            _post("/sms/carrier/inbound", {"ref": f"mo{self._written}", "from": CITIZEN, "text": text})


def _post(path: str, payload: dict[str, str]) -> None:
    signed_http.post(f"http://127.0.0.1:{settings().web.port}{path}", payload)


class Twilio:
    repeats_safely = False

    def __init__(self, stand_in: TwilioStandIn) -> None:
        self._twilio = stand_in
        self._written = 0

    def behave(self, mood: str) -> None:
        self._twilio.mood = mood

    def texts(self) -> list[tuple[str, str]]:
        return [(form["To"], form["Body"]) for form in self._twilio.taken]

    def work(self) -> None:
        jobs.send_due()

    def receipt(self, ref: str, *, delivered: bool = True) -> None:
        status = "delivered" if delivered else "undelivered"
        assert self._call("status", {"MessageSid": ref, "MessageStatus": "sent"}) == 204
        assert self._call("status", {"MessageSid": ref, "MessageStatus": status}) == 204

    def write(self, text: str) -> None:
        self._written += 1
        form = {"MessageSid": f"SMin{self._written}", "From": CITIZEN, "Body": text}
        for _ in range(2):
            assert self._call("inbound", form) == 200

    def _call(self, name: str, form: dict[str, str]) -> int:
        return self._twilio.call(f"{settings().site.public_url}/sms/twilio/{name}", form)


MOODS = {
    "take": "take",
    "silent": "silent",
    "refuse": consts.SMPP_ESME_RINVDSTADR,
    "busy": consts.SMPP_ESME_RSYSERR,
}


class Smpp:
    repeats_safely = False

    def __init__(self, smsc: Smsc) -> None:
        self._smsc = smsc

    def behave(self, mood: str) -> None:
        self._smsc.mood = MOODS[mood]

    def texts(self) -> list[tuple[str, str]]:
        """Parts of a long text joined by their header."""
        whole: dict[tuple[str, int], dict[int, str]] = {}
        for nth, taken in enumerate(self._smsc.taken):
            is_part = taken.esm_class & 0x40
            key = (f"+{taken.number}", taken.body[3] if is_part else -nth - 1)
            whole.setdefault(key, {})[taken.body[5] if is_part else 0] = taken.text
        return [(key[0], "".join(text for _, text in sorted(parts.items()))) for key, parts in whole.items()]

    def work(self) -> None:
        """The bind looks for itself; with nothing to do it gets time to do too much."""
        if due():
            eventually(lambda: not due())
        else:
            time.sleep(1.5)

    def receipt(self, ref: str, *, delivered: bool = True) -> None:
        self._smsc.send_receipt(ref, "DELIVRD" if delivered else "UNDELIV")

    def write(self, text: str) -> None:
        self._smsc.citizen_writes(CITIZEN.removeprefix("+"), text.encode("utf-16-be"))


@pytest.fixture(params=["simulated", "twilio", "smpp"])
def carrier(
    request: pytest.FixtureRequest, house: House, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Carrier]:
    with ExitStack() as stack:
        if request.param == "smpp":
            smsc = stack.enter_context(Smsc())
            house(provider="smpp", smpp={"port": smsc.port, "password": "secret"})
            stack.enter_context(bound(response_seconds=1))
            eventually(lambda: smsc.esmes)
            yield Smpp(smsc)
            return
        if request.param == "simulated":
            house(provider="simulated")
            monkeypatch.setattr(signed_http, "TIMEOUT_SECONDS", 1)
            made: Carrier = Simulated(stack.enter_context(simulated_carrier()))
        else:
            monkeypatch.setattr(client, "SECONDS", 1)
            port, stand_in = free_port(), TwilioStandIn(TOKEN)
            house(provider="twilio", twilio={"api_base": f"http://127.0.0.1:{port}"})
            stack.enter_context(served(stand_in.app, port))
            made = Twilio(stand_in)
        stack.enter_context(web())
        yield made


def due() -> bool:
    """Is there a text to be sent now, or on its way?"""
    with transaction() as session:
        rows = session.scalars(select(SmsMessage)).all()
        return any(
            row.state == "sending" or (row.state == "queued" and row.next_attempt_at <= clock.now())
            for row in rows
        )


def refs(message_id: int) -> list[str]:
    with transaction() as session:
        ours = select(SmsPart.provider_ref).where(SmsPart.message_id == message_id)
        return list(session.scalars(ours.order_by(SmsPart.seq)))


def test_a_text_leaves_the_building_once_and_whole(carrier: Carrier) -> None:
    long = queue("repeat:survey:1", template=Template.SURVEY_REPEAT)
    carrier.work()
    eventually(lambda: state(long) == "sent")
    carrier.work()
    assert carrier.texts() == [(CITIZEN, message(long).text)]
    assert facts() == ["sms_queued", "sms_sent"]


def test_receipts_for_every_part_deliver_it_and_a_repeated_receipt_changes_nothing(carrier: Carrier) -> None:
    long = queue("repeat:survey:1", template=Template.SURVEY_REPEAT)
    carrier.work()
    eventually(lambda: state(long) == "sent")
    *earlier, last = refs(long)
    for ref in earlier:
        carrier.receipt(ref)
        carrier.receipt(ref)
        assert state(long) == "sent"
    carrier.receipt(last)
    carrier.receipt(last)
    assert state(long) == "delivered"
    assert facts() == ["sms_queued", "sms_sent", "sms_delivered"]


def test_a_receipt_of_failure_fails_it_and_a_later_good_one_does_not_undo_that(carrier: Carrier) -> None:
    sent = queue()
    carrier.work()
    eventually(lambda: state(sent) == "sent")
    carrier.receipt(refs(sent)[0], delivered=False)
    carrier.receipt(refs(sent)[0])
    assert (state(sent), message(sent).reason) == ("failed", "undelivered")
    assert facts("sms_delivered", "sms_failed") == ["sms_failed"]


def test_what_the_carrier_refuses_for_good_fails(carrier: Carrier) -> None:
    carrier.behave("refuse")
    sent = queue()
    carrier.work()
    eventually(lambda: state(sent) == "failed")
    assert message(sent).reason == "refused"
    assert carrier.texts() == []


def test_a_busy_carrier_is_tried_again_at_the_configured_minutes_then_given_up(carrier: Carrier) -> None:
    carrier.behave("busy")
    sent = queue()
    for attempt, minutes in enumerate(settings().sms.retry_minutes, start=1):
        carrier.work()
        eventually(lambda: state(sent) == "queued" and message(sent).next_attempt_at > clock.now())
        assert message(sent).attempts == attempt
        row = message(sent)
        waits = (row.next_attempt_at - clock.now()).total_seconds()
        assert minutes * 60 - 5 < waits <= minutes * 60
        _hurry(sent)
    carrier.work()
    eventually(lambda: state(sent) == "failed")
    assert message(sent).reason == "gave_up"


def test_a_busy_carrier_that_recovers_gets_the_text_once(carrier: Carrier) -> None:
    carrier.behave("busy")
    sent = queue()
    carrier.work()
    eventually(lambda: message(sent).attempts == 1 and state(sent) == "queued")
    carrier.behave("take")
    _hurry(sent)
    carrier.work()
    eventually(lambda: state(sent) == "sent")
    assert len(carrier.texts()) == 1


def test_a_carrier_that_does_not_answer_is_not_sent_the_same_text_twice(carrier: Carrier) -> None:
    carrier.behave("silent")
    sent = queue()
    carrier.work()
    eventually(lambda: state(sent) == ("queued" if carrier.repeats_safely else "unknown"))
    carrier.behave("take")
    _hurry(sent)
    carrier.work()
    eventually(lambda: state(sent) == ("sent" if carrier.repeats_safely else "unknown"))
    assert len(carrier.texts()) == (0 if isinstance(carrier, Smpp) else 1)


def test_a_citizens_text_is_kept_once_with_who_wrote_it(carrier: Carrier) -> None:
    from hotline.callers.service import caller_for

    with transaction() as session:
        caller = caller_for(session, CITIZEN, clock.now())
    carrier.write("11 谢谢😀")
    carrier.write("21")
    with transaction() as session:
        rows = session.scalars(select(SmsInbound).order_by(SmsInbound.id)).all()
    assert [(row.text, row.caller_id) for row in rows] == [("11 谢谢😀", caller.id), ("21", caller.id)]
    assert facts() == ["sms_received", "sms_received"]


def _hurry(message_id: int) -> None:
    """As if the minutes had passed."""
    with transaction() as session:
        session.get_one(SmsMessage, message_id).next_attempt_at = clock.now()


def test_the_same_reason_queues_one_text(house: House) -> None:
    house(provider="simulated")
    first = queue("accepted:ticket:1")
    with transaction() as session:
        again = service.queue(
            session,
            template=Template.SURVEY_THANKS,
            subject="accepted:ticket:1",
            to=CITIZEN,
            caller_id=None,
            values={},
            language="zh",
            now=clock.now(),
        )
    assert again is None
    assert message(first).subject == "accepted:ticket:1"
    assert facts() == ["sms_queued"]
