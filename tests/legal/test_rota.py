"""Two hundred lawyers, and each question comes to one who is there and knows the matter (M05)."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hotline.db import transaction
from hotline.errors import InvalidInput, NotFound
from hotline.legal import duty, service
from hotline.legal.rota import OnRota, whose
from hotline.staff.models import Staff
from tests.legal.people import NIGHT, another_lawyer, lawyer, message, now_as_kept

MORNING = datetime(2026, 3, 11, 2, tzinfo=UTC)  # Wednesday 10:00 in Shanghai
LOCAL = MORNING.astimezone(ZoneInfo("Asia/Shanghai"))
EVERY_DAY = frozenset(range(7))


def on_rota(staff_id: int, **changes: Any) -> OnRota:
    return OnRota(
        **{"staff_id": staff_id, "weekdays": EVERY_DAY, "begins": time(9), "ends": time(17)} | changes
    )


@pytest.mark.parametrize(
    ("rota", "chosen"),
    [
        ([on_rota(1, load=2), on_rota(2, load=1)], 2),
        ([on_rota(1), on_rota(2, categories=frozenset({"L02"}), load=9)], 2),
        ([on_rota(1, categories=frozenset({"L01"}))], None),
        ([on_rota(1, weekdays=frozenset({3}))], None),
        ([on_rota(1, begins=time(10, 1))], None),
        ([on_rota(1, ends=time(10))], None),
        ([on_rota(3)], None),
        ([], None),
    ],
    ids=[
        "least-busy",
        "who-knows-it",
        "others-matter",
        "another-day",
        "not-yet",
        "gone-home",
        "let-it-go",
        "nobody",
    ],
)
def test_the_lawyer_on_duty_who_knows_the_matter_and_is_least_busy(
    rota: list[OnRota], chosen: int | None
) -> None:
    assert whose(rota, "L02", LOCAL, let_go_by=3) == chosen


def joins(name: str) -> int:
    with transaction() as session:
        new = Staff(username=name, name=name, password_hash="none", role="lawyer")
        session.add(new)
        session.flush()
        return new.id


def on_duty(staff_id: int, *categories: str, weekdays: frozenset[int] = EVERY_DAY) -> None:
    with transaction() as session:
        duty.set_duty(
            session,
            staff_id,
            weekdays=[*weekdays],
            begins=time(9),
            ends=time(17),
            categories=categories,
            actor="staff:7",
            now=NIGHT,
        )


def given_out(now: datetime = MORNING) -> int:
    with transaction() as session:
        return duty.give_out(session, now - timedelta(minutes=10), now)


def test_a_question_left_at_night_goes_to_who_is_on_duty_in_the_morning_and_on_to_the_next(
    seeded: str,
) -> None:
    first, second = lawyer(), joins("second")
    task = message()
    assert given_out() == 0, "nobody is on the rota: whoever wishes claims it"
    on_duty(first)
    assert given_out(NIGHT + timedelta(minutes=11)) == 0, "not at night"
    assert given_out() == 1
    kept = now_as_kept(task.id)
    assert (kept.state, kept.staff_id) == ("claimed", first)
    on_duty(second)
    with transaction() as session:
        assert service.release_stale(session, MORNING + timedelta(seconds=1), MORNING) == 1
    assert given_out() == 1
    assert now_as_kept(task.id).staff_id == second, "who held it too long does not get it again"
    with transaction() as session:
        service.give_back(session, task.id, staff_id=second, now=MORNING)
    on_duty(first, weekdays=frozenset())
    assert given_out() == 0
    assert now_as_kept(task.id).state == "open"


def test_only_a_lawyer_is_put_on_the_rota_and_a_duty_ends_after_it_begins(seeded: str) -> None:
    with pytest.raises(NotFound):
        on_duty(another_lawyer())
    with pytest.raises(InvalidInput), transaction() as session:
        duty.set_duty(
            session,
            lawyer(),
            weekdays=[0],
            begins=time(22),
            ends=time(6),
            categories=[],
            actor="staff:7",
            now=NIGHT,
        )
