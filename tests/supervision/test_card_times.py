"""Shandong: a yellow card a working day before it is due, a red one on the first after (Z23)."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from hotline.service_hours import shipped_calendar
from hotline.supervision.card_times import CardTimes, shipped_card_times

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = shipped_calendar("Asia/Shanghai")
CASES = [
    ("2026-03-13T00:00", "2026-03-10T23:59:59", None),  # due Thursday the 12th
    ("2026-03-13T00:00", "2026-03-11T00:00", "yellow"),
    ("2026-03-13T00:00", "2026-03-13T00:00", "red"),
    ("2026-03-14T00:00", "2026-03-12T09:00", "yellow"),  # due on a Friday
    ("2026-03-14T00:00", "2026-03-14T09:00", None),  # Saturday: late, and no working day
    ("2026-03-14T00:00", "2026-03-15T23:59", None),
    ("2026-03-14T00:00", "2026-03-16T00:00", "red"),  # Monday
    ("2026-10-01T00:00", "2026-09-29T00:00", "yellow"),  # before the national holiday
    ("2026-10-01T00:00", "2026-10-07T12:00", None),
    ("2026-10-01T00:00", "2026-10-08T00:00", "red"),
    ("2026-03-10T10:00", "2026-03-09T00:00", "yellow"),  # due within a day
    ("2026-03-10T10:00", "2026-03-10T10:00:01", None),
    ("2026-03-10T10:00", "2026-03-11T00:00", "red"),
]


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def shandong() -> CardTimes:
    times = shipped_card_times("shandong")
    assert times == CardTimes(yellow_before=1, red_after=1)
    return times


@pytest.mark.parametrize(("due", "now", "card"), CASES)
def test_it_is_time_for_this_card(due: str, now: str, card: str | None) -> None:
    assert shandong().card(local(due), CALENDAR, local(now)) == card


@pytest.mark.parametrize("now", ["2026-03-11T09:00", "2026-03-13T09:00", "2026-09-29T10:00"])
def test_the_horizon_is_the_last_limit_that_gets_a_card_now(now: str) -> None:
    horizon = shandong().horizon(CALENDAR, local(now))
    assert shandong().card(horizon, CALENDAR, local(now)) == "yellow"
    next_noon = datetime.fromtimestamp(horizon.timestamp() + 43200, ZONE)
    assert shandong().card(next_noon, CALENDAR, local(now)) is None


def test_other_profiles_leave_cards_to_people() -> None:
    assert shipped_card_times("seed") is None
    assert shipped_card_times("shandong_province") is not None
