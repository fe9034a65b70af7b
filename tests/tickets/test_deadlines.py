"""When a clock is due: dated cases reasoned by hand from the published calendars (G01, X4, Z30-Z33, Z41)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.service_hours import Calendar, CalendarYearMissing, Year, shipped_calendar
from hotline.tickets.sla import Limit, LimitRefused, Pause, Unit, deadline

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = shipped_calendar("Asia/Shanghai")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def due(start: str, limit: str, *pauses: tuple[str, str], extension: int = 0) -> datetime:
    stood = [Pause(local(since), local(until), "appraisal") for since, until in pauses]
    return deadline(local(start), Limit.read(limit), CALENDAR, stood, extension).due_at


STRAIGHT = [
    # calendar days: the first is not counted, a last day off moves on, it ends at 24:00
    ("2026-03-10T09:00", "1 calendar days", "2026-03-12T00:00"),  # Tuesday: all of Wednesday
    ("2026-03-10T00:00", "1 calendar days", "2026-03-12T00:00"),  # from the first second of a day
    ("2026-03-10T23:59:59", "1 calendar days", "2026-03-12T00:00"),  # or its last
    ("2026-03-13T09:00", "1 calendar days", "2026-03-17T00:00"),  # Saturday moves to Monday
    ("2026-02-13T09:00", "1 calendar days", "2026-02-15T00:00"),  # Saturday 14 February is worked
    ("2026-02-14T09:00", "1 calendar days", "2026-02-25T00:00"),  # into the Spring Festival: first day back
    ("2026-01-30T09:00", "1 calendar days", "2026-02-03T00:00"),  # month end, over a weekend
    ("2025-12-31T09:00", "1 calendar days", "2026-01-05T00:00"),  # year end: Sunday 4 January is worked
    ("2026-09-28T09:00", "5 calendar days", "2026-10-09T00:00"),  # into the National Day week of 2026
    ("2026-03-10T09:00", "15 calendar days", "2026-03-26T00:00"),
    ("2026-03-10T09:00", "20 calendar days", "2026-03-31T00:00"),
    ("2025-09-26T09:00", "5 calendar days", "2025-10-10T00:00"),  # 1 October 2025: Thursday the 9th is worked
    ("2025-09-25T09:00", "5 calendar days", "2025-10-01T00:00"),  # the eve of the holiday
    ("2025-09-27T09:00", "1 calendar days", "2025-09-29T00:00"),  # Sunday 28 September is worked
    ("2025-10-10T09:00", "1 calendar days", "2025-10-12T00:00"),  # Saturday 11 October is worked
    ("2025-10-11T09:00", "1 calendar days", "2025-10-14T00:00"),  # the Sunday after is not
    ("2025-01-25T09:00", "1 calendar days", "2025-01-27T00:00"),  # Sunday 26 January is worked
    ("2025-01-27T09:00", "1 calendar days", "2025-02-06T00:00"),  # the eve of the festival's eve
    ("2025-02-07T09:00", "1 calendar days", "2025-02-09T00:00"),  # Saturday 8 February is worked
    ("2026-02-01T09:00", "20 calendar days", "2026-02-25T00:00"),  # Saturday 21 in the festival
    ("2026-02-08T09:00", "20 calendar days", "2026-03-01T00:00"),  # Saturday 28 February is worked
    ("2026-04-03T09:00", "1 calendar days", "2026-04-08T00:00"),  # Qingming
    ("2026-06-18T09:00", "1 calendar days", "2026-06-23T00:00"),  # Dragon Boat Friday
    ("2026-09-19T09:00", "1 calendar days", "2026-09-21T00:00"),  # Sunday 20 September is worked
    ("2026-09-24T09:00", "1 calendar days", "2026-09-29T00:00"),  # Mid-Autumn Friday
    ("2026-04-26T09:00", "5 calendar days", "2026-05-07T00:00"),  # 1 May: back on Wednesday the 6th
    ("2026-05-08T09:00", "1 calendar days", "2026-05-10T00:00"),  # Saturday 9 May is worked
    ("2024-02-28T09:00", "1 calendar days", "2024-03-01T00:00"),  # leap day
    ("2025-12-16T09:00", "15 calendar days", "2026-01-01T00:00"),  # the last second of a year
    ("2025-12-17T09:00", "15 calendar days", "2026-01-05T00:00"),
    ("2026-03-02T09:00", "60 calendar days", "2026-05-07T00:00"),  # a petition, 60 days on is 1 May
    # working days: the end of office hours; the first is not counted
    ("2026-03-10T09:00", "1 working days", "2026-03-11T17:30"),
    ("2026-03-10T20:00", "1 working days", "2026-03-11T17:30"),
    ("2026-03-13T16:59", "5 working days", "2026-03-20T17:30"),
    ("2026-02-13T09:00", "5 working days", "2026-02-27T17:30"),  # Saturday the 14th, then the festival
    ("2026-02-13T09:00", "6 working days", "2026-02-28T17:30"),  # ends on a Saturday that is worked
    ("2025-12-31T09:00", "5 working days", "2026-01-08T17:30"),
    ("2026-09-28T09:00", "5 working days", "2026-10-10T17:30"),
    ("2025-09-26T09:00", "5 working days", "2025-10-10T17:30"),  # from Sunday the 28th on
    ("2025-09-26T09:00", "6 working days", "2025-10-11T17:30"),
    ("2026-03-14T10:00", "1 working days", "2026-03-16T17:30"),  # registered on a Saturday
    ("2025-01-24T09:00", "3 working days", "2025-02-05T17:30"),
    ("2026-04-30T09:00", "1 working days", "2026-05-06T17:30"),
    ("2026-04-30T09:00", "4 working days", "2026-05-09T17:30"),
    ("2026-09-21T09:00", "7 working days", "2026-10-08T17:30"),  # whether a consumer's complaint is accepted
    # the same day: at night and on days off, the next office day (A02, G03)
    ("2026-03-10T10:00", "0 working days", "2026-03-10T17:30"),
    ("2026-03-10T17:30", "0 working days", "2026-03-11T17:30"),
    ("2026-03-10T23:00", "0 working days", "2026-03-11T17:30"),
    ("2026-02-14T09:00", "0 working days", "2026-02-14T17:30"),  # a Saturday that is worked
    ("2026-02-15T09:00", "0 working days", "2026-02-24T17:30"),
    # office time: 8:30 to 12, 14 to 17:30
    ("2026-03-10T11:00", "4 working hours", "2026-03-10T17:00"),  # lunch does not count
    ("2026-03-10T12:00", "1 working hours", "2026-03-10T15:00"),
    ("2026-03-10T12:30", "90 working minutes", "2026-03-10T15:30"),
    ("2026-03-10T11:30", "30 working minutes", "2026-03-10T12:00"),  # due as lunch begins, not as it ends
    ("2026-03-10T17:00", "4 working hours", "2026-03-11T12:00"),
    ("2026-03-10T03:00", "4 working hours", "2026-03-10T14:30"),  # a night's ticket waits for the office
    ("2026-03-13T17:00", "1 working hours", "2026-03-16T09:00"),  # over a weekend
    ("2026-02-14T17:00", "1 working hours", "2026-02-24T09:00"),  # over the Spring Festival
    ("2025-10-11T16:00", "2 working hours", "2025-10-13T09:00"),  # from a Saturday that is worked
    ("2025-12-31T17:00", "2 working hours", "2026-01-04T10:00"),  # into a Sunday that is worked
    ("2026-03-10T08:30", "7 working hours", "2026-03-10T17:30"),
    ("2026-03-10T08:30", "8 working hours", "2026-03-11T09:30"),
    # the wall clock runs day and night
    ("2026-03-10T20:00", "90 minutes", "2026-03-10T21:30"),
    ("2025-12-31T23:55", "10 minutes", "2026-01-01T00:05"),
    ("2026-02-17T09:00", "72 hours", "2026-02-20T09:00"),  # also in the Spring Festival
    ("2026-03-10T23:59:59", "2 hours", "2026-03-11T01:59:59"),
    # months end on the day with the same number, or on the month's last (民法典 202)
    ("2026-01-31T09:00", "1 months", "2026-03-01T00:00"),  # 28 February, a Saturday that is worked
    ("2025-01-31T09:00", "1 months", "2025-03-01T00:00"),
    ("2024-01-31T09:00", "1 months", "2024-03-01T00:00"),  # 29 February
    ("2026-01-15T09:00", "1 months", "2026-02-25T00:00"),  # 15 February is in the festival
    ("2025-12-05T09:00", "1 months", "2026-01-06T00:00"),
]

PAUSED = [
    # by the second
    ("2026-03-10T09:00", "72 hours", [("2026-03-11T09:00", "2026-03-12T15:00")], "2026-03-14T15:00"),
    ("2026-03-10T09:00", "10 minutes", [("2026-03-10T09:05", "2026-03-10T09:07")], "2026-03-10T09:12"),
    # two at once stop the clock once
    (
        "2026-03-10T09:00",
        "72 hours",
        [("2026-03-11T09:00", "2026-03-11T21:00"), ("2026-03-11T15:00", "2026-03-12T09:00")],
        "2026-03-14T09:00",
    ),
    # by midnights: the two of Tuesday and Wednesday; the days off at the end take them up
    ("2026-03-09T09:00", "5 calendar days", [("2026-03-10T10:00", "2026-03-12T10:00")], "2026-03-17T00:00"),
    ("2026-03-10T09:00", "1 calendar days", [("2026-03-11T08:00", "2026-03-13T08:00")], "2026-03-14T00:00"),
    ("2026-03-10T09:00", "1 calendar days", [("2026-03-11T08:00", "2026-03-11T20:00")], "2026-03-12T00:00"),
    ("2026-03-10T09:00", "1 calendar days", [("2026-03-10T10:00", "2026-03-12T10:00")], "2026-03-14T00:00"),
    # across the National Day week, from its eve to the first day back
    ("2026-09-28T09:00", "5 calendar days", [("2026-09-30T10:00", "2026-10-08T10:00")], "2026-10-13T00:00"),
    ("2026-09-28T09:00", "5 working days", [("2026-09-30T10:00", "2026-10-08T10:00")], "2026-10-12T17:30"),
    ("2026-09-28T09:00", "5 working days", [("2026-10-01T09:00", "2026-10-07T20:00")], "2026-10-10T17:30"),
    # out of office hours a pause costs no working day, at lunch no working hour
    ("2026-03-10T09:00", "1 working days", [("2026-03-10T18:00", "2026-03-11T08:00")], "2026-03-11T17:30"),
    ("2026-03-10T09:00", "4 working hours", [("2026-03-10T12:00", "2026-03-10T14:00")], "2026-03-10T15:00"),
    ("2026-03-10T09:00", "4 working hours", [("2026-03-10T10:00", "2026-03-10T15:00")], "2026-03-11T09:00"),
    # while the last day moves on from a weekend
    ("2026-03-13T09:00", "1 calendar days", [("2026-03-15T10:00", "2026-03-18T10:00")], "2026-03-19T00:00"),
    # across the end of the year, with its Sunday that is worked
    ("2025-12-30T09:00", "5 working days", [("2025-12-31T18:00", "2026-01-04T18:00")], "2026-01-08T17:30"),
    # too late to change anything
    ("2026-03-10T09:00", "1 calendar days", [("2026-03-12T00:00", "2026-03-20T00:00")], "2026-03-12T00:00"),
    ("2026-03-10T09:00", "2 hours", [("2026-03-10T11:00", "2026-03-10T15:00")], "2026-03-10T11:00"),
]

EXTENDED = [
    ("2026-03-10T09:00", "5 calendar days", 5, "2026-03-21T00:00"),
    (
        "2026-03-13T09:00",
        "1 calendar days",
        1,
        "2026-03-17T00:00",
    ),  # Sunday, not Saturday: Monday still
    ("2026-02-13T09:00", "5 working days", 10, "2026-03-12T17:30"),  # Shandong's cities (Z23)
    ("2025-09-15T09:00", "15 working days", 7, "2025-10-21T17:30"),  # the province's line
]


@pytest.mark.parametrize(("start", "limit", "ends"), STRAIGHT)
def test_a_clock_that_runs_through_is_due_then(start: str, limit: str, ends: str) -> None:
    assert due(start, limit) == local(ends)


@pytest.mark.parametrize(("start", "limit", "pauses", "ends"), PAUSED)
def test_a_clock_that_stood_still_is_due_then(
    start: str, limit: str, pauses: list[tuple[str, str]], ends: str
) -> None:
    assert due(start, limit, *pauses) == local(ends)


@pytest.mark.parametrize(("start", "limit", "more", "ends"), EXTENDED)
def test_an_extension_counts_with_the_limit(start: str, limit: str, more: int, ends: str) -> None:
    assert due(start, limit, extension=more) == local(ends)


def test_each_case_is_a_case_of_its_own() -> None:
    cases = [str(case[:-1]) for case in (*STRAIGHT, *PAUSED, *EXTENDED)]
    assert len(set(cases)) == len(cases)
    assert len(cases) >= 60


def test_a_deadline_says_how_it_was_counted() -> None:
    found = deadline(local("2026-09-28T09:00"), Limit.read("5 working days"), CALENDAR)
    assert [(step.verdict, step.first.day, step.last.day, step.amount) for step in found.steps] == [
        ("first_day", 28, 28, 1),
        ("counted", 29, 30, 2),
        ("holiday", 1, 2, 2),
        ("weekend", 3, 4, 2),
        ("holiday", 5, 7, 3),
        ("counted", 8, 9, 2),
        ("make_up", 10, 10, 1),
    ]
    assert found.calendar == "2026/1"
    over_new_year = deadline(local("2025-12-31T09:00"), Limit.read("1 calendar days"), CALENDAR)
    assert over_new_year.calendar == "2025/1 2026/1"
    assert deadline(local("2026-03-10T09:00"), Limit.read("72 hours"), CALENDAR).calendar == "wall clock"


def test_a_year_nobody_has_entered_refuses_to_guess() -> None:
    with pytest.raises(CalendarYearMissing, match="2039"):
        due("2039-05-05T09:00", "1 calendar days")


@pytest.mark.parametrize("text", ["", "5", "days", "5 fortnights", "five working days", "1.5 hours"])
def test_what_is_no_limit_is_refused_with_the_units_there_are(text: str) -> None:
    with pytest.raises(LimitRefused, match="working hours"):
        Limit.read(text)


# --- properties ------------------------------------------------------------------------------------------


def always_open(zone: str) -> Calendar:
    """Every day is worked from 0:00 to 24:00."""
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(5 * 365)]
    weekends = frozenset(day for day in days if day.weekday() >= 5)
    years = {n: Year(n, "1", frozenset(), weekends) for n in range(2025, 2029)}
    return Calendar(ZoneInfo(zone), ((time(0), time(0)),), years)


FIRST = datetime(2025, 1, 2, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=720)).map(lambda after: FIRST + after)
SPANS = st.lists(st.tuples(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=9))), max_size=4)


@settings(max_examples=300, deadline=None)
@given(
    start=MOMENTS,
    minutes=st.integers(1, 60 * 24 * 40),
    spans=SPANS,
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]),
)
def test_an_office_that_never_closes_is_the_wall_clock(
    start: datetime, minutes: int, spans: list[tuple[datetime, timedelta]], zone: str
) -> None:
    calendar = always_open(zone)
    stood = [Pause(since, since + length, "appraisal") for since, length in spans if since >= start]
    wall = deadline(start, Limit(minutes, Unit.MINUTES), calendar, stood)
    office = deadline(start, Limit(minutes, Unit.WORKING_MINUTES), calendar, stood)
    assert office.due_at == wall.due_at


@settings(max_examples=200, deadline=None)
@given(
    start=MOMENTS,
    limit=st.builds(Limit, st.integers(0, 30), st.sampled_from(list(Unit)[:6])),
    spans=SPANS,
    more=st.integers(1, 9),
)
def test_a_pause_or_an_extension_never_brings_a_deadline_forward(
    start: datetime, limit: Limit, spans: list[tuple[datetime, timedelta]], more: int
) -> None:
    stood = [Pause(since, since + length, "appraisal") for since, length in spans if since >= start]
    plain = deadline(start, limit, CALENDAR).due_at
    assert plain >= start
    assert deadline(start, limit, CALENDAR, stood).due_at >= plain
    assert (
        deadline(start, limit, CALENDAR, stood, more).due_at >= deadline(start, limit, CALENDAR, stood).due_at
    )
