"""No machine rings a citizen at night."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from hotline.surveys.ringing_hours import RingingHours

CITY = ZoneInfo("Asia/Shanghai")
DAY = RingingHours(time(9), time(20), CITY)
NIGHT = RingingHours(time(22), time(6), CITY)
ALWAYS = RingingHours(time(0), time(0), CITY)


def at(hour: int, minute: int = 0, day: int = 5) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=CITY)


@pytest.mark.parametrize(
    ("hours", "hour", "minute", "rings"),
    [
        (DAY, 8, 59, False),
        (DAY, 9, 0, True),
        (DAY, 19, 59, True),
        (DAY, 20, 0, False),
        (NIGHT, 23, 0, True),
        (NIGHT, 5, 59, True),
        (NIGHT, 12, 0, False),
        (ALWAYS, 3, 0, True),
    ],
)
def test_a_telephone_rings_within_the_hours_only(
    hours: RingingHours, hour: int, minute: int, rings: bool
) -> None:
    assert hours.include(at(hour, minute)) is rings
    assert hours.include(at(hour, minute).astimezone(ZoneInfo("UTC"))) is rings, "whatever zone it is told in"


def test_who_may_not_be_rung_now_is_rung_when_the_hours_begin() -> None:
    assert DAY.next_start(at(3)) == at(9)
    assert DAY.next_start(at(21)) == at(9, day=6)
    assert NIGHT.next_start(at(12)) == at(22)
