"""Targets of units for a year (H11): read from TOML ([[target]] tables) or CSV, held against the reports.

Fields: year, organisation (its code), figure (on_time_rate or satisfied_rate), percent.
"""

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hotline.config import settings
from hotline.errors import HotlineError
from hotline.event_log import record
from hotline.events import TargetsLoaded
from hotline.organisations.models import Organisation
from hotline.reports.queries import Period, Result, report
from hotline.supervision.models import FIGURES, Target

FIELDS = {"year", "organisation", "figure", "percent"}


class TargetsRefused(HotlineError):
    """A file of targets is wrong; `problems` has one line for each fault. Nothing of it is kept."""

    code = "targets_refused"

    def __init__(self, source: str, problems: list[str]) -> None:
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))
        self.problems = problems


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    year: Annotated[int, Field(ge=2000, le=2100)]
    organisation: str
    figure: Literal["on_time_rate", "satisfied_rate"]
    percent: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]


@dataclass(frozen=True)
class Held:
    """A unit's promises of a year against what is true so far, by figure; None: nothing to count yet."""

    unit: Organisation
    targets: dict[str, Decimal]
    actual: dict[str, Decimal | None]

    def met(self, figure: str) -> bool | None:
        actual = self.actual.get(figure)
        return None if actual is None or figure not in self.targets else actual >= self.targets[figure]


def load(session: Session, path: Path, now: datetime) -> int:
    """A file is the whole truth about the years it names. Raises TargetsRefused naming every fault by row."""
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


def held(session: Session, year: int, now: datetime) -> list[Held]:
    """Every unit that promised something for the year, in the order of its code."""
    units: dict[int, Held] = {}
    asked = select(Target).join(Organisation).where(Target.year == year)
    for target in session.scalars(asked.order_by(Organisation.code, Target.figure)):
        unit = units.setdefault(target.organisation_id, Held(target.organisation, {}, {}))
        unit.targets[target.figure] = target.percent
    for result in _actual(session, year, now) if units else []:
        if result.figure.name in FIGURES and result.group and int(result.group) in units:
            units[int(result.group)].actual[result.figure.name] = result.value
    return list(units.values())


def _actual(session: Session, year: int, now: datetime) -> list[Result]:
    return report(session, _this_year(year, now), now, by="organisation_id")


def _this_year(year: int, now: datetime) -> Period:
    """The year until today."""
    zone = settings().site.zone
    first, today = date(year, 1, 1), now.astimezone(zone).date()
    return Period(first, max(first, min(today, date(year, 12, 31))), zone)


def _read(path: Path, codes: Mapping[str, int]) -> list[Row]:
    raw = list(_raw(path))
    problems = [] if raw else ["no target in it"]
    seen: dict[tuple[int, str, str], int] = {}
    rows = []
    for number, fields in raw:
        try:
            row = Row.model_validate(fields)
        except ValidationError as error:
            problems += [f"row {number}: {_where(fault)}: {fault['msg']}" for fault in error.errors()]
            continue
        first = seen.setdefault((row.year, row.organisation, row.figure), number)
        if row.organisation not in codes:
            problems.append(f"row {number}: organisation: there is no organisation {row.organisation!r:.30}")
        elif first != number:
            problems.append(f"row {number}: the same target stands in row {first} already")
        rows.append(row)
    if problems:
        raise TargetsRefused(path.name, problems)
    return rows


def _where(fault: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in fault["loc"])


def _raw(path: Path) -> Iterator[tuple[int, Any]]:
    """(row as a person counts it, its fields)"""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() == ".toml":
            found = tomllib.loads(text).get("target")
            yield from enumerate(found if isinstance(found, list) else [], start=1)
            return
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TargetsRefused(path.name, [f"cannot be read: {error}"]) from error
    lines = csv.DictReader(StringIO(text))
    if set(lines.fieldnames or ()) != FIELDS:
        raise TargetsRefused(path.name, [f"the first row must name the columns {', '.join(sorted(FIELDS))}"])
    for line in lines:
        yield lines.line_num, {str(column): (value or "").strip() for column, value in line.items() if column}
