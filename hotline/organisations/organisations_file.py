"""The file of a site's organisations, checked: docs/organisations-file.md says what each column means."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from hotline import rows as table
from hotline.config import settings
from hotline.errors import InvalidInput
from hotline.organisations import credit_code, register
from hotline.organisations.models import Area, Organisation
from hotline.organisations.nearest import LEVELS
from hotline.organisations.register import Entry
from hotline.phone_numbers import normalise
from hotline.rows import RowsRefused


def _several(written: Any) -> Any:
    """Values of one field, apart by spaces, 、 or ;"""
    return tuple(re.split(r"[\s、；;]+", written.strip())) if isinstance(written, str) else written


def _weekdays(written: Any) -> Any:
    """'12345' or '1 2 3 4 5'."""
    return tuple(sorted(set("".join(_several(written))))) if isinstance(written, str) else written


def _phone(written: str) -> str:
    try:
        return normalise(written, settings().site.region)
    except InvalidInput:
        raise ValueError(f"{written} is no telephone number; write it with its area code") from None


def _proven(code: str) -> str:
    if not credit_code.is_valid(code):
        raise ValueError(f"{code} is no unified social credit code; compare it with the licence")
    return code


def _text(longest: int) -> StringConstraints:
    return StringConstraints(min_length=1, max_length=longest, pattern=r"^[^\x00-\x1f]+$")


Code = Annotated[str, StringConstraints(min_length=1, max_length=30, pattern=r"^[0-9A-Za-z-]+$")]
Words = Annotated[tuple[str, ...], BeforeValidator(_several)]
Weekday = Annotated[int, Field(ge=1, le=7)]


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    code: Code
    name: Annotated[str, _text(100)]
    kind: Literal["department", "firm", "emergency", "legal", "mediation", "external"]
    role: Annotated[str, _text(60)]
    area: Words
    parent: Code | None = None
    phone: Annotated[str, AfterValidator(_phone)] | None = None
    supervised: bool = False
    credit_code: Annotated[str, AfterValidator(_proven)] | None = None
    further_roles: Words = ()
    capacity_per_day: Annotated[int, Field(ge=1, le=10_000)] | None = None
    licence_number: Annotated[str, _text(40)] | None = None
    licence_until: date | None = None
    hours: Annotated[str, _text(100)] = ""
    open_days: Annotated[tuple[Weekday, ...], BeforeValidator(_weekdays)] = tuple(range(1, 8))
    closed_on: Annotated[str, _text(400)] = ""
    review_due: date | None = None

    @model_validator(mode="after")
    def _agrees_with_its_kind(self) -> "Row":
        if self.kind == "firm" and self.parent:
            raise ValueError("parent: a firm stands under no office; leave it empty")
        if self.kind != "firm" and (of_firms := sorted(self.model_fields_set & OF_FIRMS)):
            raise ValueError(f"{', '.join(of_firms)}: only firms have this; leave it empty")
        return self

    def entry(self, areas: Mapping[str, Area]) -> Entry:
        """Of a firm, as the register keeps it."""
        return Entry(
            name=self.name,
            phone=self.phone,
            credit_code=self.credit_code,
            role_name=self.role,
            further_roles=tuple(role for role in self.further_roles if role != self.role),
            counties=tuple(sorted(area.id for area in self.served(areas))),
            capacity_per_day=self.capacity_per_day,
            licence_number=self.licence_number,
            licence_until=self.licence_until,
            hours=self.hours,
            open_days=self.open_days,
            closed_on=self.closed_on,
            review_due=self.review_due,
        )

    def served(self, areas: Mapping[str, Area]) -> list[Area]:
        """A firm's counties, its home first; whoever names the city serves all of it."""
        named = [areas[code] for code in self.area]
        if any(area.level == "city" for area in named):
            return [area for area in areas.values() if area.level == "county"]
        return named


