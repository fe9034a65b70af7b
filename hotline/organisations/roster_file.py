"""A duty roster as a file: CSV or XLSX with the columns 开始, 结束, 姓名, 电话 (from, to, name, phone)."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import load_workbook

from hotline.errors import HotlineError, InvalidInput
from hotline.phone_numbers import normalise

COLUMNS = {
    "开始": "starts_at", "from": "starts_at",
    "结束": "ends_at", "to": "ends_at",
    "姓名": "name", "name": "name",
    "电话": "phone", "phone": "phone",
}  # fmt: skip
FIELDS = ("starts_at", "ends_at", "name", "phone")
WRITTEN = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M:%S")
MOST_ROWS = 2000
MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Shift:
    starts_at: datetime
    ends_at: datetime
    name: str
    phone: str


@dataclass(frozen=True)
class Fault:
    """`row` as a person counts it, 0 for the whole file; `code` is one of what the page has words for."""

    row: int
    code: str


class RosterRefused(HotlineError):
    """Nothing of the file is kept; `faults` names every row at fault."""

    code = "roster_refused"

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"row {fault.row}: {fault.code}" for fault in faults))
        self.faults = faults


def read(data: bytes, filename: str, zone: ZoneInfo, region: str) -> list[Shift]:
    """Times are of the site's zone. Raises RosterRefused."""
    if len(data) > MOST_BYTES:
        raise RosterRefused([Fault(0, "too_large")])
    table = _workbook(data) if filename.lower().endswith(".xlsx") else _csv(data)
    names = [COLUMNS.get(str(cell or "").strip().lower(), "") for cell in table[0]] if table else []
    if set(FIELDS) - set(names):
        raise RosterRefused([Fault(1, "columns")])
    rows = [(number, dict(zip(names, cells, strict=False))) for number, cells in enumerate(table[1:], 2)]
    shifts: dict[tuple[datetime, str], Shift] = {}
    faults: list[Fault] = []
    for number, fields in rows:
        if not any(fields.get(name) for name in FIELDS):
            continue
        try:
            shift = _shift(fields, zone, region)
            if shifts.setdefault((shift.starts_at, shift.phone), shift) is not shift:
                raise InvalidInput("twice", "stands there already")
        except InvalidInput as error:
            faults.append(Fault(number, error.field))
    if faults or not shifts:
        raise RosterRefused(faults or [Fault(0, "empty")])
    return list(shifts.values())


def _shift(fields: dict[str, Any], zone: ZoneInfo, region: str) -> Shift:
    """Raises InvalidInput with the field at fault."""
    name = str(fields.get("name") or "").strip()
    if not 0 < len(name) <= 40:
        raise InvalidInput("name", "a name of at most 40 characters")
    starts_at, ends_at = (_moment(fields, field, zone) for field in ("starts_at", "ends_at"))
    if ends_at <= starts_at:
        raise InvalidInput("ends_at", "later than it begins")
    return Shift(starts_at, ends_at, name, _phone(fields, region))


def _phone(fields: dict[str, Any], region: str) -> str:
    """A workbook keeps numbers as numbers."""
    said = fields.get("phone")
    try:
        return normalise(f"{said:.0f}" if isinstance(said, float) else str(said or ""), region)
    except InvalidInput as error:
        raise InvalidInput("phone", "a telephone number") from error


def _moment(fields: dict[str, Any], field: str, zone: ZoneInfo) -> datetime:
    said = fields.get(field)
    if isinstance(said, datetime):
        return said.replace(tzinfo=zone)
    for written in WRITTEN:
        try:
            return datetime.strptime(str(said or "").strip(), written).replace(tzinfo=zone)
        except ValueError:
            continue
    raise InvalidInput(field, "written like 2026-01-31 17:30")


def _csv(data: bytes) -> list[list[Any]]:
    """UTF-8, or GB 18030 as a Chinese Excel writes it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return list(_limited(csv.reader(io.StringIO(data.decode(encoding)))))
        except UnicodeDecodeError:
            continue
        except csv.Error as error:
            raise RosterRefused([Fault(0, "unreadable")]) from error
    raise RosterRefused([Fault(0, "unreadable")])


def _workbook(data: bytes) -> list[list[Any]]:
    # the library reads what others made and fails in many ways: a broken file is the file's fault
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(values_only=True, max_row=MOST_ROWS + 2)
        return list(_limited(list(row) for row in rows))
    except RosterRefused:
        raise
    except Exception as error:
        raise RosterRefused([Fault(0, "unreadable")]) from error


def _limited(rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    for number, row in enumerate(rows):
        if number > MOST_ROWS:
            raise RosterRefused([Fault(0, "too_large")])
        yield row
