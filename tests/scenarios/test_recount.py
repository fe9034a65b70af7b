"""The report and a recount of the exported facts agree, figure by figure, and share no code."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hotline.db import transaction
from hotline.reports import queries
from hotline.reports.definitions import FIGURES
from hotline.reports.queries import Dimension
from tests.conftest import Servers, sections
from tests.reports import generated
from tests.reports.generated import FIRST, FORTNIGHT, LAST, MID

ROOT = Path(__file__).parents[2]
PERIOD = ("--from", FIRST.isoformat(), "--to", LAST.isoformat())
Parts = dict[tuple[str, str], tuple[int, int, int]]


@pytest.fixture(scope="module")
def facts(servers: Servers, seeded_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A made fortnight, exported by the command."""
    name, directory = servers.copy_of(seeded_template), tmp_path_factory.mktemp("fortnight")
    with generated.fortnight_in(sections(servers, name), directory):
        path = directory / "facts.jsonl"
        path.write_text(command("export", "events", "--jsonl"), encoding="utf-8")
        yield path
    servers.drop(name)


def command(*arguments: str) -> str:
    """`hotline …` as a process of its own."""
    return run("-m", "hotline.wiring.cli", *arguments)


def recount(facts: Path, *arguments: str) -> Parts:
    return parts(json.loads(run("-I", "scripts/recount.py", str(facts), *PERIOD, *arguments)))


def run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def parts(records: list[dict[str, Any]]) -> Parts:
    found = {(r["name"], r["group"]): (r["numerator"], r["denominator"], r["excluded"]) for r in records}
    assert len(found) == len(records)
    return found


def test_the_report_equals_a_recount_of_the_facts(facts: Path) -> None:
    views: list[tuple[str, ...]] = [(), ("--hotline", "12345"), ("--hotline", "12348")]
    views += [("--by", "category"), ("--by", "organisation_id")]
    for view in views:
        reported = parts(json.loads(command("report", *PERIOD, "--json", *view)))
        assert reported == recount(facts, "--now", datetime.now(UTC).isoformat(), *view), view
        figures = [figure for figure in FIGURES if "--by" not in view or figure.rows == "ticket"]
        assert {name for name, _ in reported} == {figure.name for figure in figures}


@pytest.mark.parametrize("by", ["all", "category", "organisation_id"])
def test_it_also_does_while_limits_still_run(facts: Path, by: Dimension) -> None:
    with transaction() as session:
        found = queries.report(session, FORTNIGHT, MID, by=by)
    reported = {(r.figure.name, r.group): (r.numerator, r.denominator, r.excluded) for r in found}
    assert sum(left_out for (name, _), (_n, _d, left_out) in reported.items() if name == "on_time_rate")
    assert reported == recount(facts, "--now", MID.isoformat(), "--by", by)


@pytest.mark.parametrize(
    "kind", ["call_answered", "ticket_state_changed", "clock_stopped", "survey_answered"]
)
def test_the_recount_notices_facts_that_are_missing(facts: Path, tmp_path: Path, kind: str) -> None:
    lines = facts.read_text(encoding="utf-8").splitlines()
    without = tmp_path / "without.jsonl"
    without.write_text("\n".join(line for line in lines if f'"{kind}"' not in line), encoding="utf-8")
    assert recount(without) != recount(facts)
