"""`hotline report` at a terminal."""

import json

import pytest
from click.testing import CliRunner, Result

from hotline.reports.definitions import FIGURES
from hotline.wiring.cli import main


def report(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["report", *arguments])


def test_it_prints_every_figure_and_a_dash_where_there_is_nothing(database: str) -> None:
    said = report("--from", "2026-03-01", "--to", "2026-03-31")
    assert said.exit_code == 0, said.output
    assert len(said.output.splitlines()) == len(FIGURES)
    assert said.output.count("—") == sum(figure.rate for figure in FIGURES)


def test_as_json_a_rate_of_nothing_is_null(database: str) -> None:
    said = report("--from", "2026-03-01", "--to", "2026-03-31", "--json")
    values = {record["name"]: record["value"] for record in json.loads(said.output)}
    assert values == {figure.name: None if figure.rate else 0 for figure in FIGURES}


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-03-02", "2026-03-01", "the last day is before the first"),
        ("0001-01-01", "0001-01-01", "between 2000 and 2100"),
        ("9999-12-31", "9999-12-31", "between 2000 and 2100"),
        ("March", "2026-03-01", "does not match"),
    ],
)
def test_a_wrong_period_is_one_sentence_not_a_traceback(
    database: str, first: str, last: str, said: str
) -> None:
    answer = report("--from", first, "--to", last)
    assert answer.exit_code in (1, 2)
    assert said in answer.output
    assert "Traceback" not in answer.output
