"""Figures of a period, whole or by category or organisation; and the rows behind any of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from hotline.errors import InvalidInput
from hotline.reports.definitions import BY_NAME, FIGURES
from hotline.reports.figure import Figure

Dimension = Literal["all", "category", "organisation_id"]
Part = Literal["numerator", "denominator", "excluded"]
PAGE_ROWS = 50
YEARS = range(2000, 2101)
LONGEST = timedelta(days=3660)


@dataclass(frozen=True)
class Period:
    """Local days, both included; at least one, at most ten years. Raises InvalidInput."""

    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if not {self.first.year, self.last.year} <= set(YEARS):
            raise InvalidInput("from", f"days lie between {YEARS[0]} and {YEARS[-1]}")
        if self.last < self.first:
            raise InvalidInput("to", "the last day is before the first")
        if self.last - self.first > LONGEST:
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
    session: Session,
    period: Period,
    now: datetime,
    *,
    hotline: str | None = None,
    by: Dimension = "all",
    names: Collection[str] = (),
    units: Collection[int] = (),
) -> list[Result]:
    """Every figure, or those with these names; with `by`, one result for each group that has rows (figures of
    calls have none). `units` leaves out the tickets of all other organisations.

    One statement sees one moment, so the figures of a report agree with each other while calls go on.
    """
    figures = [figure for figure in FIGURES if by == "all" or figure.rows == "ticket"]
    figures = [figure for figure in figures if not names or figure.name in names]
    theirs = "AND organisation_id = ANY(:units)" if units else ""
    counts = " UNION ALL ".join(_counts(number, figure, by, theirs) for number, figure in enumerate(figures))
    values = _values(period, now, hotline) | {"units": list(units)}
    found = session.execute(text(f"{counts} ORDER BY 1, 2"), values)
    return [
        Result(figures[row.number], row.grouping, row.numerator, row.denominator, row.excluded)
        for row in found
    ]


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
    statement = f"""
        SELECT id, at FROM ({figure.population.sql}) population
        WHERE {_condition(figure, part)} AND {_OF_HOTLINE} AND {_group(by)} = :group
        ORDER BY at DESC, id DESC LIMIT :limit OFFSET :offset
    """
    values = _values(period, now, hotline) | {"group": group, "limit": limit, "offset": offset}
    return [(row.id, row.at) for row in session.execute(text(statement), values)]


_OF_HOTLINE = "(cast(:hotline AS text) IS NULL OR hotline = :hotline)"


def _counts(number: int, figure: Figure, by: Dimension, theirs: str) -> str:
    """One row of the whole, also when there is nothing to count; or one for each group."""
    return f"""
        SELECT {number} AS number, {_group(by)} AS grouping,
               count(*) FILTER (WHERE {_condition(figure, "numerator")}) AS numerator,
               count(*) FILTER (WHERE {_condition(figure, "denominator")}) AS denominator,
               count(*) FILTER (WHERE {_condition(figure, "excluded")}) AS excluded
        FROM ({figure.population.sql}) population
        WHERE {_OF_HOTLINE} {theirs} {"" if by == "all" else "GROUP BY 2"}
    """


def _condition(figure: Figure, part: Part) -> str:
    counted_in = f"NOT ({figure.excluded})"
    return {
        "numerator": f"{counted_in} AND ({figure.counted})",
        "denominator": counted_in,
        "excluded": f"({figure.excluded})",
    }[part]


def _group(by: Dimension) -> str:
    """Text, and empty for what has no group: a call, or a ticket that no organisation has yet."""
    return "''::text" if by == "all" else f"coalesce({by}::text, '')"


def _values(period: Period, now: datetime, hotline: str | None) -> dict[str, object]:
    return {"start": period.start, "stop": period.stop, "now": now, "hotline": hotline}
