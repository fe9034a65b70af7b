"""Time is asked once, at the door, and passed on. Stored time is aware UTC."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    return datetime.now(UTC)


def to_local(moment: datetime, zone: str) -> datetime:
    """The same instant on the site's wall clock, e.g. zone 'Asia/Shanghai'."""
    return moment.astimezone(ZoneInfo(zone))
