"""Reading a site's gazetteer from TOML ([[place]] tables), CSV or XLSX; faults are said by row.

Fields: kind, name, area (its code), and for a stretch of road first_number and last_number.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from hotline import rows as table
from hotline.places.kinds import PlaceKind
from hotline.places.made_up import Named
from hotline.rows import RowsRefused

Number = Annotated[int, Field(ge=1, le=99_999)]


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
    """The checked places of a file. Raises RowsRefused naming every fault by row."""
    rows, problems = table.read(path, Row, "place")
    places: list[Named] = []
    seen: dict[tuple[str, str, str], int] = {}
    for number, row in rows:
        first = seen.setdefault((row.kind, row.name, row.area), number)
        if row.area not in area_ids:
            problems.append(f"row {number}: area: there is no area {row.area!r:.30}")
        elif first != number:
            problems.append(f"row {number}: {row.name} stands in row {first} already")
        else:
            place = (row.kind, row.name, area_ids[row.area], row.first_number, row.last_number)
            places.append(Named(*place))
    if problems:
        raise RowsRefused(path.name, problems)
    return places
