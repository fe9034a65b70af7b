"""A site brings its own organisations in a file. Each keeps its identity by its code; those the file does not
name stay as they are, because what has a history is never deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.catalogue import queries as catalogue
from hotline.event_log import record
from hotline.events import OrganisationsLoaded
from hotline.organisations import organisations_file, register
from hotline.organisations.models import Area, Organisation
from hotline.organisations.organisations_file import Known, Row

ACTOR = "system:organisations"
LOCK = func.pg_advisory_xact_lock(0x6F726773)  # two people who load: one after the other


@dataclass(frozen=True)
class Loaded:
    """`idle`: roles of the file that no catalogue names; `missing`: those one names and nobody has."""

    rows: int
    added: int
    changed: int
    others: int
    idle: Sequence[str]
    missing: Sequence[str]

    def __str__(self) -> str:
        said = (
            f"{self.rows} organisations: {self.added} new, {self.changed} changed; {self.others} others stay"
        )
        if self.idle:
            said += (
                f"\nno catalogue names these roles, so nothing goes there by itself: {', '.join(self.idle)}"
            )
        if self.missing:
            said += f"\na catalogue names these roles, but nobody has them: {', '.join(self.missing)}"
        return said


def load(session: Session, path: Path, now: datetime) -> Loaded:
    """Afterwards every organisation of the file is as it says; the same file again changes nothing.

    Raises RowsRefused naming every fault by row.
    """
    session.execute(select(LOCK))
    known = Known(
        {area.code: area for area in session.scalars(select(Area).order_by(Area.code))},
        {it.code: it for it in session.scalars(select(Organisation))},
    )
    rows = organisations_file.read(path, known)
    changed = _write_offices(session, [row for row in rows if row.kind != "firm"], known)
    changed += sum(_write_firm(session, row, known, now) for row in rows if row.kind == "firm")
    added = sum(row.code not in known.organisations for row in rows)
    if added or changed:
        fact = OrganisationsLoaded(source=path.name, added=added, changed=changed)
        record(session, fact, actor=ACTOR, at=now)
    session.flush()
    others = len(known.organisations) + added - len(rows)
    return Loaded(len(rows), added, changed, others, *_idle_and_missing(session, rows, known))


def _write_offices(session: Session, rows: Sequence[Row], known: Known) -> int:
    """How many of those that were there are different now. The new ones come first, so that each has an id
    under which another can stand."""
    new = [
        Organisation(code=row.code, **_office(row, known.areas))
        for row in rows
        if row.code not in known.organisations
    ]
    session.add_all(new)
    session.flush()
    offices = {**known.organisations, **{it.code: it for it in new}}
    changed = 0
    for row in rows:
        above = offices[row.parent].id if row.parent else None
        different = _say(offices[row.code], _office(row, known.areas) | {"parent_id": above})
        changed += different and row.code in known.organisations
    return changed


def _office(row: Row, areas: Mapping[str, Area]) -> dict[str, Any]:
    area = areas[row.area[0]]
    same = row.model_dump(include={"name", "kind", "phone", "supervised", "credit_code"})
    return same | {"role_name": row.role, "level": area.level, "area_id": area.id}


def _write_firm(session: Session, row: Row, known: Known, now: datetime) -> bool:
    """Whether one that was there is different now. The register keeps each change on record."""
    it, entry = known.organisations.get(row.code), row.entry(known.areas)
    new = it is None
    if it is None:
        it = register.add(session, entry, code=row.code, actor=ACTOR, now=now)
    different = register.entry_of(session, it) != entry
    if different:
        register.change(session, it.id, entry, actor=ACTOR, now=now)
    home = row.served(known.areas)[0].id
    return (_say(it, {"area_id": home, "supervised": row.supervised}) or different) and not new


def _say(it: Organisation, fields: Mapping[str, Any]) -> bool:
    """Whether anything was different."""
    different = [name for name, value in fields.items() if getattr(it, name) != value]
    for name in different:
        setattr(it, name, fields[name])
    return bool(different)


def _idle_and_missing(session: Session, rows: Sequence[Row], known: Known) -> tuple[list[str], list[str]]:
    hotlines = catalogue.hotlines(session)
    named = {item.department for hotline in hotlines for item in catalogue.items(session, hotline)}
    brought = {role for row in rows for role in (row.role, *row.further_roles)}
    had = brought | {
        role for it in known.organisations.values() for role in (it.role_name, *it.further_roles)
    }
    return (sorted(brought - named), sorted(named - had)) if named else ([], [])
