"""When a firm is open, told without a database."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from hotline.organisations.opening import open_from

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERY_DAY, WORKDAYS = range(1, 8), (1, 2, 3, 4, 5)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """March 2026 begins on a Sunday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("opens", "closes", "days", "now", "expected"),
    [
        (None, None, EVERY_DAY, at(2, 3), at(2, 3)),
        (time(8), time(18), EVERY_DAY, at(2, 12), at(2, 12)),
        (time(8), time(18), EVERY_DAY, at(2, 7, 59), at(2, 8)),
        (time(8), time(18), EVERY_DAY, at(2, 8), at(2, 8)),
        (time(8), time(18), EVERY_DAY, at(2, 18), at(3, 8)),
        (time(8), time(18), WORKDAYS, at(6, 19), at(9, 8)),  # Friday evening: Monday
        (time(20), time(6), EVERY_DAY, at(2, 3), at(2, 3)),  # the night of Sunday
        (time(20), time(6), EVERY_DAY, at(2, 6), at(2, 20)),
        (time(20), time(6), (1,), at(3, 5), at(3, 5)),  # Monday's night reaches into Tuesday
        (time(20), time(6), (1,), at(3, 6), at(9, 20)),
        (time(0), time(0), (7,), at(1, 23, 59), at(1, 23, 59)),  # closes when the day is over
        (time(0), time(0), (7,), at(2, 0), at(8, 0)),
    ],
)  # fmt: skip
def test_a_firm_is_open_now_or_from_then_on(
    opens: time | None, closes: time | None, days: range, now: datetime, expected: datetime
) -> None:
    assert open_from(opens, closes, days, now) == expected
