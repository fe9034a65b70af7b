"""Bringing in what another system closed: TOML ([[matter]] tables), CSV or XLSX (R06)."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import rows as table
from hotline.callers.service import caller_for
from hotline.config import settings
from hotline.errors import InvalidInput
from hotline.event_log import record
from hotline.events import HistoryImported
from hotline.history.models import PastTicket
from hotline.organisations.models import Area
from hotline.phone_numbers import normalise_or_none

AT_ONCE = 1000
A_ROW = re.compile(r"row (\d+):")


class Row(BaseModel):
    """One closed matter. Times without a zone are the site's; `area` is a code of this system, `number` the
    citizen's telephone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    old_id: Annotated[str, Field(min_length=1, max_length=60)]
    accepted_at: datetime
    closed_at: datetime
    item: Annotated[str, Field(min_length=1, max_length=100)]
    text: Annotated[str, Field(min_length=1, max_length=5000)]
    place: Annotated[str, Field(max_length=200)] = ""
    area: str = ""
    organisation: Annotated[str, Field(max_length=100)] = ""
    result: Annotated[str, Field(max_length=5000)] = ""
    number: str = ""
    confidential: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> "Row":
        zone = settings().site.zone
        if local(self.closed_at, zone) < local(self.accepted_at, zone):
            raise ValueError("closed_at: it cannot be closed before it was accepted")
        return self


@dataclass(frozen=True)
class Imported:
    """What became of every row of the file: `rows` is the sum of the other three."""

    rows: int
    new: int
    known: int
    problems: Sequence[str]

    @property
    def refused(self) -> int:
        return self.rows - self.new - self.known

    def __str__(self) -> str:
        said = f"{self.rows} rows: {self.new} new, {self.known} here already, {self.refused} refused"
        return "\n".join([said, *self.problems])


def bring_in(session: Session, path: Path, system: str, now: datetime) -> Imported:
    """Good rows are kept, bad ones named; the same file again brings nothing. What is here is never changed:
    a row that says otherwise now is a bad one. Raises RowsRefused for what is no such table, InvalidInput."""
    if not re.fullmatch(r"\S.{0,39}", system):
        raise InvalidInput("system", "name the old system in 1 to 40 characters")
    found, problems = table.read(path, Row, "matter")
    areas: dict[str, int] = dict(session.execute(select(Area.code, Area.id)).all())
    good, wrong = _good(found, areas)
    new = known = 0
    for start in range(0, len(good), AT_ONCE):
        part = good[start : start + AT_ONCE]
        there = _there(session, system, [row.old_id for _number, row in part])
        for number, row in part:
            said = there.get(row.old_id)
            if said is None:
                session.add(_kept(session, row, system, areas, now))
                new += 1
            elif said == _digest(row):
                known += 1
            else:
                wrong.append(f"row {number}: old_id: {row.old_id} is here with other words")
        session.flush()
    problems = sorted([*problems, *wrong], key=_row_of)
    refused = len({_row_of(problem) for problem in problems if _row_of(problem)})
    imported = Imported(new + known + refused, new, known, problems)
    fact = HistoryImported(system=system, source=path.name, new=new, known=known, refused=imported.refused)
    record(session, fact, actor="system:history", at=now)
    return imported


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _good(found: Iterable[tuple[int, Row]], areas: dict[str, int]) -> tuple[list[tuple[int, Row]], list[str]]:
    """What only the whole file and the house can tell: numbers that stand twice, unknown areas."""
    good, wrong = [], []
    first: dict[str, int] = {}
    for number, row in found:
        if first.setdefault(row.old_id, number) != number:
            wrong.append(f"row {number}: old_id: {row.old_id} stands in row {first[row.old_id]} already")
        elif row.area and row.area not in areas:
            wrong.append(f"row {number}: area: there is no area {row.area!r}")
        elif row.number and normalise_or_none(row.number, settings().site.region) is None:
            wrong.append(f"row {number}: number: not a telephone number")
        else:
            good.append((number, row))
    return good, wrong


def _there(session: Session, system: str, ids: Sequence[str]) -> dict[str, str]:
    """Old number -> digest, of those that are here."""
    wanted = select(PastTicket.old_id, PastTicket.digest).where(
        PastTicket.system == system, PastTicket.old_id.in_(ids)
    )
    return dict(session.execute(wanted).all())


def _kept(session: Session, row: Row, system: str, areas: dict[str, int], now: datetime) -> PastTicket:
    site = settings().site
    number = normalise_or_none(row.number, site.region)
    return PastTicket(
        system=system,
        old_id=row.old_id,
        accepted_at=local(row.accepted_at, site.zone),
        closed_at=local(row.closed_at, site.zone),
        item=row.item,
        text=row.text,
        place=row.place,
        area_id=areas.get(row.area),
        organisation=row.organisation,
        result=row.result,
        caller_id=caller_for(session, number, now).id if number else None,
        confidential=row.confidential,
        digest=_digest(row),
        imported_at=now,
    )


def _digest(row: Row) -> str:
    return hashlib.sha256(row.model_dump_json().encode()).hexdigest()


def _row_of(problem: str) -> int:
    found = A_ROW.match(problem)
    return int(found.group(1)) if found else 0
