"""A city brings its own departments, towns, villages, grids and firms: faults by row, all or nothing."""

import csv
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import Workbook
from sqlalchemy import select

from hotline.db import transaction
from hotline.event_log import Event
from hotline.organisations import credit_code, directory, queries
from hotline.organisations.models import Organisation
from hotline.wiring.cli import main

SAMPLES = Path(__file__).parents[2] / "docs" / "samples"
SAMPLE = (SAMPLES / "organisations.csv").read_text(encoding="utf-8")
HEADER = SAMPLE.splitlines()[0]
AT = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def city(database: str) -> None:
    """The areas of the sample, and nobody in them."""
    said = CliRunner().invoke(main, ["load-areas", str(SAMPLES / "areas.csv")]).output
    assert said == "6 areas: 6 new, 0 changed, 0 removed\n"


def loaded(path: Path) -> str:
    return CliRunner().invoke(main, ["load-organisations", str(path)]).output


def said(tmp_path: Path, *rows: str, header: str = HEADER) -> str:
    path = tmp_path / "organisations.csv"
    path.write_text("\n".join((header, *rows)), encoding="utf-8")
    return loaded(path)


def organisations() -> dict[str, Organisation]:
    with transaction() as session:
        return {it.code: it for it in session.scalars(select(Organisation))}


def counts(text: str) -> str:
    return text.splitlines()[0]


def test_the_sample_loads_as_it_is_and_again_changes_nothing() -> None:
    assert counts(loaded(SAMPLES / "organisations.csv")) == "7 organisations: 7 new, 0 changed; 0 others stay"
    assert counts(loaded(SAMPLES / "organisations.csv")) == "7 organisations: 0 new, 0 changed; 0 others stay"
    there = organisations()
    grid, community, firm = (there[code] for code in ("980101001001001-WG", "980101001001-SQ", "9801-ST"))
    assert (grid.level, grid.parent_id, grid.kind) == ("grid", community.id, "external")
    assert (firm.hours, firm.open_days, firm.phone) == (
        "08:00-12:00 13:30-18:00",
        [1, 2, 3, 4, 5, 6],
        "+8651612345003",
    )
    with transaction() as session:
        county = {area.name: area.id for area in queries.areas(session, "county")}
        for place in ("湖滨区", "望山县"):
            assert [it.code for it in queries.eligible_firms(session, "水电维修企业", county[place], AT)] == [
                "9801-ST"
            ]
            assert [it.code for it in queries.eligible_firms(session, "自来水公司", county[place], AT)] == [
                "9801-GS"
            ]
        handler = queries.handler_for(session, "城市管理局", county["湖滨区"])
        assert (handler.organisation.code, handler.principle) == ("980101-CG", "territorial")
        assert len(session.scalars(select(Event).where(Event.kind == "organisations_loaded")).all()) == 1


def test_what_changed_is_changed_and_a_firms_page_says_what(tmp_path: Path) -> None:
    loaded(SAMPLES / "organisations.csv")
    before = organisations()
    told = (
        SAMPLE.replace("湖滨区城市管理局", "湖滨区综合执法局")
        .replace(",980101001-JD,,", ",,,")
        .replace(",12,云城", ",15,云城")
    )
    path = tmp_path / "new.csv"
    path.write_text(told, encoding="gb18030")
    assert counts(loaded(path)) == "7 organisations: 0 new, 3 changed; 0 others stay"
    after = organisations()
    assert {code: it.id for code, it in after.items()} == {code: it.id for code, it in before.items()}
    assert after["980101-CG"].name == "湖滨区综合执法局"
    assert after["980101001001-SQ"].parent_id is None
    with transaction() as session:
        newest = session.scalars(directory.history(after["9801-ST"].id)).first()
        assert newest is not None and newest.data["changes"] == {"capacity_per_day": ["12", "15"]}


def test_firms_may_come_in_a_file_of_their_own_and_the_offices_stay(tmp_path: Path) -> None:
    loaded(SAMPLES / "organisations.csv")
    header = "code,name,kind,role,area,licence_number"
    assert counts(said(tmp_path, "F1,新来保洁,firm,家政服务企业,980102,家字1号", header=header)) == (
        "1 organisations: 1 new, 0 changed; 7 others stay"
    )
    assert len(organisations()) == 8


