"""Figures of a period, whole or by category or organisation; and the rows behind any of them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from hotline.errors import InvalidInput
from hotline.reports.definitions import BY_NAME, FIGURES, Figure

Dimension = Literal["all", "category", "organisation_id"]
Part = Literal["numerator", "denominator", "excluded"]
PAGE_ROWS = 50


@dataclass(frozen=True)
class Period:
    """Local days, both included; at least one, at most ten years."""

    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InvalidInput("to", "the last day is before the first")
        if self.last - self.first > timedelta(days=3660):
            raise InvalidInput("to", "a report covers at most ten years")

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(0), self.zone)

    @property
    def stop(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), time(0), self.zone)


@dataclass(frozen=True)
class Result:
    """One figure, of the whole (`group` is '') or of one category or organisation."""

    figure: Figure
    group: str
    numerator: int
    denominator: int
    excluded: int

    @property
    def value(self) -> Decimal | None:
        """A count, or a percentage rounded half up to 2 decimals; None when dividing by nothing."""
        if not self.figure.rate:
            return Decimal(self.numerator)
        if self.denominator == 0:
            return None
        exact = Decimal(100 * self.numerator) / Decimal(self.denominator)
        return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def report(
    session: Session, period: Period, now: datetime, *, hotline: str | None = None, by: Dimension = "all"
) -> list[Result]:
    """Every figure; with `by`, one result for each group that has rows (figures of calls have none)."""
    values = _values(period, now, hotline)
    return [result for figure in FIGURES for result in _count(session, figure, by, values)]


def rows(
    session: Session,
    name: str,
    period: Period,
    now: datetime,
    *,
    part: Part,
    hotline: str | None = None,
    by: Dimension = "all",
    group: str = "",
    limit: int = PAGE_ROWS,
    offset: int = 0,
) -> list[tuple[int, datetime]]:
    """(id, time) of the calls or tickets behind one number, newest first."""
    if name not in BY_NAME:
        raise InvalidInput("figure", f"no figure is called {name}")
    figure = BY_NAME[name]
    condition = {
        "numerator": f"NOT ({figure.excluded}) AND ({figure.counted})",
        "denominator": f"NOT ({figure.excluded})",
        "excluded": figure.excluded,
    }[part]
    statement = f"""
        SELECT id, at FROM ({figure.population}) population
        WHERE {condition} AND (cast(:hotline AS text) IS NULL OR hotline = :hotline)
          AND ({_group(by)}) = :group
        ORDER BY at DESC, id DESC LIMIT :limit OFFSET :offset
    """
    values = _values(period, now, hotline) | {"group": group, "limit": limit, "offset": offset}
    return [(row.id, row.at) for row in session.execute(text(statement), values)]


def _count(session: Session, figure: Figure, by: Dimension, values: dict[str, object]) -> list[Result]:
    if by != "all" and figure.rows == "call":
        return []
    statement = f"""
        SELECT {_group(by)} AS grouping,
               count(*) FILTER (WHERE NOT ({figure.excluded}) AND ({figure.counted})) AS numerator,
               count(*) FILTER (WHERE NOT ({figure.excluded})) AS denominator,
               count(*) FILTER (WHERE {figure.excluded}) AS excluded
        FROM ({figure.population}) population
        WHERE (cast(:hotline AS text) IS NULL OR hotline = :hotline)
        {"" if by == "all" else "GROUP BY 1 ORDER BY 1"}
    """
    found = session.execute(text(statement), values)
    return [Result(figure, row.grouping or "", row.numerator, row.denominator, row.excluded) for row in found]


def _group(by: Dimension) -> str:
    return "''" if by == "all" else f"coalesce({by}::text, '')"


def _values(period: Period, now: datetime, hotline: str | None) -> dict[str, object]:
    return {"start": period.start, "stop": period.stop, "now": now, "hotline": hotline}