OF_FIRMS = set(Row.model_fields) & set(Entry.__dataclass_fields__) - {"name", "phone", "credit_code"}


@dataclass(frozen=True)
class Known:
    """What the site has before the file is read, by code."""

    areas: Mapping[str, Area]
    organisations: Mapping[str, Organisation]


@dataclass(frozen=True)
class Office:
    """As much of one as has to be known to say who may stand under whom."""

    level: str
    kind: str
    parent: str | None


def read(path: Path, known: Known) -> list[Row]:
    """Raises RowsRefused naming every fault by row and what to do about it."""
    numbered, problems = table.read(path, Row, "organisation")
    offices = _offices([row for _number, row in numbered], known)
    codes: dict[str, int] = {}
    firms = {it.credit_code: it.code for it in known.organisations.values() if it.credit_code}
    for number, row in numbered:
        if codes.setdefault(row.code, number) != number:
            problems.append(f"row {number}: code: {row.code} stands in row {codes[row.code]} already")
        if row.credit_code and (code := firms.setdefault(row.credit_code, row.code)) != row.code:
            problems.append(
                f"row {number}: credit_code: {row.credit_code} is {code} already; name it by that code"
            )
        problems += [f"row {number}: {fault}" for fault in _faults(row, known, offices)]
    if problems:
        raise RowsRefused(path.name, problems)
    return [row for _number, row in numbered]


def _faults(row: Row, known: Known, offices: Mapping[str, Office]) -> Iterator[str]:
    before = known.organisations.get(row.code)
    if before and (before.kind == "firm") != (row.kind == "firm"):
        yield f"kind: {row.code} is {before.name} ({before.kind}); give this one a code of its own"
    elif unknown := [code for code in row.area if code not in known.areas]:
        yield f"area: there is no area {', '.join(unknown)}; bring it with load-areas first"
    elif row.kind == "firm":
        yield from _faults_of_firm(row, known)
    else:
        yield from _faults_of_office(row, offices)


def _faults_of_firm(row: Row, known: Known) -> Iterator[str]:
    if wrong := [code for code in row.area if known.areas[code].level not in ("city", "county")]:
        yield f"area: {', '.join(wrong)} is no county; name the counties it serves, or the city for all"
        return
    try:
        register.check(row.entry(known.areas))
    except InvalidInput as error:
        yield str(error)


def _faults_of_office(row: Row, offices: Mapping[str, Office]) -> Iterator[str]:
    if len(row.area) > 1:
        yield "area: an office answers for one area; give each area's office a row of its own"
        return
    above = offices.get(row.parent) if row.parent else None
    if row.parent and above is None:
        yield f"parent: there is no organisation {row.parent!r}, neither here nor in this file"
    elif above and above.kind == "firm":
        yield f"parent: {row.parent} is a firm; nobody stands under it"
    elif above and LEVELS.index(above.level) > LEVELS.index(offices[row.code].level):
        yield f"parent: {row.parent} is an office of a {above.level}, which is below this one"
    elif _goes_round(row.code, offices):
        yield f"parent: who stands above {row.code} stands below it as well"


def _goes_round(code: str, offices: Mapping[str, Office]) -> bool:
    passed = {code}
    above = offices[code].parent
    while above and above not in passed and above in offices:
        passed.add(above)
        above = offices[above].parent
    return above in passed


def _offices(rows: Sequence[Row], known: Known) -> dict[str, Office]:
    """All there will be, by code; a row of an unknown area is said elsewhere."""
    codes = {it.id: code for code, it in known.organisations.items()}
    before = {
        code: Office(it.level, it.kind, codes[it.parent_id] if it.parent_id else None)
        for code, it in known.organisations.items()
    }
    placed = {row.code: known.areas[row.area[0]].level for row in rows if row.area[0] in known.areas}
    return before | {
        row.code: Office(placed[row.code], row.kind, row.parent) for row in rows if row.code in placed
    }
