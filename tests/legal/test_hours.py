"""When people answer 12348, and by when a lawyer must, around weekends, holidays and make-up days."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from hotline.legal.hours import LegalHours
from hotline.service_hours import CalendarYearMissing, shipped_calendar

ZONE = "Asia/Shanghai"
CALENDAR = shipped_calendar(ZONE)
OFFICE = LegalHours(time(9), time(17), True, CALENDAR)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("moment", "answered"),
    [
        ("2026-03-10 09:00", True),  # Tuesday
        ("2026-03-10 16:59", True),
        ("2026-03-10 17:00", False),
        ("2026-03-10 08:59", False),
        ("2026-03-14 10:00", False),  # Saturday
        ("2026-02-14 10:00", True),  # Saturday, worked instead
        ("2026-10-01 10:00", False),  # National Day
    ],
)
def test_people_answer_in_office_hours_of_working_days(moment: str, answered: bool) -> None:
    assert OFFICE.include(at(moment)) is answered


@pytest.mark.parametrize(
    ("left", "due"),
    [
        ("2026-03-10 20:00", "2026-03-11 17:00"),
        ("2026-03-10 03:00", "2026-03-10 17:00"),  # the day that is about to begin
        ("2026-03-13 20:00", "2026-03-16 17:00"),  # over a weekend
        ("2026-09-30 20:00", "2026-10-08 17:00"),  # over a holiday
        ("2026-02-13 20:00", "2026-02-14 17:00"),  # to a Saturday worked instead
    ],
)
def test_a_lawyer_answers_by_the_end_of_the_next_legal_day(left: str, due: str) -> None:
    assert OFFICE.answer_due(at(left)) == at(due)


def test_a_line_may_be_open_every_day_or_day_and_night() -> None:
    daily = LegalHours(time(9), time(17), False, CALENDAR)
    assert daily.include(at("2026-10-01 10:00"))
    assert daily.answer_due(at("2026-03-13 20:00")) == at("2026-03-14 17:00")
    assert LegalHours(time(0), time(0), True, CALENDAR).include(at("2026-10-01 03:00"))


def test_a_year_the_calendar_does_not_have_is_never_guessed() -> None:
    with pytest.raises(CalendarYearMissing):
        OFFICE.include(at("2031-03-10 10:00"))
