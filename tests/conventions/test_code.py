"""Guards over the code itself: size, silenced checks, jobs that exist, the network, one machine's paths."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("hotline", "ivr", "agents", "dispatch", "sms")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
TESTS = [path for path in sorted((ROOT / "tests").rglob("test_*.py")) if "node_modules" not in path.parts]
MAX_LINES = 400
MAX_FUNCTION = 50
VAGUE = {"manager", "helper", "helpers", "util", "utils", "common", "misc", "processor"}
WAKES = re.compile(r'wake\(\s*\w+,\s*"([\w.]+)"')


def long_functions(text: str) -> list[str]:
    functions = (
        n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return [f.name for f in functions if (f.end_lineno or f.lineno) - f.lineno + 1 > MAX_FUNCTION]


def silenced(text: str) -> list[str]:
    return re.findall(r"# noqa.*|pytest\.skip.*|mark\.skip.*|mark\.xfail.*|# TODO.*|# FIXME.*", text)


def missing_jobs(text: str) -> list[str]:
    """Jobs somebody wakes that no worker could run."""
    return [job for job in WAKES.findall(text) if not _exists(job)]


def own_endings(text: str) -> list[str]:
    """A transaction ends at its door: a fact of a part rolled back would be written all the same."""
    return re.findall(r"\.(?:commit|rollback|begin_nested)\(", text)


def _exists(dotted: str) -> bool:
    module, _, name = dotted.rpartition(".")
    try:
        return hasattr(import_module(module), name)
    except ImportError:
        return False


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=place)
def test_a_newcomer_can_hold_the_file_in_mind(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MAX_LINES, "split it by what it is about"
    assert long_functions(text) == []
    assert path.stem not in VAGUE, "name the thing in the trade's words"


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=place)
def test_nothing_is_silenced_or_skipped(path: Path) -> None:
    if path == Path(__file__):
        return
    assert silenced(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", SOURCES, ids=place)
def test_every_job_that_is_woken_exists(path: Path) -> None:
    assert missing_jobs(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", SOURCES, ids=place)
def test_nobody_ends_a_transaction_but_its_door(path: Path) -> None:
    assert own_endings(path.read_text(encoding="utf-8")) == []


def test_the_guards_find_what_they_are_for() -> None:
    body = "\n".join("    x = 1" for _ in range(MAX_FUNCTION + 1))
    assert long_functions(f"def long():\n{body}\n") == ["long"]
    assert silenced("import x  # " + "noqa: F401") != []
    assert silenced("@pytest.mark." + "skip('later')") != []
    assert own_endings("with session.begin_nested(): pass") != []
    assert own_endings("session.commit()") != []
    assert missing_jobs('wake(session, "sms.jobs.no_such_job")') == ["sms.jobs.no_such_job"]


def test_no_source_names_one_machine() -> None:
    """Paths of whoever wrote it do not travel."""
    home = str(Path.home()) + "/"
    assert [path for path in SOURCES if home in path.read_text(encoding="utf-8")] == []
