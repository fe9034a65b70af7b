"""Deadlines of a ticket from its start and the calendar. Pure; nothing is ever added to one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from hotline.service_hours import Calendar


@dataclass(frozen=True)
class Limits:
    """Closing days per tier (G01) in calendar or working days (X4); hours to the first reply (G02)."""

    unit: Literal["calendar", "working"]
    days: dict[str, int]
    reply_hours: int


@dataclass(frozen=True)
class Deadline:
    """`limit` and `calendar` answer "why is it due then?"."""

    clock: str
    due_at: datetime
    limit: str
    calendar: str


def closing(start: datetime, tier: str, limits: Limits, calendar: Calendar) -> Deadline:
    days = limits.days[tier]
    if limits.unit == "working":
        due = calendar.after_working_days(start, days)
    else:
        due = calendar.after_calendar_days(start, days)
    return Deadline("closing", due, f"{days} {limits.unit} days", calendar.version_of(start, due))


def reply(start: datetime, limits: Limits) -> Deadline:
    """Wall-clock hours: no reply in three days shows a red light (G02)."""
    due = start + timedelta(hours=limits.reply_hours)
    return Deadline("reply", due, f"{limits.reply_hours} hours", "wall clock")


def light(due_at: datetime, stopped_at: datetime | None, now: datetime) -> str:
    """green, yellow (the last day) or red. On the second it is due it is still in time."""
    moment = stopped_at or now
    if moment > due_at:
        return "red"
    if stopped_at is None and due_at - now <= timedelta(days=1):
        return "yellow"
    return "green"
