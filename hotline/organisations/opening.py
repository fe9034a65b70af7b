"""When a firm is open. Pure. Hours and closed days are kept as people write them:
'08:00-12:00 14:00-18:00' and '2026-02-16~2026-02-22 2026-10-01'."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from itertools import pairwise

ONE_DAY = timedelta(days=1)
ROUND_THE_CLOCK = ((time(0), time(0)),)
LONGEST_CLOSURE = timedelta(days=366)
AS_TYPED = str.maketrans(
    {"：": ":", "－": "-", "–": "-", "—": "-", "～": "~", "、": " ", "；": " ", ";": " "}
)

Span = tuple[time, time]


def hours(written: str) -> tuple[Span, ...]:
    """The openings of a day, in order; none written: round the clock. The last may reach into the next day
    (20:00-06:00). Raises ValueError."""
    spans = tuple(_span(one) for one in written.translate(AS_TYPED).split()) or ROUND_THE_CLOCK
    in_order = all(opens < closes <= reopens for (opens, closes), (reopens, _end) in pairwise(spans))
    (first, _closes), (last, ends) = spans[0], spans[-1]
    if not in_order or (ends <= last and ends > first):
        raise ValueError("the openings of a day follow one another without overlapping")
    return spans


def closed_days(written: str) -> frozenset[date]:
    """Single days and ranges, both ends included. Raises ValueError."""
    return frozenset(day for one in written.translate(AS_TYPED).split() for day in _days(one))


def open_from(written_hours: str, days: Collection[int], closed_on: str, local: datetime) -> datetime:
    """`local` while it is open, else when it opens next. An opening that ends no later than it begins reaches
    into the next day, and belongs to the day it begins on. `days` are numbered from Monday, 1."""
    spans, closed = hours(written_hours), closed_days(closed_on)
    for later in range(-1, 7 * (len(closed) + 1) + 1):  # every closed day may put it off by a week
        day = local.date() + later * ONE_DAY
        if day.isoweekday() not in days or day in closed:
            continue
        for opens, closes in spans:
            ends = datetime.combine(day if closes > opens else day + ONE_DAY, closes, local.tzinfo)
            if local < ends:
                return max(local, datetime.combine(day, opens, local.tzinfo))
    raise ValueError(f"no day of the week among {days}")


def _span(written: str) -> Span:
    try:
        ends = written.replace("~", "-").replace("24:00", "00:00").split("-")
        opens, closes = (time.fromisoformat(at.zfill(5)) for at in ends)
    except ValueError:
        raise ValueError(f"{written}: write hours like 08:00-12:00 14:00-18:00") from None
    return opens, closes


def _days(written: str) -> list[date]:
    try:
        first, _sign, last = written.partition("~")
        begins, ends = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        raise ValueError(f"{written}: write days like 2026-10-01 or 2026-02-16~2026-02-22") from None
    if not timedelta(0) <= ends - begins <= LONGEST_CLOSURE:
        raise ValueError(f"{written}: from a day to a later one, at most a year")
    return [begins + number * ONE_DAY for number in range((ends - begins).days + 1)]
