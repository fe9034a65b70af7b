"""A duty roster as a file: CSV or XLSX with the columns 开始, 结束, 姓名, 电话 (from, to, name, phone)."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from hotline.errors import HotlineError, InvalidInput
from hotline.phone_numbers import normalise
from hotline.rows import RowsRefused, lines

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
    (_number, header), *table = _table(data, filename) or [(1, [])]
    names = [COLUMNS.get(cell.lower(), "") for cell in header]
    if set(FIELDS) - set(names):
        raise RosterRefused([Fault(1, "columns")])
    rows = [(number, dict(zip(names, cells, strict=False))) for number, cells in table]
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


def _table(data: bytes, filename: str) -> list[tuple[int, list[str]]]:
    """Heading and all rows. Raises RosterRefused."""
    try:
        table = list(islice(lines(data, filename), MOST_ROWS + 2))
    except RowsRefused as error:
        raise RosterRefused([Fault(0, "unreadable")]) from error
    if len(table) > MOST_ROWS + 1:
        raise RosterRefused([Fault(0, "too_large")])
    return table


def _shift(fields: dict[str, str], zone: ZoneInfo, region: str) -> Shift:
    """Raises InvalidInput with the field at fault."""
    name = fields.get("name", "")
    if not 0 < len(name) <= 40:
        raise InvalidInput("name", "a name of at most 40 characters")
    starts_at, ends_at = (_moment(fields, field, zone) for field in ("starts_at", "ends_at"))
    if ends_at <= starts_at:
        raise InvalidInput("ends_at", "later than it begins")
    return Shift(starts_at, ends_at, name, _phone(fields, region))


def _phone(fields: dict[str, str], region: str) -> str:
    try:
        return normalise(fields.get("phone", ""), region)
    except InvalidInput as error:
        raise InvalidInput("phone", "a telephone number") from error


def _moment(fields: dict[str, str], field: str, zone: ZoneInfo) -> datetime:
    for written in WRITTEN:
        try:
            return datetime.strptime(fields.get(field, ""), written).replace(tzinfo=zone)
        except ValueError:
            continue
    raise InvalidInput(field, "written like 2026-01-31 17:30")
