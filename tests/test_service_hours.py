"""Deadlines on the real calendars of 2025 and 2026 (G01, X4, Z41)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hotline.service_hours import CalendarYearMissing, shipped_calendar
from hotline.tickets import sla

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = shipped_calendar("Asia/Shanghai")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def limits(unit: str) -> sla.Limits:
    return sla.Limits(unit, {"simple": 1, "general": 5, "complex": 15, "difficult": 20}, 72)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "tier", "due"),
    [
        ("2026-03-10T09:00", "simple", "2026-03-12T00:00"),  # Tuesday -> the end of Wednesday
        ("2026-03-10T23:59:59", "simple", "2026-03-12T00:00"),  # the hour of the first day does not count
        ("2026-03-13T09:00", "simple", "2026-03-17T00:00"),  # Friday + 1 is Saturday: moves to Monday
        ("2026-02-13T09:00", "simple", "2026-02-15T00:00"),  # Saturday 14 February is worked instead
        ("2026-02-14T09:00", "simple", "2026-02-25T00:00"),  # into the Spring Festival: first day back
        ("2026-01-30T09:00", "simple", "2026-02-03T00:00"),  # month end, over a weekend
        ("2025-12-31T09:00", "simple", "2026-01-05T00:00"),  # year end: Sunday 4 January is worked
        ("2026-09-28T09:00", "general", "2026-10-09T00:00"),  # National Day week
        ("2026-03-10T09:00", "complex", "2026-03-26T00:00"),
        ("2026-03-10T09:00", "difficult", "2026-03-31T00:00"),
    ],
)
def test_calendar_days_leave_out_the_first_day_and_move_off_a_day_off(
    start: str, tier: str, due: str
) -> None:
    assert sla.closing(local(start), tier, limits("calendar"), CALENDAR).due_at == local(due)


@pytest.mark.parametrize(
    ("start", "tier", "due"),
    [
        ("2026-03-10T09:00", "simple", "2026-03-11T17:30"),
        ("2026-03-13T16:59", "general", "2026-03-20T17:30"),
        (
            "2026-02-13T09:00",
            "general",
            "2026-02-27T17:30",
        ),  # Saturday the 14th is worked, then the festival
        ("2025-12-31T09:00", "general", "2026-01-08T17:30"),
        ("2026-09-28T09:00", "general", "2026-10-10T17:30"),  # ends on a make-up Saturday
    ],
)
def test_working_days_end_with_the_office(start: str, tier: str, due: str) -> None:
    assert sla.closing(local(start), tier, limits("working"), CALENDAR).due_at == local(due)


def test_make_up_days_are_worked_and_holidays_are_not() -> None:
    assert CALENDAR.is_working_day(date(2026, 2, 14))
    assert not CALENDAR.is_working_day(date(2026, 2, 17))
    assert not CALENDAR.is_working_day(date(2026, 3, 14))


def test_a_year_nobody_has_entered_is_an_error_that_says_so() -> None:
    with pytest.raises(CalendarYearMissing, match="2039"):
        sla.closing(local("2039-05-05T09:00"), "simple", limits("calendar"), CALENDAR)


def test_three_days_without_a_reply_show_red_and_a_second_earlier_do_not() -> None:
    start = local("2026-03-10T09:00")
    due = sla.reply(start, limits("calendar")).due_at
    assert due == start + timedelta(hours=72)
    assert sla.light(due, None, due) == "yellow"
    assert sla.light(due, None, due + timedelta(seconds=1)) == "red"
    assert sla.light(due, start + timedelta(hours=71, minutes=59), due + timedelta(days=9)) == "green"


def test_the_deadline_says_which_calendar_decided() -> None:
    assert (
        sla.closing(local("2025-12-31T09:00"), "simple", limits("calendar"), CALENDAR).calendar
        == "2025/1 2026/1"
    )
