"""Each night the last day is compared with its seals; what was found is a fact, an alarm and a page."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hotline.db import transaction
from hotline.event_log import Event
from hotline.trail import jobs, queries
from tests.support.people import signed_in_as
from tests.trail.tampering import NOW, as_superuser, event_ids, sealed, seals

A_DAY = timedelta(days=1)
A_MOMENT = timedelta(minutes=10)


def night(now: datetime = NOW) -> None:
    jobs.verify_by_the_clock(now)


def found() -> list[tuple[str, int, int]]:
    """Every verification: what it found, from which seal to which."""
    with transaction() as session:
        told = session.scalars(queries.verifications()).all()
    return [(one.kind, one.data["first_seal"], one.data["last_seal"]) for one in reversed(told)]


def test_once_a_night_what_is_new_and_the_last_day_are_verified(database: str) -> None:
    sealed([1, 2], now=NOW - 3 * A_DAY)
    sealed([3], now=NOW - timedelta(hours=2))
    night()
    night(NOW + A_MOMENT)
    assert found() == [("trail_verified", 1, 2)]
    sealed([4], now=NOW + timedelta(hours=20))
    night(NOW + A_DAY)
    assert found()[1:] == [("trail_verified", 3, 3)]
    with transaction() as session:
        head = session.scalars(queries.verifications()).first()
    assert head is not None
    assert head.data["head"] == seals()[2].hash.hex()


def test_nights_that_were_missed_are_made_up_for(database: str) -> None:
    sealed([1])
    night()
    sealed([2], [3], now=NOW + A_DAY)
    sealed([4], now=NOW + 9 * A_DAY)
    night(NOW + 10 * A_DAY)
    assert found()[1][1:] == (2, 4)


def test_a_trail_without_seals_is_not_verified(database: str) -> None:
    night()
    assert found() == []


def test_a_broken_trail_stays_broken_until_it_is_mended(database: str) -> None:
    sealed([1, 2, 3])
    as_superuser(f"UPDATE event_log SET actor = 'staff:6' WHERE id = {event_ids()[1]}")
    night()
    night(NOW + A_MOMENT)
    assert found() == [("trail_broken", 1, 1)]
    jobs.seal(NOW)
    night(NOW + A_DAY)
    assert [kind for kind, _first, _last in found()] == ["trail_broken"] * 2
    as_superuser(f"UPDATE event_log SET actor = 'staff:2' WHERE id = {event_ids()[1]}")
    night(NOW + A_DAY + A_MOMENT)
    assert [kind for kind, _first, _last in found()] == ["trail_broken"] * 2 + ["trail_verified"]


def test_an_end_that_was_cut_off_is_missed_by_the_next_night(database: str) -> None:
    sealed([1], [2])
    night()
    jobs.seal(NOW)
    as_superuser("DELETE FROM event_seal WHERE number >= 2")
    for days in (1, 2):
        night(NOW + days * A_DAY)
        assert found()[-1][0] == "trail_broken"


def test_the_alarm_is_in_the_metrics_and_on_the_supervisors_pages(app: Flask) -> None:
    sealed([1, 2, 3])
    ids = event_ids()
    supervisor = signed_in_as(app, "supervisor")
    night()
    page = supervisor.get("/manage/trail").text
    assert seals()[-1].hash.hex() in page
    assert "完好" in page
    assert "留痕被改动" not in page + supervisor.get("/manage").text
    assert "hotline_trail_broken 0.0" in supervisor.get("/metrics").text
    as_superuser(f"DELETE FROM event_log WHERE id = {ids[-1]}")
    night(NOW + A_DAY)
    for path in ("/manage/trail", "/manage"):
        assert "留痕被改动" in supervisor.get(path).text
    assert "记录被删除" in supervisor.get("/manage/trail").text
    assert "hotline_trail_broken 1.0" in supervisor.get("/metrics").text


def test_metrics_count_sealed_and_unsealed_facts(app: Flask) -> None:
    jobs.seal(NOW)
    with transaction() as session:
        facts = len(session.scalars(select(Event.id)).all())
    told = app.test_client().get("/metrics").text
    assert f'hotline_trail_facts{{state="sealed"}} {float(facts)}' in told
    assert 'hotline_trail_facts{state="unsealed"} 0.0' in told


@pytest.mark.parametrize(("who", "status"), [("supervisor", 200), ("manager", 403), ("dispatcher", 403)])
def test_only_who_supervises_sees_the_page(app: Flask, who: str, status: int) -> None:
    assert signed_in_as(app, who).get("/manage/trail").status_code == status


def test_before_the_first_seal_the_page_says_so(app: Flask) -> None:
    page = signed_in_as(app, "supervisor").get("/manage/trail").text
    assert "还没有核验过" in page
