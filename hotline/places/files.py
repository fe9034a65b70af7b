"""Reading a site's gazetteer from TOML ([[place]] tables) or CSV; everything wrong with it is said by row.

Fields: kind, name, area (its code), and for a stretch of road first_number and last_number.
"""

import csv
import tomllib
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from hotline.errors import HotlineError
from hotline.places.kinds import PlaceKind
from hotline.places.made_up import Named

FIELDS = ("kind", "name", "area", "first_number", "last_number")
Number = Annotated[int, Field(ge=1, le=99_999)]


class PlacesRefused(HotlineError):
    """A gazetteer file is wrong; `problems` has one line for each fault."""

    code = "places_refused"

    def __init__(self, source: str, problems: list[str]) -> None:
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))
        self.problems = problems


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: PlaceKind
    name: Annotated[str, StringConstraints(min_length=2, max_length=60, pattern=r"^[^\x00-\x1f]+$")]
    area: str
    first_number: Number | None = None
    last_number: Number | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "Row":
        if (self.first_number is None) != (self.last_number is None):
            raise ValueError("first_number and last_number stand together")
        if self.first_number and self.last_number and self.last_number < self.first_number:
            raise ValueError("last_number is before first_number")
        if (self.kind is PlaceKind.CROSSING) != ("/" in self.name):
            raise ValueError("a crossing, and nothing else, is named by its two roads: 建设路/人民路")
        return self


def read(path: Path, area_ids: Mapping[str, int]) -> list[Named]:
    """The checked places of a file. Raises PlacesRefused naming every fault by row."""
    rows = _rows(path)
    places: list[Named] = []
    problems: list[str] = [] if rows else ["no place in it"]
    seen: dict[tuple[str, str, int], int] = {}
    for number, raw in rows:
        try:
            place = _place(Row.model_validate(raw), area_ids)
        except (ValidationError, ValueError) as error:
            problems += [f"row {number}: {fault}" for fault in _faults(error)]
            continue
        first = seen.setdefault((place.kind, place.name, place.area_id), number)
        if first != number:
            problems.append(f"row {number}: {place.name} stands in row {first} already")
        places.append(place)
    if problems:
        raise PlacesRefused(path.name, problems)
    return places


def _place(row: Row, area_ids: Mapping[str, int]) -> Named:
    if row.area not in area_ids:
        raise ValueError(f"area: there is no area {row.area!r:.30}")
    return Named(row.kind, row.name, area_ids[row.area], row.first_number, row.last_number)


def _faults(error: ValueError) -> Iterator[str]:
    if not isinstance(error, ValidationError):
        yield str(error)
        return
    for fault in error.errors(include_url=False):
        where = ".".join(str(part) for part in fault["loc"])
        yield f"{where}: {fault['msg']}" if where else fault["msg"].removeprefix("Value error, ")


def _rows(path: Path) -> list[tuple[int, Any]]:
    """(row as a person counts it, its fields)"""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() == ".toml":
            found = tomllib.loads(text).get("place")
            return list(enumerate(found, start=1)) if isinstance(found, list) else []
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlacesRefused(path.name, [f"cannot be read: {error}"]) from error
    lines = csv.DictReader(StringIO(text), strict=True)
    columns = set(lines.fieldnames or ())
    if not {"kind", "name", "area"} <= columns <= set(FIELDS):
        raise PlacesRefused(path.name, [f"the first row must name the columns {', '.join(FIELDS)}"])
    try:
        return [(lines.line_num, _told(row)) for row in lines]
    except csv.Error as error:
        raise PlacesRefused(path.name, [f"row {lines.line_num}: {error}"]) from error


def _told(row: dict[str | Any, Any]) -> dict[str, str]:
    """What a line says; an empty field says nothing."""
    if None in row:
        raise csv.Error("more fields than columns")
    return {column: value.strip() for column, value in row.items() if value and value.strip()}
