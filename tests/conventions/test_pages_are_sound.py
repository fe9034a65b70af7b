"""Every page parses, has a title and one h1, labels its inputs and repeats no id; in both languages."""

from collections import Counter
from html.parser import HTMLParser

import pytest
from flask import Flask

from hotline.permissions import ROLES, Permission, allows
from hotline.web.access import ACCESS
from tests.dispatch.people import sign_in_as
from tests.support.lives import a_calls_life, a_tickets_life
from tests.support.people import signed_in_as

VOID = {"input", "br", "img", "meta", "link", "hr", "source", "area", "base", "col", "embed", "wbr"}
UNLABELLED = {"hidden", "submit", "button"}


class Page(HTMLParser):
    """Notes what a screen reader would stumble over."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.inputs: list[tuple[str, bool]] = []
        self.labelled: set[str] = set()
        self.title = ""
        self.headings = 0
        self.faults: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            self.ids.append(found["id"])
        self.headings += tag == "h1"
        if tag == "label":
            self.labelled.add(found.get("for", ""))
        if tag in ("input", "select", "textarea") and found.get("type") not in UNLABELLED:
            named = "aria-label" in found or "aria-labelledby" in found or "label" in self.open
            self.inputs.append((found.get("id", found.get("name", "?")), named))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:] or 'nothing'}")
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "title":
            self.title += data

    def complaints(self) -> list[str]:
        found = list(self.faults)
        found += [f"left open: {tag}" for tag in self.open if tag not in ("p", "li")]
        found += [f"id twice: {name}" for name, count in Counter(self.ids).items() if count > 1]
        found += [
            f"no label: {name}" for name, named in self.inputs if not named and name not in self.labelled
        ]
        found += [] if self.title.strip(" ·\n") else ["no title"]
        found += [] if self.headings == 1 else [f"{self.headings} h1"]
        return found


def test_a_broken_page_is_found() -> None:
    html = "<html><body><div id=a><span id=a></div><input name=q></body></html>"
    complaints = " ".join(Page(html).complaints())
    for fault in ("id twice", "no label", "no title", "closes"):
        assert fault in complaints


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_page_a_role_can_open_is_sound(app: Flask, role: str, language: str) -> None:
    browser = signed_in_as(app, role)
    browser.set_cookie("language", language)
    for rule in app.url_map.iter_rules():
        needed = getattr(app.view_functions[rule.endpoint], ACCESS, "")
        if "GET" not in (rule.methods or ()) or rule.arguments or needed in ("machine", ""):
            continue
        if needed in set(Permission) and not allows(role, Permission(needed)):
            continue
        answer = browser.get(rule.rule)
        if answer.mimetype == "text/html" and answer.status_code == 200 and "<html" in answer.text:
            assert Page(answer.text).complaints() == [], rule.rule


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_tickets_pages_are_sound_at_every_turn(app: Flask, language: str) -> None:
    for looks in a_tickets_life():
        for who, path in looks:
            assert_sound(app, who, path, language)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_calls_pages_are_sound_at_every_turn(app: Flask, language: str) -> None:
    for looks in a_calls_life():
        for who, path in looks:
            assert_sound(app, who, path, language)


def assert_sound(app: Flask, staff_id: int, path: str, language: str) -> None:
    """`staff_id` 0 is a citizen."""
    browser = app.test_client()
    if staff_id:
        sign_in_as(browser, staff_id)
    browser.set_cookie("language", language)
    answer = browser.get(path)
    assert (answer.status_code, Page(answer.text).complaints()) == (200, []), path
