"""What the documents name exists: files, functions, commands, settings, make targets and facts."""

import ast
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import BaseModel

from hotline.config import Settings
from hotline.events import KINDS
from hotline.wiring.cli import main

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("README*.md"), *sorted((ROOT / "docs").rglob("*.md"))]
SOURCE_FOLDERS = ("hotline", "ivr", "agents", "dispatch", "sms", "migrations", "scripts", "benchmarks")
FOLDERS = (*SOURCE_FOLDERS, "tests", "docs")
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)[^)]*\)")
PLACE = re.compile(rf"((?:{'|'.join(FOLDERS)})/[\w./*-]*)(?::([\w.]+))?")
DOTTED = re.compile(r"[a-z_]+(?:\.\w+)+")
COMMAND = re.compile(r"(?:^|[`/])hotline (?:--config \S+ )?([a-z][a-z-]*)(?=[ `]|$)", re.MULTILINE)
FILE = re.compile(rf"(?<![\w./-])(?:{'|'.join(FOLDERS)})/[\w./-]+\.(?:py|md|toml|sh)\b")
TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)
MAKE = re.compile(r"(?:^|`)make ([a-z-]+)", re.MULTILINE)
NOT_DOTTED = (".log", ".py", ".md", ".toml", ".sh", ".js", ".html", ".conf", ".wav", ".json")


def missing_places(text: str) -> list[str]:
    """`folder/file.py` that is not there, `folder/file.py:name` that is not defined in it."""
    found = (PLACE.fullmatch(code) for code in _codes(text))
    return [match[0] for match in found if match and not _is_there(match[1], match[2])]


def missing_links(text: str, folder: Path) -> list[str]:
    return [target for target in LINK.findall(text) if not (folder / target).exists()]


def missing_names(text: str) -> list[str]:
    """`section.setting` and `package.module.name` that are neither."""
    roots = {*FOLDERS, *Settings.model_fields}
    dotted = (code for code in _codes(text) if DOTTED.fullmatch(code) and not code.endswith(NOT_DOTTED))
    ours = (code for code in dotted if code.split(".")[0] in roots)
    return [code for code in ours if not (_setting(code) or _importable(code))]


def missing_commands(text: str) -> list[str]:
    blocks = "\n".join(re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    spans = "\n".join(f"`{code}`" for code in _codes(text))
    targets = TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8"))
    commands = [f"hotline {name}" for name in COMMAND.findall(blocks + spans) if name not in main.commands]
    return commands + [f"make {name}" for name in MAKE.findall(blocks + spans) if name not in targets]


def missing_files(text: str) -> list[str]:
    """Files a comment or docstring sends its reader to."""
    return [path for path in FILE.findall(text) if not (ROOT / path).exists()]


def _codes(text: str) -> list[str]:
    """Inline code; a{b,c}.py stands for ab.py and ac.py."""
    codes = CODE.findall(re.sub(r"^```\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    return [one for code in codes for one in _spread(code)]


def _spread(code: str) -> list[str]:
    match = re.fullmatch(r"([^{}]*)\{([^{}]*)\}([^{}]*)", code)
    return [match[1] + one + match[3] for one in match[2].split(",")] if match else [code]


def _is_there(path: str, name: str | None) -> bool:
    if name:
        return name in _defined(path)
    return any(ROOT.glob(path)) if "*" in path else (ROOT / path).exists()


@cache
def _defined(path: str) -> set[str]:
    """Functions, classes, their methods and module-level names of a file."""
    file = ROOT / path
    return set(_names(ast.parse(file.read_text(encoding="utf-8")).body)) if file.is_file() else set()


def _names(body: list[ast.stmt], owner: str = "") -> list[str]:
    named: list[str] = []
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            named.append(owner + node.name)
        if isinstance(node, ast.ClassDef):
            named += _names(node.body, f"{node.name}.")
        if isinstance(node, ast.Assign):
            named += [owner + target.id for target in node.targets if isinstance(target, ast.Name)]
    return named


def _setting(dotted: str) -> bool:
    model: object = Settings
    for name in dotted.split("."):
        if not (isinstance(model, type) and issubclass(model, BaseModel) and name in model.model_fields):
            return False
        model = model.model_fields[name].annotation
    return True


def _importable(dotted: str) -> bool:
    module, _, name = dotted.rpartition(".")
    try:
        return hasattr(import_module(module), name) or bool(import_module(dotted))
    except ImportError:
        return False


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_reader_finds_everything_the_document_names(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert missing_places(text) == [], "no such file or function: mend the document"
    assert missing_links(text, document.parent) == [], "the link leads nowhere"
    assert missing_names(text) == [], "no such setting or function"
    assert missing_commands(text) == [], "no such command: see `hotline --help` and `make help`"


def test_the_code_sends_its_reader_to_files_that_exist() -> None:
    sources = [path for folder in SOURCE_FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    sources += [ROOT / "Makefile", ROOT / "pyproject.toml", ROOT / "config.example.toml"]
    found = {str(path.relative_to(ROOT)): missing_files(path.read_text(encoding="utf-8")) for path in sources}
    assert {path: files for path, files in found.items() if files} == {}


def test_the_path_of_a_call_names_only_facts_that_are_recorded() -> None:
    text = (ROOT / "docs" / "path-of-a-call.md").read_text(encoding="utf-8")
    named = {code for code in _codes(text) if re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", code)}
    # tables and columns, and one method of the telephone port
    others = {"event_log", "event_delivery", "sms_message", "system_id", "form_key", "ring_citizen"}
    assert named - others <= set(KINDS)


def test_every_decision_stands_in_the_index() -> None:
    decisions = ROOT / "docs" / "decisions"
    listed = set(LINK.findall((decisions / "README.md").read_text(encoding="utf-8")))
    assert {path.name for path in decisions.glob("*.md")} - {"README.md"} <= listed


def test_the_first_page_stays_one_page() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        assert (ROOT / name).read_text(encoding="utf-8").count("\n") <= 80, "say it in docs/"


def test_the_guards_find_what_they_are_for() -> None:
    assert missing_places("see `ivr/no_such.py`, `ivr/service.py:no_such`, `ivr/service.py:turn`") == [
        "ivr/no_such.py",
        "ivr/service.py:no_such",
    ]
    assert missing_links("[here](no_such.md)", ROOT) == ["no_such.md"]
    assert missing_names("`ivr.no_such` `ivr.tries` `ivr.jobs.ring_survey`") == ["ivr.no_such"]
    assert missing_files('"""As ivr/flow.py and ivr/no_such.py."""') == ["ivr/no_such.py"]
    assert missing_commands("`hotline fly` `hotline check` `make tea`") == ["hotline fly", "make tea"]