def test_every_fault_is_said_by_its_row_and_nothing_is_changed(tmp_path: Path) -> None:
    loaded(SAMPLES / "organisations.csv")
    good = credit_code.make("990101", "MA900001")
    firm = "firm,管道疏通企业"
    answer = said(
        tmp_path,
        "A,甲,department,城市管理局,9999,,,,,,,,,,,,",
        "A,甲,department,城市管理局,9801,,,,,,,,,,,,",
        "B,乙,bureau,城市管理局,9801,,,,,,,,,,,,",
        "C,丙,department,城市管理局,9801,nobody,,,,,,,,,,,",
        "D,丁,department,城市管理局,9801,980101-CG,,,,,,,,,,,",
        "E,戊,department,城市管理局,9801,9801-ST,,,,,,,,,,,",
        "9801-CG,己,department,城市管理局,9801,G,,,,,,,,,,,",
        "G,庚,department,城市管理局,9801,9801-CG,,,,,,,,,,,",
        "H,辛,department,城市管理局,9801 980101,,,,,,,,,,,,",
        "I,壬,department,城市管理局,9801,,12,,,,,,,,,,",
        "J,癸,department,城市管理局,9801,,,,,,,,,08:00-18:00,,,",
        f"K,子,{firm},980101001,,,,,,,甲1,,,,,",
        f"L,丑,{firm},980101,,,,,,,,2027-01-01,,,,",
        f"M,寅,{firm},980101,,,,,,,甲1,,8-18,,,",
        f"N,卯,{firm},980101,,,,{good},,,甲1,,,,,",
        f"O,辰,{firm},980101,,,,{good[:-1]}0,,,甲1,,,,,",
        f"P,巳,{firm},980101,,,,,,0,甲1,someday,,89,,",
        f"Q,午,{firm},980101,9801-CG,,,,,,甲1,,,,,",
        f"980101001-JD,未,{firm},980101,,,,,,,甲1,,,,,",
        f"R,申,{firm},980101,,,,,,,甲1,,,,soon,",
    )
    for words in (
        "row 2: area: there is no area 9999; bring it with load-areas first",
        "row 3: code: A stands in row 2 already",
        "row 4: kind: Input should be 'department'",
        "row 5: parent: there is no organisation 'nobody', neither here nor in this file",
        "row 6: parent: 980101-CG is an office of a county, which is below this one",
        "row 7: parent: 9801-ST is a firm; nobody stands under it",
        "row 8: parent: who stands above 9801-CG stands below it as well",
        "row 9: parent: who stands above G stands below it as well",
        "row 10: area: an office answers for one area; give each area's office a row of its own",
        "row 11: phone: 12 is no telephone number; write it with its area code",
        "row 12: hours: only firms have this; leave it empty",
        "row 13: area: 980101001 is no county; name the counties it serves, or the city for all",
        "row 14: licence_number: a licence has a number",
        "row 15: hours: 8-18: write hours like 08:00-12:00 14:00-18:00",
        f"row 16: credit_code: {good} is 9801-ST already; name it by that code",
        "row 17: credit_code: ",
        "row 18: capacity_per_day: Input should be greater than or equal to 1",
        "row 18: licence_until: ",
        "row 18: open_days.0: Input should be less than or equal to 7",
        "row 19: parent: a firm stands under no office; leave it empty",
        "row 20: kind: 980101001-JD is 白鹭街道办事处 (external); give this one a code of its own",
        "row 21: closed_on: soon: write days like",
    ):
        assert f"organisations.csv: {words}" in answer, answer
    assert len(organisations()) == 7


def test_a_workbook_with_dates_and_numbers_of_its_own_says_the_same(tmp_path: Path) -> None:
    book = Workbook()
    for line in csv.reader(SAMPLE.splitlines()):
        book.worksheets[0].append([_as_excel_keeps_it(value) for value in line])
    path = tmp_path / "organisations.xlsx"
    book.save(path)
    loaded(SAMPLES / "organisations.csv")
    assert counts(loaded(path)) == "7 organisations: 0 new, 0 changed; 0 others stay"


def _as_excel_keeps_it(value: str) -> object:
    try:
        return datetime.combine(date.fromisoformat(value), time())
    except ValueError:
        return int(value) if value.isdigit() else value == "yes" or value or None


def test_it_says_which_roles_no_catalogue_names_and_which_nobody_has(seeded: str, tmp_path: Path) -> None:
    with transaction() as session:
        county = queries.areas(session, "county")[0].code
        for it in session.scalars(select(Organisation).where(Organisation.role_name == "水利局")):
            it.role_name = "水务局"
    answer = said(tmp_path, f"X1,河湖长制办公室,department,河长办,{county},,,,,,,,,,,,")
    assert "nothing goes there by itself: 河长办\n" in answer
    assert "but nobody has them: 水利局\n" in answer
