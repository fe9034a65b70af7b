"""Lights come from clock and events alone (H01): on the second it is due a clock is still in time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hotline.service_hours import shipped_calendar
from hotline.tickets.acts import Clock
from hotline.tickets.lights import light, yellow_from
from hotline.tickets.profiles import shipped_profile
from hotline.tickets.sla import Limit, deadline

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = shipped_calendar("Asia/Shanghai")
SEED = shipped_profile("seed")
SECOND = timedelta(seconds=1)
TIERS = ("simple", "general", "complex", "difficult")


@dataclass(frozen=True)
class Shown:
    clock: str
    due_at: datetime
    yellow_at: datetime | None = None
    paused_at: datetime | None = None
    stopped_at: datetime | None = None


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def running(clock: str, start: str, tier: str = "simple") -> Shown:
    limit, margin = SEED.limit(clock, tier), SEED.margin(clock, tier)
    assert limit is not None
    due_at = deadline(local(start), limit, CALENDAR).due_at
    return Shown(clock, due_at, yellow_from(due_at, margin, CALENDAR))


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize(
    "start",
    ["2026-03-10T09:00", "2026-09-28T09:00", "2025-09-26T18:00", "2026-01-30T09:00", "2025-12-31T23:59:59"],
)
def test_each_tier_is_in_time_a_second_before_and_late_a_second_after(tier: str, start: str) -> None:
    shown = running(Clock.CLOSING, start, tier)
    assert light(shown, shown.due_at - SECOND) == "yellow"
    assert light(shown, shown.due_at) == "yellow"
    assert light(shown, shown.due_at + SECOND) == "red"
    assert light(shown, shown.due_at - timedelta(hours=24, seconds=1)) == "green"


@pytest.mark.parametrize(
    ("start", "ends"),
    [
        ("2026-09-28T09:00", ("2026-09-29", "2026-10-08", "2026-10-13", "2026-10-19")),  # a holiday week
        ("2026-01-30T09:00", ("2026-02-02", "2026-02-04", "2026-02-14", "2026-02-24")),  # month end, festival
        ("2025-12-31T09:00", ("2026-01-04", "2026-01-05", "2026-01-15", "2026-01-20")),  # year end
    ],
)
def test_the_tiers_end_with_these_days(start: str, ends: tuple[str, ...]) -> None:
    for tier, last in zip(TIERS, ends, strict=True):
        assert running(Clock.CLOSING, start, tier).due_at == local(f"{last}T00:00") + timedelta(days=1)


def test_three_days_of_silence_are_red_and_a_reply_a_minute_earlier_stays_green() -> None:
    start = local("2026-03-10T09:00")
    shown = running(Clock.REPLY, "2026-03-10T09:00")
    assert shown.due_at == start + timedelta(hours=72)
    assert light(shown, shown.due_at) == "yellow"
    assert light(shown, shown.due_at + SECOND) == "red"
    answered_at = start + timedelta(hours=71, minutes=59)
    in_time = Shown(Clock.REPLY, shown.due_at, shown.yellow_at, stopped_at=answered_at)
    assert light(in_time, start + timedelta(days=9)) == "green"
    late = Shown(Clock.REPLY, shown.due_at, shown.yellow_at, stopped_at=shown.due_at + SECOND)
    assert light(late, start + timedelta(days=9)) == "red"


def test_an_order_nobody_claims_warns_its_unit_and_is_never_red() -> None:
    shown = running(Clock.CLAIM, "2026-03-10T09:00")
    assert light(shown, shown.due_at) == "green"
    assert light(shown, shown.due_at + SECOND) == "yellow"
    assert light(shown, shown.due_at + timedelta(days=30)) == "yellow"


def test_a_return_window_that_closes_warns_nobody() -> None:
    shown = running(Clock.RETURN_WINDOW, "2026-03-10T09:00")
    assert light(shown, shown.due_at + timedelta(days=30)) == "green"


def test_a_clock_that_stands_still_keeps_the_light_it_had() -> None:
    shown = running(Clock.CLOSING, "2026-03-10T09:00")
    later = shown.due_at + timedelta(days=30)
    for before, colour in ((timedelta(hours=30), "green"), (timedelta(hours=2), "yellow"), (-SECOND, "red")):
        paused = Shown(Clock.CLOSING, shown.due_at, shown.yellow_at, paused_at=shown.due_at - before)
        assert light(paused, later) == colour


@pytest.mark.parametrize(
    ("due_at", "margin", "yellow_at"),
    [
        ("2026-03-13T17:30", "1 working days", "2026-03-12T17:30"),
        ("2026-03-16T17:30", "1 working days", "2026-03-13T17:30"),  # Monday: the Friday before
        ("2026-02-24T17:30", "1 working days", "2026-02-14T17:30"),  # the Saturday before the festival
        ("2026-03-17T00:00", "1 working days", "2026-03-14T00:00"),  # the end of Monday: the end of Friday
        ("2026-03-16T17:30", "24 hours", "2026-03-15T17:30"),
        ("2026-03-16T17:30", "30 minutes", "2026-03-16T17:00"),
    ],
)
def test_the_warning_comes_so_long_before(due_at: str, margin: str, yellow_at: str) -> None:
    assert yellow_from(local(due_at), Limit.read(margin), CALENDAR) == local(yellow_at)


def test_a_clock_without_a_margin_goes_from_green_to_red() -> None:
    shown = Shown(Clock.EMERGENCY_DISPATCH, local("2026-03-10T09:10"))
    assert light(shown, shown.due_at) == "green"
    assert light(shown, shown.due_at + SECOND) == "red"
