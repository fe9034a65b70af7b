"""Targets of units for a year (H11): read from TOML ([[target]] tables), CSV or XLSX, held against reports.

Fields: year, organisation (its code), figure (on_time_rate or satisfied_rate), percent.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session, contains_eager

from hotline import rows as table
from hotline.config import settings
from hotline.event_log import record
from hotline.events import TargetsLoaded
from hotline.organisations.models import Organisation
from hotline.reports.queries import Period, Result, report
from hotline.rows import RowsRefused
from hotline.supervision import queries
from hotline.supervision.models import FIGURES, Target


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    year: Annotated[int, Field(ge=2000, le=2100)]
    organisation: str
    figure: Literal["on_time_rate", "satisfied_rate"]
    percent: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]


@dataclass(frozen=True)
class Held:
    """A unit's promises of a year against what is true so far, by figure; None: nothing to count yet. Vetoed,
    it has met none (H06)."""

    unit: Organisation
    targets: dict[str, Decimal]
    actual: dict[str, Decimal | None]
    vetoed: bool = False

    def met(self, figure: str) -> bool | None:
        actual = self.actual.get(figure)
        if self.vetoed and figure in self.targets:
            return False
        return None if actual is None or figure not in self.targets else actual >= self.targets[figure]


def load(session: Session, path: Path, now: datetime) -> int:
    """A file is the whole truth about the years it names. Raises RowsRefused naming every fault by row."""
    codes = {code: id_ for id_, code in session.execute(select(Organisation.id, Organisation.code))}
    rows = _read(path, codes)
    years = sorted({row.year for row in rows})
    session.execute(delete(Target).where(Target.year.in_(years)))
    session.add_all(
        Target(
            year=row.year,
            organisation_id=codes[row.organisation],
            figure=row.figure,
            percent=row.percent,
        )
        for row in rows
    )
    record(session, TargetsLoaded(years=years, targets=len(rows)), actor="system:supervision", at=now)
    return len(rows)


def promising(year: int) -> Select[Organisation]:
    """The units that promised something for the year, in the order of their codes."""
    promised = select(Target.organisation_id).where(Target.year == year)
    return select(Organisation).where(Organisation.id.in_(promised)).order_by(Organisation.code)


def held(session: Session, year: int, now: datetime, shown: Sequence[Organisation]) -> list[Held]:
    """What those of these units promised that promised anything, in the order of their codes."""
    units: dict[int, Held] = {}
    vetoed = queries.vetoed(session, year)
    theirs = (Target.year == year) & Target.organisation_id.in_([unit.id for unit in shown])
    asked = (
        select(Target).join(Target.organisation).where(theirs).options(contains_eager(Target.organisation))
    )
    for target in session.scalars(asked.order_by(Organisation.code, Target.figure)):
        unit = units.setdefault(
            target.organisation_id,
            Held(target.organisation, {}, {}, vetoed=target.organisation_id in vetoed),
        )
        unit.targets[target.figure] = target.percent
    for result in _actual(session, year, now, units) if units else []:
        units[int(result.group)].actual[result.figure.name] = result.value
    return list(units.values())


def _actual(session: Session, year: int, now: datetime, units: Collection[int]) -> list[Result]:
    period = _this_year(year, now)
    return report(session, period, now, by="organisation_id", names=FIGURES, units=units)


def _this_year(year: int, now: datetime) -> Period:
    """The year until today."""
    zone = settings().site.zone
    first, today = date(year, 1, 1), now.astimezone(zone).date()
    return Period(first, max(first, min(today, date(year, 12, 31))), zone)


def _read(path: Path, codes: Mapping[str, int]) -> list[Row]:
    rows, problems = table.read(path, Row, "target")
    seen: dict[tuple[int, str, str], int] = {}
    for number, row in rows:
        first = seen.setdefault((row.year, row.organisation, row.figure), number)
        if row.organisation not in codes:
            problems.append(f"row {number}: organisation: there is no organisation {row.organisation!r:.30}")
        elif first != number:
            problems.append(f"row {number}: the same target stands in row {first} already")
    if problems:
        raise RowsRefused(path.name, problems)
    return [row for _number, row in rows]
