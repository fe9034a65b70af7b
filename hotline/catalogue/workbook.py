"""A catalogue as an XLSX workbook, sheets meta, category and item: one row an entry, lists one a line.

No cell is a formula: what is written is text even where it begins with '=', and a formula that is read is
refused. A heading is a field's name, words may stand before it ('名称 name').
"""

import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from hotline.catalogue.files import (
    CatalogueFile,
    CatalogueRefused,
    CategoryEntry,
    Fault,
    Header,
    ItemEntry,
    check,
    whole,
)

SHEETS: dict[str, type[Header | CategoryEntry | ItemEntry]] = {
    "meta": Header,
    "category": CategoryEntry,
    "item": ItemEntry,
}
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTS = {"keywords", "examples", "assisting"}
MOST_ROWS = 10_000
MOST_UNPACKED = 50_000_000  # bytes; a workbook is a zip, and a small one may hold a giant
FIRST_ROW = 2  # of entries; the first row holds the headings


def write(content: CatalogueFile, headings: Mapping[str, str] | None = None) -> bytes:
    """`headings`: the words that stand before a field's name."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet, entries in (("meta", [content.meta]), ("category", content.category), ("item", content.item)):
        names = list(SHEETS[sheet].model_fields)
        page = book.create_sheet(sheet)
        page.append([f"{(headings or {}).get(name, '')} {name}".strip() for name in names])
        for number, entry in enumerate(entries, start=FIRST_ROW):
            values = entry.model_dump()
            for column, name in enumerate(names, start=1):
                _put(page, number, column, values[name])
        _dress(page)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes, source: str = "workbook") -> CatalogueFile:
    """The checked content. Raises CatalogueRefused; `row_of` tells where a fault stands."""
    book = _open(data, source)
    faults: list[Fault] = []
    raw: dict[str, Any] = {}
    for sheet in SHEETS:
        if sheet not in book.sheetnames:
            faults.append(whole("no_sheet", f"there is no sheet {sheet!r}", sheet=sheet))
            continue
        raw[sheet], wrong = _entries(book[sheet], sheet)
        faults += wrong
    if faults:
        raise CatalogueRefused(source, faults)
    raw["meta"] = raw["meta"][0] if raw["meta"] else {}
    return check(raw, source)


def row_of(fault: Fault) -> int | None:
    """The row of the sheet, as the spreadsheet program counts."""
    if fault.noun == "meta":
        return FIRST_ROW
    return None if fault.index is None else fault.index + FIRST_ROW


def _put(page: Worksheet, row: int, column: int, value: Any) -> None:
    if value is None or value == []:
        return
    cell = page.cell(row, column)
    if isinstance(value, list):
        value = "\n".join(value)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # openpyxl takes a text that begins with '=' for a formula
        cell.number_format = "@"  # a spreadsheet program would make 0101 of '0101' the number 101
        cell.quotePrefix = True
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _dress(page: Worksheet) -> None:
    page.freeze_panes = "A2"
    for number, heading in enumerate(page[1], start=1):
        heading.font = Font(bold=True)
        wide = any(name in str(heading.value) for name in (*LISTS, "name", "standard", "statutory"))
        page.column_dimensions[get_column_letter(number)].width = 36 if wide else 16


def _open(data: bytes, source: str) -> Workbook:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        # the library reads what others made and fails in many ways: a broken file is the file's fault
        book = load_workbook(io.BytesIO(data)) if unpacked <= MOST_UNPACKED else None
    except Exception as error:
        raise CatalogueRefused(source, [whole("not_xlsx", "is not an XLSX workbook")]) from error
    if book is None:
        raise CatalogueRefused(source, [whole("too_large", "is too large")])
    return book


def _entries(page: Worksheet, sheet: str) -> tuple[list[dict[str, Any]], list[Fault]]:
    """Rows up to the last one with anything in it; an empty row between is an entry without fields."""
    if page.max_row > MOST_ROWS:
        return [], [whole("too_many_rows", f"sheet {sheet} has more than {MOST_ROWS} rows", sheet=sheet)]
    rows = list(page.iter_rows())
    names = [_field_name(cell.value) for cell in rows[0]] if rows else []
    last = max((n for n, row in enumerate(rows) if any(c.value is not None for c in row)), default=0)
    entries, faults = [], []
    for index, row in enumerate(rows[1 : last + 1]):
        entry, formulas = _entry(names, row)
        code = str(entry.get("code") or "")
        faults += [Fault(sheet, index, code, (name,), "formula", "is a formula") for name in formulas]
        entries.append(entry)
    return entries, faults


def _field_name(heading: Any) -> str:
    words = str(heading or "").split()
    return words[-1] if words else ""


def _entry(names: list[str], row: Iterable[Any]) -> tuple[dict[str, Any], list[str]]:
    """(fields, names of those that are formulas); a column without a heading is a remark."""
    entry: dict[str, Any] = {}
    formulas = []
    for name, cell in zip(names, row, strict=False):
        if not name or cell.value is None:
            continue
        if cell.data_type == "f":
            formulas.append(name)
        entry[name] = _value(name, cell.value)
    return entry, formulas


def _value(name: str, value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a spreadsheet knows no whole numbers
    if name in LISTS:
        return [line.strip() for line in str(value).split("\n") if line.strip()]
    return value
