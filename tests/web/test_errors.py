"""What a person, or a machine, is told when something is wrong."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hotline.errors import (
    ConsentMissing,
    InvalidInput,
    NotAllowed,
    NotFound,
    ProviderError,
    TransitionRefused,
)
from hotline.web.access import open_to_all


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFound("no ticket 7"), 404, "not_found"),
        (NotAllowed("not yours"), 403, "not_allowed"),
        (TransitionRefused("ticket", "closed", "in_hand"), 409, "transition_refused"),
        (InvalidInput("text", "say what the matter is"), 400, "invalid_input"),
        (ConsentMissing("ask first"), 409, "consent_missing"),
        (ProviderError("away", permanent=False), 502, "provider_error"),
    ],
)
def test_every_error_of_ours_has_a_status_and_says_what_to_do(
    own_app: Flask, error: Exception, status: int, code: str
) -> None:
    @open_to_all
    def fails() -> str:
        raise error

    own_app.add_url_rule("/fails", "fails", fails)
    page = own_app.test_client().get("/fails", headers={"Accept-Language": "zh"})
    assert page.status_code == status
    assert "<h1>" in page.text and code in page.text
    answer = own_app.test_client().get("/fails", headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert answer.json and answer.json["code"] == code and answer.json["advice"]


def test_a_fault_of_ours_is_logged_with_a_reference_and_shows_no_cause(
    own_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    @open_to_all
    def fails() -> str:
        raise RuntimeError("the secret cause")

    own_app.add_url_rule("/fails", "fails", fails)
    answer = own_app.test_client().get("/fails")
    assert answer.status_code == 500
    assert "the secret cause" not in answer.text
    reference = next(
        r.args[0] for r in caplog.records if isinstance(r.args, tuple) and r.name.endswith("errors")
    )
    assert str(reference) in answer.text


def test_pages_that_do_not_exist_or_take_no_such_method(client: FlaskClient) -> None:
    assert client.get("/nowhere").status_code == 404
    assert client.get("/sign-out").status_code == 405


def test_a_form_without_its_csrf_token_is_refused(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = app.test_client().post("/sign-in", data={"username": "1001", "password": "x"})
    assert answer.status_code == 400
    assert "bad_request" in answer.text


def test_too_much_is_refused(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"username": "x" * 3_000_000, "password": "x"})
    assert answer.status_code == 413
