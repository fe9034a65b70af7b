"""When a firm is open. Pure."""

from collections.abc import Collection
from datetime import datetime, time, timedelta

ONE_DAY = timedelta(days=1)


def open_from(opens: time | None, closes: time | None, days: Collection[int], local: datetime) -> datetime:
    """`local` while it is open, else when it opens next. Open round the clock without hours or days; hours
    that close no later than they open reach into the next day. `days` are numbered from Monday, 1."""
    if opens is None or closes is None or not days:
        return local
    for later in range(-1, 8):
        day = local.date() + later * ONE_DAY
        starts = datetime.combine(day, opens, local.tzinfo)
        ends = datetime.combine(day if closes > opens else day + ONE_DAY, closes, local.tzinfo)
        if day.isoweekday() in days and local < ends:
            return max(local, starts)
    raise ValueError(f"no day of the week among {days}")
