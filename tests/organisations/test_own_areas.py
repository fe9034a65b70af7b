"""A city brings its own areas: faults by row, nothing lost, and nothing removed that somebody needs."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import Workbook
from sqlalchemy import func, select

from hotline import clock
from hotline.db import transaction
from hotline.event_log import Event
from hotline.organisations.models import Area
from hotline.places import queries as places
from hotline.wiring.cli import main
from tests.tickets.matters import opened

HEADER = "code,name,level,parent,population\n"
CITY = """32,云州市,city,,
3201,湖滨区,county,32,500000
320101,白鹭镇,town,3201,
32010101,听雨村,village,320101,
"""


def loaded(tmp_path: Path, text: str, name: str = "areas.csv") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(main, ["load-areas", str(path)]).output


def areas() -> dict[str, tuple[str, str]]:
    with transaction() as session:
        return {area.code: (area.name, area.path) for area in session.scalars(select(Area))}


def facts() -> list[dict[str, object]]:
    with transaction() as session:
        of_areas = select(Event.data).where(Event.kind == "areas_loaded").order_by(Event.id)
        return list(session.scalars(of_areas))


def test_a_city_loads_its_areas_and_the_same_file_again_changes_nothing(
    database: str, tmp_path: Path
) -> None:
    assert loaded(tmp_path, HEADER + CITY) == "4 areas: 4 new, 0 changed, 0 removed\n"
    assert areas()["32010101"] == ("听雨村", "32/3201/320101/32010101")
    assert loaded(tmp_path, HEADER + CITY) == "4 areas: 0 new, 0 changed, 0 removed\n"
    assert [fact["added"] for fact in facts()] == [4]


def test_an_area_that_moves_or_is_renamed_keeps_its_identity_and_is_found_at_once(
    database: str, tmp_path: Path
) -> None:
    more = "3202,城南区,county,32,\n"
    loaded(tmp_path, HEADER + CITY + more)
    with transaction() as session:
        places.resolve(session, "白鹭镇")
        before = session.scalars(select(Area.id).where(Area.code == "320101")).one()
    moved = (CITY + more).replace("320101,白鹭镇,town,3201,", "320101,苍鹭镇,town,3202,")
    assert loaded(tmp_path, HEADER + moved) == "5 areas: 0 new, 2 changed, 0 removed\n"
    assert areas()["32010101"][1] == "32/3202/320101/32010101"
    with transaction() as session:
        (found,) = places.resolve(session, "苍鹭镇的路坏了")
    assert (found.area_id, found.area_name) == (before, "城南区 苍鹭镇")


def test_what_is_left_out_goes_but_not_what_a_ticket_needs(seeded: str, tmp_path: Path) -> None:
    with transaction() as session:
        rows = session.scalars(select(Area).order_by(Area.path)).all()
        names = {area.id: area.code for area in rows}
        lines = [f"{a.code},{a.name},{a.level},{names.get(a.parent_id, '')},{a.population}" for a in rows]
        city = rows[0].code
    free = f"999,新区,county,{city},"
    assert "1 new, 0 changed, 0 removed" in loaded(tmp_path, HEADER + "\n".join([*lines, free]))
    assert "0 new, 0 changed, 1 removed" in loaded(tmp_path, HEADER + "\n".join(lines))
    loaded(tmp_path, HEADER + "\n".join([*lines, free]))
    with transaction() as session:
        opened(
            session, now=clock.now(), area_id=session.scalars(select(Area.id).where(Area.code == "999")).one()
        )
    refused = loaded(tmp_path, HEADER + "\n".join(lines))
    assert "area 999 新区: is not in the file but used (1 of ticket); keep it" in refused
    assert "999" in areas()


def test_every_fault_is_said_by_its_row_and_nothing_is_changed(database: str, tmp_path: Path) -> None:
    loaded(tmp_path, HEADER + CITY)
    rows = [
        "32,云州市,city,,",
        "3201,湖滨区,county,99,",
        "3201,湖滨区,county,32,",
        "320101,白鹭镇,town,,",
        "320102,苍鹭镇,town,3209,",
        "3209,城南区,county,320101,",
        "33,另一市,city,32,",
        "34,,town,32,",
        "35,某地,province,32,",
        "36/1,某地,town,32,many",
    ]
    said = loaded(tmp_path, HEADER + "\n".join(rows))
    for words in (
        "row 3: parent: there is no area '99' in this file",
        "row 4: code: 3201 stands in row 3 already",
        "row 5: parent: say in which area it lies, by its code",
        "row 7: parent: 320101 is a town, which holds no county",
        "row 8: parent: the city has none",
        "row 9: name:",
        "row 10: level:",
        "row 11: code:",
        "row 11: population:",
        "level: exactly one area is the city, not 2",
    ):
        assert words in said, said
    assert len(areas()) == 4


@pytest.mark.parametrize("kind", ["toml", "xlsx"])
def test_a_toml_file_or_a_workbook_says_the_same(database: str, tmp_path: Path, kind: str) -> None:
    lines = [line.split(",") for line in (HEADER + CITY).splitlines()]
    path = tmp_path / f"areas.{kind}"
    if kind == "xlsx":
        book = Workbook()
        for line in lines:
            book.active.append([int(value) if value.isdigit() else value or None for value in line])
        book.save(path)
    else:
        entries = (zip(lines[0], line, strict=True) for line in lines[1:])
        told = ("\n".join(f'{k} = "{v}"' for k, v in entry if v) for entry in entries)
        path.write_text("\n".join(f"[[area]]\n{entry}" for entry in told), encoding="utf-8")
    said = CliRunner().invoke(main, ["load-areas", str(path)]).output
    assert said == "4 areas: 4 new, 0 changed, 0 removed\n"
    with transaction() as session:
        assert session.scalar(select(func.sum(Area.population))) == 500000


def test_what_is_no_workbook_is_refused_in_words(database: str, tmp_path: Path) -> None:
    assert "is not an XLSX workbook" in loaded(tmp_path, "code,name", "areas.xlsx")
