"""Every settled fact comes under exactly one seal, whoever writes, dies or seals at the same time."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from sqlalchemy import func, select, text

from hotline import clock
from hotline.db import transaction
from hotline.event_log import Event, record
from hotline.events import StaffSignedIn
from hotline.trail import jobs, queries, service
from hotline.trail.chain import MARK
from hotline.trail.verification import verify
from tests.support.instance import forget
from tests.support.waiting import eventually
from tests.trail.tampering import NOW, sealed, seals, sign_in

WRITERS, FACTS = 20, 10_000


def test_ten_thousand_facts_of_twenty_writers_are_sealed_without_gap(database: str) -> None:
    done = threading.Event()

    def write(writer: int) -> None:
        for number in range(FACTS // WRITERS // 5):
            with transaction() as session:
                for part in range(5):
                    fact = StaffSignedIn(staff_id=number * 5 + part)
                    record(session, fact, actor=f"staff:{writer}", at=clock.now())

    def seal() -> None:
        while not done.is_set():
            jobs.seal(clock.now())

    with ThreadPoolExecutor(WRITERS) as writers, ThreadPoolExecutor(2) as sealers:
        sealing = [sealers.submit(seal) for _ in range(2)]
        list(writers.map(write, range(WRITERS)))
        done.set()
        for one in sealing:
            one.result()
    jobs.seal(clock.now())
    verdict = verify()
    assert (verdict.good, verdict.facts) == (True, FACTS)
    assert [seal.number for seal in seals()] == list(range(1, len(seals()) + 1))
    assert seals()[-1].total == FACTS == sum(len(seal.marks) // MARK for seal in seals())


def test_a_commit_that_comes_late_is_sealed_after_those_before_it(database: str) -> None:
    """The slow writer's fact has the smaller number; what is younger waits for it, unsealed."""
    written, released = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction() as session:
            record(session, StaffSignedIn(staff_id=1), actor="staff:1", at=NOW)
            session.scalars(select(Event)).all()  # writes the fact
            written.set()
            released.wait(10)

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(10)
    sign_in(2)
    jobs.seal(NOW)
    assert seals() == []
    released.set()
    thread.join()
    jobs.seal(NOW)
    assert [seal.total for seal in seals()] == [2]
    assert verify().good


SEALER = """
import sys
from hotline import clock
from hotline.db import transaction
from hotline.trail import service
service.BATCH = 10
while True:
    with transaction() as session:
        service.seal_next(session, clock.now())
        session.flush()
        print("at it", flush=True)
"""


def test_a_sealer_killed_half_way_loses_nothing_and_repeats_nothing(database: str) -> None:
    for _ in range(5):
        sign_in(*range(1, 41))
        sealer = subprocess.Popen([sys.executable, "-c", SEALER], stdout=subprocess.PIPE, env=os.environ)
        assert sealer.stdout is not None
        for _ in range(3):
            sealer.stdout.readline()
        sealer.send_signal(signal.SIGKILL)
        sealer.wait()
        sealer.stdout.close()
    eventually(_alone, "the dead sealer's connection is gone")
    jobs.seal(clock.now())
    verdict = verify()
    assert (verdict.good, verdict.facts) == (True, 200)


def _alone() -> bool:
    with transaction() as session:
        return bool(session.scalar(select(func.pg_try_advisory_xact_lock(service.LOCK))))


def test_two_sealers_at_once_make_one_chain(database: str) -> None:
    sign_in(*range(1, 30))
    with transaction() as session:
        assert service.seal_next(session, NOW) == 29
        with transaction() as other:
            assert service.seal_next(other, NOW) == 0
    assert [seal.total for seal in seals()] == [29]


def test_each_seal_hangs_on_the_one_before(database: str) -> None:
    sealed([1], [2], [3])
    chained = seals()
    assert all(later.total == earlier.total + 1 for earlier, later in pairwise(chained))
    assert len({seal.hash for seal in chained}) == 3


def test_a_seal_fits_in_every_time_zone(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed([1, 2])
    monkeypatch.setenv("PGOPTIONS", "-c TimeZone=Asia/Shanghai")
    forget()
    with transaction() as session:
        assert session.scalar(text("SHOW TimeZone")) == "Asia/Shanghai"
    assert verify().good


def test_nobody_who_writes_waits_for_the_sealer(database: str) -> None:
    sign_in(1)
    with transaction() as session:
        assert service.seal_next(session, NOW) == 1
        session.flush()
        sign_in(2)  # would wait for ever if it did
    jobs.seal(NOW)
    with transaction() as session:
        assert queries.state(session).sealed == 2
