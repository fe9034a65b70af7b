"""What a site brings as a table: TOML ([[noun]] entries), CSV, or the first sheet of an XLSX workbook.

Everything wrong with a file is said at once, each fault by its row as a person counts it.
"""

import csv
import tomllib
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, TypeVar

from openpyxl import load_workbook
from pydantic import BaseModel, ValidationError

from hotline.errors import HotlineError

Shape = TypeVar("Shape", bound=BaseModel)


class RowsRefused(HotlineError):
    """A site's file is wrong; `problems` has one line for each fault. Nothing of it is kept."""

    code = "rows_refused"

    def __init__(self, source: str, problems: list[str]) -> None:
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))
        self.problems = problems


def read(path: Path, shape: type[Shape], noun: str) -> tuple[list[tuple[int, Shape]], list[str]]:
    """The rows that are well formed, each with its number, and what is wrong with the others.

    Raises RowsRefused for what is no table of these columns at all.
    """
    rows: list[tuple[int, Shape]] = []
    problems: list[str] = []
    found = _entries(path, noun) if path.suffix.lower() == ".toml" else _table(path, shape)
    for number, fields in found:
        try:
            rows.append((number, shape.model_validate(fields)))
        except ValidationError as error:
            problems += [f"row {number}: {_said(fault)}" for fault in error.errors(include_url=False)]
    return rows, problems if rows or problems else [f"no {noun} in it"]


def lines(data: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """Every row of a CSV file or of a workbook's first sheet, as text, with its number.

    Raises RowsRefused, perhaps only when the broken place is reached.
    """
    return _sheet(data, name) if name.lower().endswith(".xlsx") else _lines(data, name)


def _said(fault: Any) -> str:
    where = ".".join(str(part) for part in fault["loc"])
    what = str(fault["msg"]).removeprefix("Value error, ")
    return f"{where}: {what}" if where else what


def _entries(path: Path, noun: str) -> list[tuple[int, Any]]:
    try:
        found = tomllib.loads(_text(path.read_bytes(), path.name)).get(noun)
    except tomllib.TOMLDecodeError as error:
        raise RowsRefused(path.name, [f"cannot be read: {error}"]) from error
    return list(enumerate(found, start=1)) if isinstance(found, list) else []


def _table(path: Path, shape: type[BaseModel]) -> Iterator[tuple[int, dict[str, str]]]:
    """An empty field says nothing, an empty row is passed over."""
    fields = shape.model_fields
    needed = {name for name, field in fields.items() if field.is_required()}
    written = lines(path.read_bytes(), path.name)
    _number, header = next(written, (1, []))
    if not needed <= set(header) <= set(fields):
        raise RowsRefused(path.name, [f"the first row must name the columns {', '.join(fields)}"])
    for number, line in written:
        if len(line) > len(header):
            raise RowsRefused(path.name, [f"row {number}: more fields than columns"])
        if any(line):
            yield number, {name: value for name, value in zip(header, line, strict=False) if value}


def _lines(data: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    table = csv.reader(StringIO(_text(data, name)), strict=True)
    try:
        for line in table:
            yield table.line_num, [value.strip() for value in line]
    except csv.Error as error:
        raise RowsRefused(name, [f"row {table.line_num}: {error}"]) from error


def _sheet(data: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """Numbers are read as they look ('3201', not '3201.0'); of a formula its last value."""
    # the library reads what others made and fails in many ways: a broken file is the file's fault
    try:
        book = load_workbook(BytesIO(data), read_only=True, data_only=True)
        for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
            line = [_plain(value) for value in cells]
            while line and not line[-1]:
                line.pop()
            yield number, line
    except Exception as error:
        raise RowsRefused(name, ["is not an XLSX workbook"]) from error


def _plain(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _text(data: bytes, name: str) -> str:
    """UTF-8, or GB 18030 as a Chinese Excel writes it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RowsRefused(name, ["cannot be read: save it as UTF-8"])
