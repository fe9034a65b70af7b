"""Every fact reaches every handler, once, whatever fails in between."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import clock
from hotline.db import transaction
from hotline.event_log import Delivery, Event, record
from hotline.events import StaffSignedIn
from hotline.wiring import relay
from hotline.wiring.subscriptions import handler_name
from tests.support.relay import deliver_all

seen: list[int] = []
faults: list[Exception] = []


def listen(session: Session, event: Event) -> None:
    if faults:
        raise faults.pop()
    seen.append(event.data["staff_id"])


@pytest.fixture(autouse=True)
def one_listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    seen.clear()
    faults.clear()
    monkeypatch.setattr(relay, "SUBSCRIPTIONS", {"staff_signed_in": (listen,)})
    monkeypatch.setattr(relay, "HANDLERS", {handler_name(listen): listen})
    yield


def sign_in(staff_id: int) -> None:
    with transaction() as session:
        record(session, StaffSignedIn(staff_id=staff_id), actor=f"staff:{staff_id}", at=clock.now())


def test_facts_arrive_once_and_in_order(database: str) -> None:
    for staff_id in range(5):
        sign_in(staff_id)
    deliver_all()
    deliver_all()
    assert seen == [0, 1, 2, 3, 4]


def test_a_commit_that_comes_late_is_not_passed_over(database: str) -> None:
    """The fact with the smaller id commits after the one with the larger id was delivered."""
    written, released = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction() as session:
            record(session, StaffSignedIn(staff_id=1), actor="staff:1", at=clock.now())
            session.flush()
            written.set()
            released.wait(10)

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(10)
    sign_in(2)
    deliver_all()
    released.set()
    thread.join()
    deliver_all()
    assert sorted(seen) == [1, 2]


def test_a_handler_that_fails_is_run_again_later(database: str) -> None:
    faults.append(RuntimeError("the line was down"))
    sign_in(7)
    deliver_all()
    assert seen == []
    with transaction() as session:
        delivery = session.scalars(select(Delivery)).one()
        assert delivery.attempts == 1
        assert "the line was down" in (delivery.error or "")
        delivery.next_at = clock.now()
    deliver_all()
    assert seen == [7]


def test_a_handler_that_never_works_is_given_up_visibly_and_can_be_owed_again(database: str) -> None:
    sign_in(7)
    faults.extend(RuntimeError("still broken") for _ in range(relay.MAX_ATTEMPTS))
    for _ in range(relay.MAX_ATTEMPTS):
        with transaction() as session:
            for delivery in session.scalars(select(Delivery)):
                delivery.next_at = clock.now()
        deliver_all()
    with transaction() as session:
        assert relay.backlog(session) == (0, 1)
        assert relay.retry_given_up(session, clock.now()) == 1
    deliver_all()
    assert seen == [7]


def test_two_relays_at_once_run_a_handler_once(database: str) -> None:
    for staff_id in range(20):
        sign_in(staff_id)
    threads = [threading.Thread(target=deliver_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deliver_all()
    assert sorted(seen) == list(range(20))
