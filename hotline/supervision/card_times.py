"""When the profile of limits has a yellow card come before the limit and a red one after (Z23). Pure."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files

from hotline.service_hours import ONE_DAY, Calendar
from hotline.supervision.rules import PaperKind


@dataclass(frozen=True)
class CardTimes:
    """Working days before and after the day it is due."""

    yellow_before: int
    red_after: int

    def card(self, due_at: datetime, calendar: Calendar, now: datetime) -> PaperKind | None:
        """Which card it is time for. Raises CalendarYearMissing."""
        due = calendar.day_of(due_at - timedelta(microseconds=1))
        if now >= _morning(_later(due, self.red_after, calendar), calendar):
            return PaperKind.RED
        first = _earlier(due, self.yellow_before, calendar)
        return PaperKind.YELLOW if _morning(first, calendar) <= now <= due_at else None

    def horizon(self, calendar: Calendar, now: datetime) -> datetime:
        """No ticket due later than this is given a card now."""
        today = due = calendar.day_of(now)
        while _earlier(due + ONE_DAY, self.yellow_before, calendar) <= today:
            due += ONE_DAY
        return calendar.midnight_after(due)


@cache
def shipped_card_times(profile: str) -> CardTimes | None:
    """None: this profile leaves cards to people alone."""
    text = files("hotline").joinpath("data", f"limits_{profile}.toml").read_text(encoding="utf-8")
    said = tomllib.loads(text).get("cards")
    return CardTimes(**said) if said else None


def _morning(day: date, calendar: Calendar) -> datetime:
    return datetime.combine(day, time(0), calendar.zone)


def _later(day: date, count: int, calendar: Calendar) -> date:
    return _walk(day, count, ONE_DAY, calendar)


def _earlier(day: date, count: int, calendar: Calendar) -> date:
    return _walk(day, count, -ONE_DAY, calendar)


def _walk(day: date, count: int, step: timedelta, calendar: Calendar) -> date:
    """So many working days on."""
    while count:
        day += step
        count -= calendar.is_working_day(day)
    return day
