"""The working calendar: which days are worked, when the office is open, and a year nobody entered."""

from datetime import UTC, date, datetime

import pytest

from hotline.service_hours import CalendarYearMissing, Year, calendar_of, shipped_calendar

CALENDAR = shipped_calendar("Asia/Shanghai")


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 3, 10), "working"),
        (date(2026, 3, 14), "weekend"),
        (date(2026, 2, 14), "make_up"),  # Saturday before the Spring Festival
        (date(2026, 2, 17), "holiday"),
        (date(2025, 1, 26), "make_up"),  # a Sunday
        (date(2025, 10, 8), "holiday"),
        (date(2025, 10, 11), "make_up"),
        (date(2026, 1, 4), "make_up"),
    ],
)
def test_a_day_is_what_the_state_council_made_it(day: date, kind: str) -> None:
    assert CALENDAR.kind_of(day) == kind
    assert CALENDAR.is_working_day(day) == (kind in ("working", "make_up"))


def test_the_office_is_closed_at_lunch_and_on_days_off() -> None:
    hours = [
        (datetime(2026, 3, 10, 0, 30, tzinfo=UTC), datetime(2026, 3, 10, 4, tzinfo=UTC)),
        (datetime(2026, 3, 10, 6, tzinfo=UTC), datetime(2026, 3, 10, 9, 30, tzinfo=UTC)),
    ]
    assert list(CALENDAR.office_spans(date(2026, 3, 10))) == hours
    assert list(CALENDAR.office_spans(date(2026, 3, 14))) == []
    assert len(list(CALENDAR.office_spans(date(2026, 2, 14)))) == 2


def test_a_year_nobody_has_entered_is_an_error_that_names_the_file() -> None:
    with pytest.raises(CalendarYearMissing, match=r"hotline/data/calendar_2039\.toml"):
        CALENDAR.kind_of(date(2039, 5, 5))


def test_a_year_that_was_replaced_can_still_be_counted_with() -> None:
    monday = date(2026, 3, 16)
    provisional = Year(2026, "provisional", frozenset(), frozenset())
    decreed = Year(2026, "1", frozenset({monday}), frozenset())
    mended = Year(2026, "2", frozenset(), frozenset())
    for years in ([provisional, decreed], [decreed, provisional]):
        calendar = calendar_of(years, "Asia/Shanghai")
        assert calendar.kind_of(monday) == "holiday"
        assert calendar.as_of("2026/provisional").kind_of(monday) == "working"
    calendar = calendar_of([mended, decreed], "Asia/Shanghai")
    assert calendar.version_of(monday, monday) == "2026/2"
    assert calendar.as_of("2026/1").kind_of(monday) == "holiday"
    with pytest.raises(CalendarYearMissing, match=r"calendar_2026_provisional\.toml"):
        calendar.as_of("2026/provisional")
