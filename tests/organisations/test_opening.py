"""When a firm is open, told without a database."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from hotline.organisations.opening import closed_days, hours, open_from

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERY_DAY, WORKDAYS = range(1, 8), (1, 2, 3, 4, 5)
DAY, NIGHT, TWICE = "08:00-18:00", "20:00-06:00", "08:00-12:00 14:00-18:00"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """March 2026 begins on a Sunday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("written", "days", "closed_on", "now", "expected"),
    [
        ("", EVERY_DAY, "", at(2, 3), at(2, 3)),
        (DAY, EVERY_DAY, "", at(2, 12), at(2, 12)),
        (DAY, EVERY_DAY, "", at(2, 7, 59), at(2, 8)),
        (DAY, EVERY_DAY, "", at(2, 8), at(2, 8)),
        (DAY, EVERY_DAY, "", at(2, 18), at(3, 8)),
        (DAY, WORKDAYS, "", at(6, 19), at(9, 8)),  # Friday evening: Monday
        (NIGHT, EVERY_DAY, "", at(2, 3), at(2, 3)),  # the night of Sunday
        (NIGHT, EVERY_DAY, "", at(2, 6), at(2, 20)),
        (NIGHT, (1,), "", at(3, 5), at(3, 5)),  # Monday's night reaches into Tuesday
        (NIGHT, (1,), "", at(3, 6), at(9, 20)),
        ("00:00-24:00", (7,), "", at(1, 23, 59), at(1, 23, 59)),  # closes when the day is over
        ("00:00-24:00", (7,), "", at(2, 0), at(8, 0)),
        ("", (7,), "", at(2, 0), at(8, 0)),
        (TWICE, EVERY_DAY, "", at(2, 12), at(2, 14)),  # lunch
        (TWICE, EVERY_DAY, "", at(2, 17, 59), at(2, 17, 59)),
        (TWICE, EVERY_DAY, "", at(2, 18), at(3, 8)),
        ("8:00-12:00 18:00-02:00", EVERY_DAY, "", at(3, 1), at(3, 1)),
        ("8：00～12：00；14:00－18:00", EVERY_DAY, "", at(2, 13), at(2, 14)),  # as a Chinese keyboard writes
        (DAY, EVERY_DAY, "2026-03-02", at(2, 9), at(3, 8)),
        (DAY, WORKDAYS, "2026-03-05~2026-03-09 2026-03-11", at(4, 19), at(10, 8)),
        (NIGHT, EVERY_DAY, "2026-03-03", at(3, 5), at(3, 5)),  # the night of the day before
        (DAY, (1,), "2026-03-02~2026-03-31", at(2, 9), datetime(2026, 4, 6, 8, tzinfo=SHANGHAI)),
        ("", EVERY_DAY, "2026-03-02", at(2, 9), at(3, 0)),
    ],
)
def test_a_firm_is_open_now_or_from_then_on(
    written: str, days: range, closed_on: str, now: datetime, expected: datetime
) -> None:
    assert open_from(written, days, closed_on, now) == expected


@pytest.mark.parametrize(
    "written",
    [
        "8-18",
        "08:00",
        "08:00-25:00",
        "morning",
        "08:00-12:00 11:00-18:00",
        "14:00-18:00 08:00-12:00",
        "20:00-06:00 08:00-12:00",
        "08:00-12:00 18:00-09:00",  # into the next morning's opening
    ],
)
def test_hours_that_make_no_sense_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"write hours like|without overlapping"):
        hours(written)


@pytest.mark.parametrize(
    "written", ["tomorrow", "2026-02-30", "2026-02-03~2026-02-01", "2026-01-01~2036-01-01"]
)
def test_days_that_make_no_sense_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"write days like|to a later one"):
        closed_days(written)
