"""Limits are data: the seed's, Beijing's, Shandong's, the law's, and a site's own (Z22, Z23, Z30-Z33)."""

from datetime import datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from hotline.catalogue.models import Item
from hotline.db import transaction
from hotline.service_hours import shipped_calendar
from hotline.tickets.acts import ACTS, Clock
from hotline.tickets.lights import yellow_from
from hotline.tickets.profiles import ProfileRefused, limits_of_law, read_profile, shipped_profile
from hotline.tickets.sla import Limit, LimitRefused, deadline

CALENDAR = shipped_calendar("Asia/Shanghai")
ZONE = ZoneInfo("Asia/Shanghai")
TIERS = ("simple", "general", "complex", "difficult")
SEED = files("hotline").joinpath("data", "limits_seed.toml").read_text(encoding="utf-8")


def closing(name: str) -> list[str]:
    return [str(shipped_profile(name).limit(Clock.CLOSING, tier)) for tier in TIERS]


@pytest.mark.parametrize(
    ("name", "limits", "reply"),
    [
        ("seed", ["1 calendar days", "5 calendar days", "15 calendar days", "20 calendar days"], "72 hours"),
        ("beijing", ["24 hours", "7 calendar days", "15 calendar days", "15 calendar days"], "24 hours"),
        ("shandong", ["5 working days"] * 4, "72 hours"),
        ("shandong_province", ["15 working days"] * 4, "72 hours"),
    ],
)
def test_each_profile_has_its_limits(name: str, limits: list[str], reply: str) -> None:
    assert closing(name) == limits
    assert str(shipped_profile(name).limit(Clock.REPLY, "simple")) == reply


def test_shandong_extends_by_ten_days_the_province_by_seven() -> None:
    assert shipped_profile("shandong").most_extension(Clock.CLOSING, "complex") == 10
    assert shipped_profile("shandong_province").most_extension(Clock.CLOSING, "complex") == 7


def test_shandongs_warning_comes_one_working_day_before() -> None:
    """Z23: the yellow card one working day before, the red one from the first second after."""
    shandong = shipped_profile("shandong")
    limit, margin = shandong.limit(Clock.CLOSING, "general"), shandong.margin(Clock.CLOSING, "general")
    assert limit
    start = datetime(2026, 9, 28, 9, tzinfo=ZONE)
    due_at = deadline(start, limit, CALENDAR).due_at
    assert due_at == datetime(2026, 10, 10, 17, 30, tzinfo=ZONE)  # a Saturday that is worked
    assert yellow_from(due_at, margin, CALENDAR) == datetime(2026, 10, 9, 17, 30, tzinfo=ZONE)


def test_a_site_sets_single_limits_otherwise() -> None:
    own = shipped_profile("seed", (("closing.simple", "2 working days"), ("reply", "48 hours")))
    assert str(own.limit(Clock.CLOSING, "simple")) == "2 working days"
    assert str(own.limit(Clock.CLOSING, "general")) == "5 calendar days"
    assert str(own.limit(Clock.REPLY, "simple")) == "48 hours"
    for_all = shipped_profile("seed", (("closing", "3 working days"),))
    assert {str(for_all.limit(Clock.CLOSING, tier)) for tier in TIERS} == {"3 working days"}


def test_a_file_that_would_pause_an_emergency_is_refused() -> None:
    with pytest.raises(ProfileRefused, match="emergency_site"):
        read_profile(SEED.replace('long_term = ["closing",', 'long_term = ["emergency_site",'), {})


def test_what_no_clock_can_do_is_refused_by_name() -> None:
    with pytest.raises(ProfileRefused, match="no such clock: lunch"):
        read_profile(SEED, {"lunch": "2 hours"})
    with pytest.raises(ProfileRefused, match="no such group, channel or tier: utilites"):
        read_profile(SEED, {"closing.utilites": "24 hours"})
    with pytest.raises(LimitRefused, match="a while"):
        read_profile(SEED, {"reply": "a while"})
    with pytest.raises(ProfileRefused, match="appraisal"):
        read_profile(SEED.replace("appraisal =", "ordeal ="), {})


def test_every_wording_of_the_law_in_the_catalogues_is_known(seeded: str) -> None:
    with transaction() as session:
        said = set(session.scalars(select(Item.statutory_limit).where(Item.statutory_limit.is_not(None))))
    assert said == set(limits_of_law())
    assert all(law.starts in ACTS for laws in limits_of_law().values() for law in laws)


def test_an_office_gets_no_deadline_at_night_whatever_the_hour_of_the_week() -> None:
    """A02: of 168 hours, those in which nobody works count as the next office hour."""
    claim = Limit.read("1 working minutes")
    for hour in range(168):
        start = datetime(2026, 9, 28, tzinfo=ZONE) + timedelta(hours=hour)  # into the National Day week
        due_at = deadline(start, claim, CALENDAR).due_at.astimezone(ZONE)
        assert due_at > start
        assert any(opens < due_at <= closes for opens, closes in CALENDAR.office_spans(due_at.date()))
        if hour >= 3 * 24:
            assert due_at == datetime(2026, 10, 8, 8, 31, tzinfo=ZONE)


BEIJING = shipped_profile("beijing")


def due_in_beijing(clock: Clock, item: str, channel: str, tier: str, start: str) -> datetime | None:
    limit = BEIJING.limit(clock, *BEIJING.names(item, channel, tier))
    return deadline(local(start), limit, CALENDAR).due_at if limit else None


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("item", "tier", "start", "due"),
    [
        ("1502", "general", "2026-09-30T17:00", "2026-10-01T17:00"),  # water, on the eve of a holiday
        ("1507", "simple", "2026-02-16T23:30", "2026-02-17T23:30"),  # heating at the Spring Festival
        ("1503", "difficult", "2025-12-31T12:00", "2026-01-01T12:00"),  # power, whatever its tier is
        ("0801", "general", "2026-09-30T17:00", "2026-10-09T00:00"),  # no utility: into the holiday week
        ("0801", "simple", "2026-03-10T09:00", "2026-03-11T09:00"),
    ],
)
def test_in_beijing_water_power_gas_and_heat_take_a_day_at_any_tier(
    item: str, tier: str, start: str, due: str
) -> None:
    assert due_in_beijing(Clock.CLOSING, item, "phone", tier, start) == local(due)


def test_in_beijing_what_comes_by_the_web_is_seen_within_two_hours_and_a_call_was_seen() -> None:
    for start, due in (
        ("2026-03-10T09:00", "2026-03-10T11:00"),
        ("2026-12-31T23:00", "2027-01-01T01:00"),  # also at night, and on a holiday
    ):
        assert due_in_beijing(Clock.INTAKE, "0801", "web", "general", start) == local(due)
        assert due_in_beijing(Clock.INTAKE, "0801", "phone", "general", start) is None
    assert not any(
        shipped_profile(name).limit(Clock.INTAKE, "web") for name in ("seed", "shandong", "shandong_province")
    )
