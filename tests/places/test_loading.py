"""A site's own gazetteer: TOML or CSV, and everything wrong with it said by row."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from hotline import clock
from hotline.db import transaction
from hotline.event_log import Event
from hotline.organisations.models import Area
from hotline.places import queries, service
from hotline.places.models import PlaceName
from hotline.rows import RowsRefused
from hotline.wiring.cli import main


def codes(level: str) -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(Area.code).where(Area.level == level).order_by(Area.code)))


def written(tmp_path: Path, text: str, name: str = "places.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_demonstration_is_seeded_with_places_and_says_so(seeded: str) -> None:
    with transaction() as session:
        names = session.scalar(select(func.count()).select_from(PlaceName))
        fact = session.scalars(select(Event).where(Event.kind == "places_loaded")).one()
        assert fact.data == {"source": "generated", "names": names}
        assert service.make(session, 1, clock.now()) == 0


def test_a_csv_takes_the_place_of_the_names_there_were_and_is_found_at_once(
    seeded: str, tmp_path: Path
) -> None:
    town, village = codes("town")[0], codes("village")[0]
    path = written(
        tmp_path,
        f"kind,name,area,first_number,last_number\nroad,白鹭滩路,{town},1,99\nestate,听雨轩小区,{village},,\n",
    )
    with transaction() as session:
        queries.resolve(session, "听雨轩小区")
    said = CliRunner().invoke(main, ["load-places", str(path)], catch_exceptions=False)
    assert said.output == "2 names of places from places.csv\n"
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(PlaceName)) == 2
        assert session.scalars(select(PlaceName.sound).order_by(PlaceName.id)).all()[0] == "bai lu tan lu"
        found = queries.resolve(session, "听雨轩小区三号楼漏水")[0]
        assert village in {
            area.code for area in session.scalars(select(Area).where(Area.id == found.area_id))
        }


def test_a_toml_file_says_the_same(seeded: str, tmp_path: Path) -> None:
    text = f'[[place]]\nkind = "crossing"\nname = "白鹭滩路/听雨街"\narea = "{codes("village")[1]}"\n'
    with transaction() as session:
        assert service.load(session, written(tmp_path, text, "places.toml"), clock.now()) == 1


def test_every_fault_is_said_by_row_and_nothing_is_changed(seeded: str, tmp_path: Path) -> None:
    town = codes("town")[0]
    rows = [
        f"road,白鹭滩路,{town},1,",
        f"road,白鹭滩路,{town},9,3",
        "road,白鹭滩路,moon,,",
        f"castle,白鹭滩路,{town},,",
        f"road,白/鹭,{town},,",
        f"road,听雨街,{town},,",
        f"road,听雨街,{town},,",
        f"road,,{town},,",
    ]
    path = written(tmp_path, "kind,name,area,first_number,last_number\n" + "\n".join(rows) + "\n")
    with transaction() as session:
        before = session.scalar(select(func.count()).select_from(PlaceName))
    answer = CliRunner().invoke(main, ["load-places", str(path)])
    assert answer.exit_code == 1
    for words in (
        "row 2: first_number and last_number stand together",
        "row 3: last_number is before first_number",
        "row 4: area: there is no area 'moon'",
        "row 5: kind:",
        "row 6: a crossing, and nothing else, is named by its two roads",
        "row 8: 听雨街 stands in row 7 already",
        "row 9: name:",
    ):
        assert words in answer.output
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(PlaceName)) == before


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("places.csv", "a,b\n1,2\n", "the first row must name the columns"),
        ("places.csv", "kind,name,area\n", "no place in it"),
        ("places.csv", "kind,name,area\nroad,白鹭滩路,1,2\n", "row 2: more fields than columns"),
        ("places.toml", "x = ", "cannot be read"),
        ("places.toml", "place = 3", "no place in it"),
        ("places.toml", "place = [3]", "row 1:"),
    ],
)
def test_a_file_that_is_no_gazetteer_is_refused_in_words(
    seeded: str, tmp_path: Path, name: str, text: str, words: str
) -> None:
    with transaction() as session, pytest.raises(RowsRefused, match=words):
        service.load(session, written(tmp_path, text, name), clock.now())
