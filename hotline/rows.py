"""What a site brings as a table: TOML ([[noun]] entries), CSV, or the first sheet of an XLSX workbook.

Everything wrong with a file is said at once, each fault by its row as a person counts it.
"""

import csv
import tomllib
import zipfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
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


def _said(fault: Any) -> str:
    where = ".".join(str(part) for part in fault["loc"])
    return f"{where}: {fault['msg']}" if where else str(fault["msg"]).removeprefix("Value error, ")


def _entries(path: Path, noun: str) -> list[tuple[int, Any]]:
    try:
        found = tomllib.loads(_text(path)).get(noun)
    except tomllib.TOMLDecodeError as error:
        raise RowsRefused(path.name, [f"cannot be read: {error}"]) from error
    return list(enumerate(found, start=1)) if isinstance(found, list) else []


def _table(path: Path, shape: type[BaseModel]) -> Iterator[tuple[int, dict[str, str]]]:
    """An empty field says nothing, an empty row is passed over."""
    fields = shape.model_fields
    needed = {name for name, field in fields.items() if field.is_required()}
    lines = _sheet(path) if path.suffix.lower() == ".xlsx" else _lines(path)
    _number, header = next(lines, (1, []))
    if not needed <= set(header) <= set(fields):
        raise RowsRefused(path.name, [f"the first row must name the columns {', '.join(fields)}"])
    for number, line in lines:
        if len(line) > len(header):
            raise RowsRefused(path.name, [f"row {number}: more fields than columns"])
        if any(line):
            yield number, {name: value for name, value in zip(header, line, strict=False) if value}


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    lines = csv.reader(StringIO(_text(path)), strict=True)
    try:
        for line in lines:
            yield lines.line_num, [value.strip() for value in line]
    except csv.Error as error:
        raise RowsRefused(path.name, [f"row {lines.line_num}: {error}"]) from error


def _sheet(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Numbers are read as they look ('3201', not '3201.0'); of a formula its last value."""
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError) as error:
        raise RowsRefused(path.name, ["is not an XLSX workbook"]) from error
    for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
        line = [_plain(value) for value in cells]
        while line and not line[-1]:
            line.pop()
        yield number, line


def _plain(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RowsRefused(path.name, [f"cannot be read: {error}"]) from error
