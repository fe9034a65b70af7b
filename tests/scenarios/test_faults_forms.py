"""Whatever anybody sends to any page: an answer that says what to do, never a fault of ours."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf import FlaskForm
from sqlalchemy import select

from dispatch import service as dispatching
from hotline import clock
from hotline.db import transaction
from hotline.event_log import Event
from hotline.permissions import ROLES, Permission, allows
from hotline.web.access import ACCESS
from sms.simulated import signed_http
from tests.dispatch.people import STREET_ITEM, open_ticket
from tests.support.people import signed_in_as
from tests.support.surveys import invited_survey

NONSENSE = {
    "nothing": "",
    "a NUL": "a\0b",
    "far too much": "太多" * 1000,
    "no number": "12ab",
    "a negative number": "-1",
    "a number beyond every row": "9" * 30,
    "a quote": "' OR 1=1 --",
    "markup": "</textarea><script>alert(1)</script>",
    "half a character": "\ud83d",
    "a full-width digit": "１２",
}
GIVEN = {"hotline": "12345"}
OPEN = ("open_to_all", "signed_in")


@pytest.fixture
def busy(app: Flask) -> Flask:
    """An office with a little of everything: matters at a department and at a firm, a survey that waits."""
    invited_survey()
    for item in (STREET_ITEM, "1802"):
        with transaction() as session:
            dispatching.dispatch(session, open_ticket(session, item), actor="staff:6", now=clock.now())
    return app


def every_form(kind: type[FlaskForm] = FlaskForm) -> Iterator[type[FlaskForm]]:
    for form in kind.__subclasses__():
        yield form
        yield from every_form(form)


def every_field(app: Flask) -> set[str]:
    """The name of every field of every form there is, and of every argument of an address."""
    with app.test_request_context():
        names = {field.name for form in every_form() for field in form(formdata=None)}
    return names | {"page", "tab", "number", "q", "from", "to", "by", "hotline", "group", "callback", "next"}


def pages(app: Flask, method: str, role: str) -> Iterator[str]:
    """Addresses this role is the first to be asked about: of rows there are, one there is not, and worse."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            needed = access(app, rule.endpoint)
            if method not in (rule.methods or ()) or first_role(needed) != role or rule.rule == "/sign-out":
                continue
            for row in (1, 2, 999_999, 10**30) if rule.arguments else (1,):
                arguments = {
                    name: row if name.endswith("_id") else GIVEN.get(name, f"x{row}")
                    for name in rule.arguments
                }
                yield app.url_map.bind("").build(rule.endpoint, arguments)


def first_role(needed: str) -> str | None:
    """Of those who may open such a page; None for machines."""
    if needed in OPEN:
        return min(ROLES)
    able = [role for role in sorted(ROLES) if needed in set(Permission) and allows(role, Permission(needed))]
    return able[0] if able else None


@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_nonsense_breaks_a_page(busy: Flask, role: str) -> None:
    person, fields = signed_in_as(busy, role), every_field(busy)
    for method, longest in (("GET", 1000), ("POST", 10_000)):
        for path in pages(busy, method, role):
            for what, text in NONSENSE.items():
                if len(text) < longest:
                    status = send(person, method, path, dict.fromkeys(fields, text))
                    assert status < 500, f"{method} {path} answered {status} to {what}"


def test_no_machine_is_let_in_without_its_signature(app: Flask) -> None:
    """Whatever it sends; and nothing of it is kept."""
    before = facts()
    machines = [rule for rule in app.url_map.iter_rules() if access(app, rule.endpoint) == "machine"]
    assert len(machines) > 10
    for rule in machines:
        path, method = re.sub("<[^>]+>", "1", rule.rule), "POST" if "POST" in (rule.methods or ()) else "GET"
        for signature in ({}, {"X-Twilio-Signature": "x"}, {signed_http.HEADER: "0" * 64}):
            for body in ({}, {"CallSid": "CA1", "From": "+8613800138000", "To": "12345", "Digits": "1"}):
                answer = app.test_client().open(path, method=method, data=body, headers=signature)
                assert answer.status_code in (401, 403), (path, answer.status_code)
    assert facts() == before


def access(app: Flask, endpoint: str) -> str:
    return str(getattr(app.view_functions[endpoint], ACCESS, ""))


def facts() -> list[int]:
    with transaction() as session:
        return list(session.scalars(select(Event.id)))


def send(person: FlaskClient, method: str, path: str, fields: dict[str, str]) -> int:
    encoded = {name: text.encode("utf-8", "surrogatepass") for name, text in fields.items()}
    if method == "POST":
        return person.post(path, data=encoded).status_code
    return person.get(path, query_string=encoded).status_code
