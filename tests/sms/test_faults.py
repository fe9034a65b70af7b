"""Processes die, Valkey is emptied: nothing is lost, nothing is sent twice."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import rq
from sqlalchemy import event, update

from hotline import clock, live
from hotline.config import settings
from hotline.db import engine, transaction
from hotline.jobs import QUEUE
from sms import jobs, service
from sms.models import SmsMessage
from sms.providers.base import Receipt
from sms.simulated.store import CarrierStore
from sms.states import ReceiptStatus
from tests.sms.conftest import (
    CITIZEN,
    TOKEN,
    delivered,
    facts,
    later,
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
REPOSITORY = Path(__file__).parents[2]


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A real process of ours; it dies by SIGKILL at the latest when the block ends."""
    started = subprocess.Popen([sys.executable, *arguments], cwd=REPOSITORY, env=os.environ)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def kill(victim: subprocess.Popen[bytes]) -> None:
    victim.send_signal(signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL


def drain_worker() -> None:
    rq.SimpleWorker([QUEUE], connection=live.connection()).work(burst=True)


SEND_DUE = ("-c", "from sms import jobs; jobs.send_due()")


def test_a_worker_killed_while_it_sends_repeats_safely_where_the_carrier_knows_the_key(house: House) -> None:
    house(provider="simulated")
    store = CarrierStore(settings().site.data_dir)
    with web(), simulated_carrier() as app:
        app.config["SILENT"] = True
        sent = queue()
        with process(*SEND_DUE) as worker:
            eventually(lambda: store.conversation(CITIZEN))
            kill(worker)
        assert state(sent) == "sending"
        jobs.sweep(clock.now())
        assert state(sent) == "sending"  # it may still be alive
        jobs.sweep(later(minutes=6))
        assert state(sent) == "queued"
        app.config["SILENT"] = False
        _due_now(sent)
        jobs.send_due()
        eventually(lambda: delivered(sent))
    assert len(store.conversation(CITIZEN)) == 1
    assert facts() == ["sms_queued", "sms_sent", "sms_delivered"]


def test_a_worker_killed_while_it_sends_leaves_a_visible_unknown_where_a_repeat_would_double(
    house: House,
) -> None:
    port, stand_in = free_port(), TwilioStandIn(TOKEN, mood="silent")
    house(provider="twilio", twilio={"api_base": f"http://127.0.0.1:{port}"})
    with served(stand_in.app, port):
        sent = queue()
        with process(*SEND_DUE) as worker:
            eventually(lambda: stand_in.taken)
            kill(worker)
        stand_in.mood = "take"
        jobs.sweep(later(minutes=6))
        jobs.send_due()
    assert (state(sent), message(sent).reason) == ("unknown", "unknown")
    assert len(stand_in.taken) == 1
    assert facts() == ["sms_queued", "sms_failed"]


def test_the_bind_process_killed_and_started_again_sends_nothing_twice(house: House) -> None:
    with Smsc(mood="silent") as smsc:
        house(provider="smpp", smpp={"port": smsc.port, "password": "secret"})
        sent = queue()
        with process("-m", "sms.smpp_bind") as bind:
            eventually(lambda: smsc.offered == 1)
            kill(bind)
        smsc.mood = "take"
        assert state(sent) == "sending"
        with process("-m", "sms.smpp_bind"):
            after = queue("thanks:survey:2")
            eventually(lambda: state(after) == "sent")
            jobs.sweep(later(minutes=6))
        assert state(sent) == "unknown"
        assert smsc.offered == 2


def test_the_bind_process_asked_to_stop_records_what_is_on_the_way_and_unbinds(house: House) -> None:
    with Smsc(receipts="after") as smsc:
        house(provider="smpp", smpp={"port": smsc.port, "password": "secret", "window": 10})
        sent = [queue(f"thanks:survey:{n}") for n in range(100)]
        with process("-m", "sms.smpp_bind") as bind:
            eventually(lambda: smsc.taken)
            bind.send_signal(signal.SIGTERM)
            assert bind.wait(20) == 0
        assert not [one for one in sent if state(one) == "sending"]
        done = [one for one in sent if state(one) in ("sent", "delivered")]
        assert len(done) == len(smsc.taken)
        eventually(lambda: not smsc.esmes)


def test_an_emptied_valkey_only_delays_a_text(house: House) -> None:
    house(provider="simulated")
    with web(), simulated_carrier():
        sent = queue()
        live.connection().flushall()
        drain_worker()
        assert state(sent) == "queued"
        jobs.sweep(clock.now())
        drain_worker()
        eventually(lambda: delivered(sent))


def test_a_queued_text_wakes_a_worker_that_sends_it(house: House) -> None:
    house(provider="simulated")
    live.connection().flushall()
    with web(), simulated_carrier():
        sent = queue()
        drain_worker()
        eventually(lambda: delivered(sent))


def test_the_answer_of_an_attempt_given_up_as_stuck_still_counts(house: House) -> None:
    house(provider="twilio")
    sent = queue()
    with transaction() as session:
        service.claim(session, "twilio", now=clock.now(), limit=1)
    jobs.sweep(later(minutes=6))
    assert state(sent) == "unknown"
    with transaction() as session:
        service.record_sent(session, "twilio", {sent: ("SM1",)}, clock.now())
    assert state(sent) == "sent"


def test_two_senders_never_claim_the_same_text(house: House) -> None:
    house(provider="simulated")
    queue()
    with transaction() as one, transaction() as other:
        first = service.claim(one, "simulated", now=clock.now(), limit=10)
        second = service.claim(other, "simulated", now=clock.now(), limit=10)
    assert (len(first), len(second)) == (1, 0)


def test_receipts_that_crossed_the_record_of_their_part_are_applied_by_the_clock(house: House) -> None:
    """Two processes at one moment: one records the part, one its receipt, neither sees the other."""
    house(provider="twilio")
    sent = queue()
    with transaction() as session:
        service.claim(session, "twilio", now=clock.now(), limit=1)
    with transaction() as worker, transaction() as webhook:
        service.apply_receipts(webhook, "twilio", [_delivered("SM1")], clock.now())
        service.record_sent(worker, "twilio", {sent: ("SM1",)}, clock.now())
    assert state(sent) == "sent"
    jobs.sweep(clock.now())
    assert state(sent) == "delivered"


def test_a_receipt_that_commits_while_another_is_applied_is_not_lost(house: House) -> None:
    """It comes between two statements of the worker, which might see it in the second one only."""
    house(provider="twilio")
    sent = queue()
    with transaction() as session:
        service.claim(session, "twilio", now=clock.now(), limit=1)
    updates: list[str] = []

    def meanwhile(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith(("UPDATE sms_part", "UPDATE sms_receipt")):
            updates.append(statement)
            if len(updates) == 1:
                _receipt_comes("SM1")

    event.listen(engine(), "after_cursor_execute", meanwhile)
    with transaction() as session:
        service.record_sent(session, "twilio", {sent: ("SM1",)}, clock.now())
    event.remove(engine(), "after_cursor_execute", meanwhile)
    assert updates
    jobs.sweep(clock.now())
    assert state(sent) == "delivered"


def test_receipts_of_two_parts_at_the_same_moment_deliver_the_text(house: House) -> None:
    house(provider="twilio")
    sent = queue()
    with transaction() as session:
        service.claim(session, "twilio", now=clock.now(), limit=1)
        service.record_sent(session, "twilio", {sent: ("SM1", "SM2")}, clock.now())
    with transaction() as session:
        service.apply_receipts(session, "twilio", [_delivered("SM1")], clock.now())
        other = threading.Thread(target=_receipt_comes, args=("SM2",))
        other.start()
        other.join(1)  # it waits for this transaction, or it is done
    other.join()
    assert state(sent) == "delivered"


def _receipt_comes(ref: str) -> None:
    with transaction() as session:
        service.apply_receipts(session, "twilio", [_delivered(ref)], clock.now())


def _delivered(ref: str) -> Receipt:
    return Receipt(ref, ReceiptStatus.DELIVERED, raw="delivered")


def _due_now(message_id: int) -> None:
    with transaction() as session:
        due = update(SmsMessage).where(SmsMessage.id == message_id)
        session.execute(due.values(next_attempt_at=clock.now()))
