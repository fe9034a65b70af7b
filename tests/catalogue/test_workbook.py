"""What an administrator takes home as a file comes back the same; what is wrong is told by row."""

import io
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from hotline.catalogue import files, workbook
from hotline.catalogue.content import digest
from hotline.catalogue.files import CatalogueFile, CatalogueRefused, Fault
from hotline.catalogue.service import SHIPPED
from tests.catalogue.test_files import GOOD

LINE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=40)
WORDS = LINE.map(str.strip).filter(bool)


def with_texts(words: list[str]) -> CatalogueFile:
    good = files.parse(GOOD)
    first = good.item[0].model_copy(
        update={"name": words[0], "keywords": words, "examples": words[::-1], "closing_standard": words[0]}
    )
    return good.model_copy(update={"item": [first, *good.item[1:]]})


def changed(change: Any) -> bytes:
    """A good workbook after somebody has been at it."""
    book = load_workbook(io.BytesIO(workbook.write(files.parse(GOOD))))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def put(heading: str, row: int, value: Any, sheet: str = "item") -> Any:
    def change(book: Workbook) -> None:
        page = book[sheet]
        column = next(cell.column for cell in page[1] if cell.value == heading)
        page.cell(row, column).value = value

    return change


def faults_of(data: bytes) -> list[Fault]:
    with pytest.raises(CatalogueRefused) as refused:
        workbook.read(data)
    return refused.value.faults


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_both_shipped_catalogues_survive_the_way_out_and_back(path: Any) -> None:
    content = files.parse(path.read_text("utf-8"))
    for again in (
        files.parse(files.write(content)),
        workbook.read(workbook.write(content, {"name": "名称"})),
    ):
        assert again == content
        assert digest(again) == digest(content)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=5))
def test_any_words_survive_the_way_out_and_back(words: list[str]) -> None:
    content = with_texts([word[:40] for word in words])
    assert files.parse(files.write(content)) == content
    assert workbook.read(workbook.write(content)) == content


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+86 10", "-1+2", "@SUM(A1)", "=1+1"])
def test_no_word_becomes_a_formula(text: str) -> None:
    data = workbook.write(with_texts([text]))
    written = [
        c for row in load_workbook(io.BytesIO(data))["item"].iter_rows() for c in row if c.value == text
    ]
    assert written
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in written)
    assert workbook.read(data).item[0].keywords == [text]


def test_a_formula_that_somebody_put_in_is_refused() -> None:
    (fault,) = [f for f in faults_of(changed(put("name", 3, '="路"&"灯"'))) if f.kind == "formula"]
    assert (fault.code, fault.field, workbook.row_of(fault)) == ("0102", "name", 3)


@pytest.mark.parametrize(
    ("heading", "row", "value", "kind"),
    [
        ("kind", 2, "grumble", "literal_error"),
        ("tier_days", 3, 6, "tier_days"),
        ("name", 3, None, "missing"),
        ("code", 2, 101, "string_type"),
        ("category", 3, "07", "no_category"),
        ("keywords", 2, None, "missing"),
        ("confidential_default", 3, "maybe", "bool_type"),
        ("emergency_minutes", 2, 0, "greater_than_equal"),
    ],
)
def test_a_wrong_cell_is_told_by_row_and_column(heading: str, row: int, value: object, kind: str) -> None:
    found = faults_of(changed(put(heading, row, value)))
    assert (row, heading, kind) in [(workbook.row_of(f), f.field, f.kind) for f in found]


def test_a_wrong_header_and_a_wrong_category_are_told_by_row_too() -> None:
    found = faults_of(changed(put("items", 2, 9, "meta"))) + faults_of(
        changed(put("name", 2, None, "category"))
    )
    assert [(f.noun, f.field, workbook.row_of(f)) for f in found] == [
        ("meta", "items", 2),
        ("category", "name", 2),
    ]


def test_a_row_somebody_emptied_is_named_and_rows_below_the_last_are_not_looked_at() -> None:
    def clear(book: Workbook) -> None:
        for cell in book["item"][2]:
            cell.value = None
        book["item"].cell(60, 1).value = None

    assert {workbook.row_of(f) for f in faults_of(changed(clear)) if f.noun == "item"} == {2}


def test_a_remark_beside_the_columns_is_left_alone() -> None:
    def remark(book: Workbook) -> None:
        book["item"].cell(2, 40).value = "问一下老王"

    assert workbook.read(changed(remark)) == files.parse(GOOD)


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04 nothing", GOOD.encode()])
def test_what_is_no_workbook_is_said_to_be_none(data: bytes) -> None:
    assert [fault.kind for fault in faults_of(data)] == ["not_xlsx"]


def test_a_workbook_without_a_sheet_names_the_sheet() -> None:
    (fault,) = faults_of(changed(lambda book: book.remove(book["category"])))
    assert (fault.kind, fault.values["sheet"]) == ("no_sheet", "category")


def test_a_giant_in_a_small_zip_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_UNPACKED", 1000)
    assert [fault.kind for fault in faults_of(workbook.write(files.parse(GOOD)))] == ["too_large"]


def test_a_fault_of_a_toml_file_is_told_by_line() -> None:
    text = GOOD.replace('kind = "complaint"', 'kind = "grumble"').replace("0102", "0902")
    with pytest.raises(CatalogueRefused) as refused:
        files.parse(text)
    headings = [n for n, line in enumerate(text.splitlines(), 1) if line == "[[item]]"]
    assert {files.line_of(fault, text) for fault in refused.value.faults} == set(headings)


def test_the_digest_follows_the_content_and_not_the_spelling() -> None:
    spelt = GOOD.replace(" = ", "   =   ") + "\n# a remark\n"
    assert digest(files.parse(spelt)) == digest(files.parse(GOOD))
    assert digest(files.parse(GOOD.replace("路灯不亮", "路灯坏了", 1))) != digest(files.parse(GOOD))


def test_a_workbook_broken_on_its_way_is_refused_not_crashed_on() -> None:
    good, chance = workbook.write(files.parse(GOOD)), Random(1)
    refused = 0
    for _ in range(150):
        broken = bytearray(good)
        for _ in range(4):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            workbook.read(bytes(broken))
        except CatalogueRefused:
            refused += 1
    assert refused > 100


def test_a_file_nested_without_end_is_refused() -> None:
    with pytest.raises(CatalogueRefused, match="not TOML"):
        files.parse("a = " + "[" * 100_000)
