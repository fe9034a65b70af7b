"""Every text a page shows is marked and has its English; `make translations` gathers new ones."""

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from hotline.events import KINDS
from hotline.web.facts import PLAIN, WORDED

ROOT = Path(__file__).parents[2]
ENGLISH = ROOT / "hotline/web/translations/en/LC_MESSAGES/messages.po"
MARKS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
CHINESE = re.compile(r"[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
BILINGUAL = {"phone.html"}  # the simulated telephone says everything in both languages at once


def marked_texts(root: Path) -> Catalog:
    """What babel.cfg finds below `root`."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)
    found = Catalog()
    for name, line, text, _comments, context in extract_from_dir(root, methods, options, MARKS):
        found.add(text, locations=[(name, line)], context=context)
    return found


def english_texts(path: Path) -> Catalog:
    with path.open("rb") as source:
        return read_po(source, locale="en")


def complaints(marked: Catalog, english: Catalog) -> list[str]:
    found = [f"translate {m.id!r} of {m.locations}" for m in marked if m.id and m.id not in english]
    found += [f"nobody says {m.id!r} any more" for m in english if m.id and m.id not in marked]
    found += [f"nobody says {m.id!r} any more" for m in english.obsolete.values()]
    for message in english:
        found += _faults_of(message) if message.id else []
    return found


def _faults_of(message: Message) -> list[str]:
    said = message.string if isinstance(message.string, tuple) else (message.string,)
    wanted = set(PLACEHOLDER.findall(str(message.id)))
    faults = [f"{message.id!r} is fuzzy"] if message.fuzzy else []
    faults += [f"{message.id!r} has no English"] if not all(said) else []
    faults += [f"{message.id!r} is Chinese in English"] if CHINESE.search(str(said)) else []
    odd = [text for text in said if text and set(PLACEHOLDER.findall(text)) != wanted]
    faults += [f"{message.id!r}: {text!r}" for text in odd]
    return faults


def unmarked_in_template(html: str) -> list[str]:
    return [line.strip() for line in JINJA.sub("", html).splitlines() if CHINESE.search(line)]


def unmarked_in_python(source: str) -> list[str]:
    """Chinese strings that are neither marked nor a docstring."""
    tree = ast.parse(source)
    spared = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            spared |= {id(argument) for argument in node.args}
    strings = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and id(n) not in spared)
    return [n.value for n in strings if isinstance(n.value, str) and CHINESE.search(n.value)]


def test_every_marked_text_has_its_english() -> None:
    found = complaints(marked_texts(ROOT), english_texts(ENGLISH))
    assert found == [], "run `make translations` and fill in the empty msgstr"


def test_no_template_says_chinese_without_marking_it() -> None:
    templates = [
        path
        for folder in ("hotline", "agents", "dispatch", "sms")
        for path in (ROOT / folder).rglob("*.html")
        if path.name not in BILINGUAL
    ]
    found = {path.name: unmarked_in_template(path.read_text(encoding="utf-8")) for path in templates}
    assert len(templates) > 20 and {name: lines for name, lines in found.items() if lines} == {}


def test_no_page_code_says_chinese_without_marking_it() -> None:
    pages = [
        path
        for folder in ("hotline", "agents", "dispatch", "sms")
        for path in (ROOT / folder).rglob("*.py")
        if "from flask_babel import" in path.read_text(encoding="utf-8")
    ]
    found = {path: unmarked_in_python(path.read_text(encoding="utf-8")) for path in pages}
    assert len(pages) > 10 and {path: strings for path, strings in found.items() if strings} == {}


def test_a_broken_catalogue_is_found(tmp_path: Path) -> None:
    page = tmp_path / "hotline" / "page.py"
    page.parent.mkdir()
    page.write_text('_("新", _("问 %(name)s"), _("空"), _("猜"), _("中"), ngettext("一", "多", 2))', "utf-8")
    entries = ["问 %(name)s|Ask %(who)s", "空|", "中|中文", "旧|Old"]
    lines = [f'msgid "{one.split("|")[0]}"\nmsgstr "{one.split("|")[1]}"\n' for one in entries]
    lines += ['#, fuzzy\nmsgid "猜"\nmsgstr "Guess"\n', '#~ msgid "去"\n#~ msgstr "Gone"\n']
    lines += ['msgid "一"\nmsgid_plural "多"\nmsgstr[0] "One"\nmsgstr[1] ""\n']
    (tmp_path / "en.po").write_text("\n".join(lines), "utf-8")
    found = complaints(marked_texts(tmp_path), english_texts(tmp_path / "en.po"))
    assert [one.replace(str(tmp_path), "") for one in sorted(found)] == [
        "'中' is Chinese in English",
        "'猜' is fuzzy",
        "'空' has no English",
        "'问 %(name)s': 'Ask %(who)s'",
        "('一', '多') has no English",
        "nobody says '去' any more",
        "nobody says '旧' any more",
        "translate '新' of [('hotline/page.py', 1)]",
    ]


def test_unmarked_chinese_is_found() -> None:
    assert unmarked_in_template("<p>{{ _('好') }}</p>{# 注 #}\n<b>坏</b>") == ["<b>坏</b>"]
    assert unmarked_in_python('"""说明"""\ngood = _("好")\nbad = "坏"\n') == ["坏"]


def test_every_fact_of_a_ticket_has_words_for_its_history() -> None:
    told = [kind for kind, fact in KINDS.items() if "ticket_id" in {f.name for f in fields(fact)}]
    assert len(told) > 20 and [kind for kind in told if kind not in PLAIN and kind not in WORDED] == []


@pytest.mark.parametrize("path", ["/sign-in", "/p", "/p/new", "/nowhere"])
def test_a_page_speaks_the_language_that_was_chosen(client: FlaskClient, path: str) -> None:
    client.set_cookie("language", "en")
    in_english = client.get(path).text
    client.set_cookie("language", "zh")
    assert "Skip to the content" in in_english and "跳到正文" not in in_english
    assert "跳到正文" in client.get(path).text


def test_counts_have_a_singular_and_a_plural(client: FlaskClient) -> None:
    from hotline.web.display import span

    with client.application.test_request_context(headers={"Cookie": "language=en"}):
        assert [span(30), span(60), span(86400 * 3)] == ["30 s", "1 min", "3 days"]
    with client.application.test_request_context(headers={"Cookie": "language=zh"}):
        assert span(86400 * 3) == "3 天"
