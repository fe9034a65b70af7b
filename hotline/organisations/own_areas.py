"""A site's own areas from a file (TOML [[area]] tables, CSV or XLSX) that is the whole truth about them.

Fields: code, name, level, parent (a code; the city has none) and population. An area keeps its identity by
its code; one that is no longer in the file goes only if nothing hangs on it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import Column, MetaData, delete, func, select
from sqlalchemy.orm import Session

from hotline import rows as table
from hotline.event_log import record
from hotline.events import AreasLoaded
from hotline.organisations.models import Area
from hotline.rows import RowsRefused

LEVELS = ("city", "county", "town", "village", "grid")
LOCK = func.pg_advisory_xact_lock(0x61726561)  # two people who load: one after the other

# five of them and their strokes fill Area.path
Code = Annotated[str, StringConstraints(min_length=1, max_length=15, pattern=r"^[0-9A-Za-z]+$")]


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    code: Code
    name: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")]
    level: Literal["city", "county", "town", "village", "grid"]
    parent: Code | None = None
    population: Annotated[int, Field(ge=0)] = 0


@dataclass(frozen=True)
class Loaded:
    areas: int
    added: int
    changed: int
    removed: int

    def __str__(self) -> str:
        return f"{self.areas} areas: {self.added} new, {self.changed} changed, {self.removed} removed"


def load(session: Session, path: Path, tables: MetaData, now: datetime) -> Loaded:
    """Afterwards the areas are those of the file; the same file again changes nothing.

    Raises RowsRefused naming every fault by row, and every area left out that one of `tables` uses.
    """
    session.execute(select(LOCK))
    rows = _read(path)
    known = {area.code: area for area in session.scalars(select(Area))}
    wanted = {row.code for row in rows}
    gone = [area for code, area in known.items() if code not in wanted]
    if problems := list(_still_used(session, gone, tables)):
        raise RowsRefused(path.name, problems)
    added, changed = _write(session, rows, known)
    session.execute(delete(Area).where(Area.id.in_([area.id for area in gone])))
    loaded = Loaded(len(rows), added, changed, len(gone))
    if added or changed or gone:
        fact = AreasLoaded(source=path.name, added=added, changed=changed, removed=len(gone))
        record(session, fact, actor="system:areas", at=now)
    return loaded


def _read(path: Path) -> list[Row]:
    """Raises RowsRefused."""
    rows, problems = table.read(path, Row, "area")
    by_code = {row.code: row for _number, row in rows}
    first: dict[str, int] = {}
    for number, row in rows:
        if first.setdefault(row.code, number) != number:
            problems.append(f"row {number}: code: {row.code} stands in row {first[row.code]} already")
        problems += [f"row {number}: {fault}" for fault in _misplaced(row, by_code)]
    cities = sum(row.level == "city" for _number, row in rows)
    if rows and cities != 1:
        problems.append(f"level: exactly one area is the city, not {cities}")
    if problems:
        raise RowsRefused(path.name, problems)
    return [row for _number, row in rows]


def _misplaced(row: Row, by_code: Mapping[str, Row]) -> Iterator[str]:
    """Every step up leads to a higher level, so no chain can close."""
    if row.level == "city":
        if row.parent:
            yield "parent: the city has none"
    elif row.parent is None:
        yield "parent: say in which area it lies, by its code"
    elif row.parent not in by_code:
        yield f"parent: there is no area {row.parent!r} in this file"
    elif LEVELS.index(by_code[row.parent].level) >= LEVELS.index(row.level):
        yield f"parent: {row.parent} is a {by_code[row.parent].level}, which holds no {row.level}"


def _still_used(session: Session, gone: Sequence[Area], tables: MetaData) -> Iterator[str]:
    """One line an area that the file leaves out although something hangs on it, in whatever table."""
    uses: dict[int, list[str]] = defaultdict(list)
    for column in _references(tables) if gone else ():
        held = select(column, func.count()).where(column.in_([area.id for area in gone])).group_by(column)
        for area_id, times in session.execute(held):
            uses[area_id].append(f"{times} of {column.table.name}")
    for area in gone:
        if area.id in uses:
            used = ", ".join(uses[area.id])
            yield f"area {area.code} {area.name}: is not in the file but used ({used}); keep it"


def _references(tables: MetaData) -> list[Column[int]]:
    """Every column of another table that names an area."""
    own = tables.tables[Area.__tablename__]
    keys = (key for made in tables.sorted_tables if made is not own for key in made.foreign_keys)
    return [key.parent for key in keys if key.references(own)]


def _write(session: Session, rows: Sequence[Row], known: Mapping[str, Area]) -> tuple[int, int]:
    """(new, changed), level by level, because a row names its parent's id."""
    areas: dict[str, Area] = {}
    added = changed = 0
    for level in LEVELS:
        here = [_said(row, known.get(row.code), areas) for row in rows if row.level == level]
        added += sum(area.id is None for area in here)
        changed += sum(area.id is not None and session.is_modified(area) for area in here)
        session.add_all(here)
        session.flush()
        areas |= {area.code: area for area in here}
    return added, changed


def _said(row: Row, known: Area | None, areas: Mapping[str, Area]) -> Area:
    area = known or Area(code=row.code)
    above = areas[row.parent] if row.parent else None
    area.name, area.level, area.population = row.name, row.level, row.population
    area.parent_id = above.id if above else None
    area.path = f"{above.path}/{row.code}" if above else row.code
    return area
