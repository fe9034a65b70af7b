"""Signing in: who may, who is refused, and what is kept of it."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.security import generate_password_hash

from hotline import clock
from hotline.db import transaction
from hotline.event_log import Event
from hotline.staff import service
from hotline.staff.models import Staff
from hotline.staff.service import DEMO_PASSWORD

NOW = clock.now()


def _sign_in(client: FlaskClient, username: str, password: str = DEMO_PASSWORD, **more: str) -> int:
    return client.post("/sign-in", data={"username": username, "password": password, **more}).status_code


def _refusals() -> list[str]:
    with transaction() as session:
        facts = session.scalars(select(Event).where(Event.kind == "sign_in_refused").order_by(Event.id))
        return [fact.data["username"] for fact in facts]


@pytest.mark.parametrize(
    ("username", "home"),
    [
        ("1001", "/agent"),
        ("dispatcher", "/dispatch"),
        ("supervisor", "/manage"),
        ("manager", "/manage"),
        ("administrator", "/manage"),
        ("lawyer", "/legal"),
    ],
)
def test_everybody_lands_where_their_work_is(client: FlaskClient, username: str, home: str) -> None:
    assert _sign_in(client, username) == 303
    assert client.get("/").headers["Location"] == home


def test_every_organisation_has_a_user_named_by_its_code(client: FlaskClient) -> None:
    with transaction() as session:
        code = session.scalars(select(Staff.username).where(Staff.role == "organisation").limit(1)).one()
    assert _sign_in(client, code) == 303
    assert client.get("/").headers["Location"] == "/work"


def test_a_wrong_password_is_refused_and_kept_without_unknown_names(client: FlaskClient) -> None:
    assert _sign_in(client, "1001", "wrong") == 401
    assert _sign_in(client, "13800138000", "wrong") == 401
    assert _refusals() == ["1001", ""]
    assert client.get("/").headers["Location"].startswith("/sign-in")


def test_five_failures_lock_the_account_for_five_minutes(seeded: str) -> None:
    for _ in range(5):
        with transaction() as session:
            assert service.sign_in(session, "1001", "wrong", NOW) is None
    for minutes, opens in ((0, False), (4.9, False), (5, True)):
        with transaction() as session:
            staff = service.sign_in(session, "1001", DEMO_PASSWORD, NOW + timedelta(minutes=minutes))
            assert (staff is not None) is opens


def test_a_closed_account_ends_the_session_it_has(client: FlaskClient) -> None:
    _sign_in(client, "1001")
    with transaction() as session:
        session.scalars(select(Staff).where(Staff.username == "1001")).one().active = False
    assert client.get("/").headers["Location"].startswith("/sign-in")
    assert _sign_in(client, "1001") == 401


def test_after_signing_out_nothing_opens(client: FlaskClient) -> None:
    _sign_in(client, "1001")
    assert client.post("/sign-out").status_code == 303
    assert client.get("/agent").status_code == 303
    assert client.post("/agent/available").status_code == 401


def test_sign_in_leads_back_to_the_page_that_was_wanted(client: FlaskClient) -> None:
    wanted = client.get("/agent/tickets?state=closed").headers["Location"]
    assert wanted == "/sign-in?next=/agent/tickets?state%3Dclosed"
    answer = client.post(wanted, data={"username": "1001", "password": DEMO_PASSWORD})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "bad", ["//evil.example/", "https://evil.example", "/\\evil.example", "javascript:x"]
)
def test_sign_in_never_leads_to_another_site(client: FlaskClient, bad: str) -> None:
    answer = client.post("/sign-in", data={"username": "1001", "password": DEMO_PASSWORD, "next": bad})
    assert answer.headers["Location"] == "/"


def test_empty_fields_are_named(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={}, headers={"Accept-Language": "zh"})
    assert answer.status_code == 400
    assert "请输入用户名" in answer.text
    assert "请输入密码" in answer.text


def test_the_language_is_kept_with_the_account(client: FlaskClient) -> None:
    _sign_in(client, "1001")
    client.post("/language/en", data={"next": "/agent"})
    assert 'lang="en"' in client.get("/agent").text
    with transaction() as session:
        assert session.scalars(select(Staff).where(Staff.username == "1001")).one().language == "en"
    assert client.post("/language/xx").status_code == 404


def test_demo_accounts_are_shown_only_while_the_demo_password_works(client: FlaskClient) -> None:
    assert DEMO_PASSWORD in client.get("/sign-in").text
    with transaction() as session:
        first = session.scalars(select(Staff).where(Staff.username == "1001")).one()
        first.password_hash = generate_password_hash("a real one")
    assert DEMO_PASSWORD not in client.get("/sign-in").text


def test_making_demo_staff_again_makes_nobody_twice(seeded: str) -> None:
    with transaction() as session:
        assert service.make_demo_staff(session) == 0
