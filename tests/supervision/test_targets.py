"""Targets of units for a year: loaded by row or refused by row, and held against the reports (H11)."""

from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.db import transaction
from hotline.organisations.models import Organisation
from hotline.reports.queries import report
from hotline.rows import RowsRefused
from hotline.supervision import targets
from hotline.supervision.models import FIGURES, Target
from hotline.surveys.grades import Satisfaction
from hotline.wiring.cli import main
from tests.dispatch.people import NOW
from tests.supervision.people import DAY, rated

HEAD = "year,organisation,figure,percent\n"


def codes(count: int) -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(Organisation.code).order_by(Organisation.id).limit(count)))


def held(session: Session, year: int, now: datetime) -> list[targets.Held]:
    """All of them, not a page."""
    return targets.held(session, year, now, session.scalars(targets.promising(year)).all())


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_ninety_units_promise_two_figures_each(seeded: str, tmp_path: Path) -> None:
    lines = [f"2026,{code},{figure},95.5\n" for code in codes(90) for figure in FIGURES]
    file = written(tmp_path / "targets.csv", HEAD + "".join(lines))
    assert "180 targets" in CliRunner().invoke(main, ["load-targets", str(file)]).output
    with transaction() as session:
        shown = held(session, 2026, NOW)
        assert len(shown) == 90
        assert all(set(unit.targets) == set(FIGURES) for unit in shown)
        assert held(session, 2025, NOW) == []


def test_a_file_is_the_whole_truth_about_its_years(seeded: str, tmp_path: Path) -> None:
    first, second = codes(2)
    with transaction() as session:
        text = HEAD + f"2025,{first},on_time_rate,90\n2026,{first},on_time_rate,95\n"
        targets.load(session, written(tmp_path / "a.csv", text), NOW)
        toml = (
            f'[[target]]\nyear = 2026\norganisation = "{second}"\nfigure = "satisfied_rate"\npercent = 85\n'
        )
        targets.load(session, written(tmp_path / "b.toml", toml), NOW)
        kept = session.execute(select(Target.year, Target.figure).order_by(Target.year)).all()
        assert kept == [(2025, "on_time_rate"), (2026, "satisfied_rate")]


def test_every_fault_is_said_by_its_row_and_nothing_is_kept(seeded: str, tmp_path: Path) -> None:
    (code,) = codes(1)
    faulty = (
        f"26,{code},on_time_rate,95\n2026,NOBODY,on_time_rate,95\n2026,{code},charm,95\n"
        f"2026,{code},on_time_rate,101\n2026,{code},on_time_rate,95\n2026,{code},on_time_rate,96\n"
    )
    file = written(tmp_path / "t.csv", HEAD + faulty)
    answer = CliRunner().invoke(main, ["load-targets", str(file)])
    assert answer.exit_code == 1
    for said in ("row 2: year", "row 3: organisation", "row 4: figure", "row 5: percent", "row 7: the same"):
        assert said in answer.output
    assert "row 6" not in answer.output.replace("in row 6", "")
    with transaction() as session:
        assert session.scalars(select(Target)).all() == []


@pytest.mark.parametrize("text", ["", "year,figure\n", "year,organisation,figure,percent\n"])
def test_a_file_without_targets_is_refused(seeded: str, tmp_path: Path, text: str) -> None:
    with transaction() as session, pytest.raises(RowsRefused):
        targets.load(session, written(tmp_path / "t.csv", text), NOW)


def test_what_is_true_is_what_the_report_says(seeded: str, tmp_path: Path) -> None:
    now = NOW + 30 * DAY
    with transaction() as session:
        for grade in (Satisfaction.SATISFIED, Satisfaction.SATISFIED, Satisfaction.DISSATISFIED):
            ticket = rated(session, grade)
        unit = ticket.organisation
        assert unit is not None
        lines = f"2026,{unit.code},satisfied_rate,60\n2026,{unit.code},on_time_rate,100\n"
        targets.load(session, written(tmp_path / "t.csv", HEAD + lines), now)
        (promise,) = held(session, 2026, now)
        said = {
            result.figure.name: result.value
            for result in report(session, targets._this_year(2026, now), now, by="organisation_id")
            if result.group == str(unit.id)
        }
        assert promise.actual == {figure: said[figure] for figure in FIGURES}
        assert (promise.met("satisfied_rate"), promise.met("on_time_rate")) == (True, True)
        (later,) = held(session, 2026, NOW - 40 * DAY)
        assert later.met("satisfied_rate") is None
