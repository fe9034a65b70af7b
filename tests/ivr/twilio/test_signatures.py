"""X-Twilio-Signature: the published vectors against our door, and a proxy that ends TLS."""

import pytest
from flask import Flask
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import Forbidden

from ivr.twilio.webhooks import blueprint, refuse_unsigned
from tests.ivr.conftest import TOKEN, Site

FORM = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]
# a field sent three times: its values are sorted, and each is signed once
TWICE = [
    ("Sid", "CA123"),
    ("SidAccount", "AC123"),
    ("Digits", "5678"),
    ("Digits", "1234"),
    ("Digits", "1234"),
]
PATH = "/myapp.php?foo=1&bar=2"


def is_let_in(app: Flask, base: str, form: list[tuple[str, str]], signature: str) -> bool:
    data = MultiDict(form)
    headers = {"X-Twilio-Signature": signature}
    with app.test_request_context(PATH, base_url=base, method="POST", data=data, headers=headers):
        try:
            refuse_unsigned()
        except Forbidden:
            return False
        return True


@pytest.mark.parametrize(
    ("base", "form", "signature"),
    [
        ("https://mycompany.com", FORM, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com", TWICE, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
        ("https://mycompany.com", FORM, "kvajT1Ptam85bY51eRf/AJRuM3w="),  # signed with :443
        ("http://mycompany.com", FORM, "0ZXoZLH/DfblKGATFgpif+LLRf4="),  # signed with :80
        ("http://mycompany.com:1234", FORM, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),  # signed without the port
    ],
)
def test_the_published_vectors_are_let_in(
    site: Site, base: str, form: list[tuple[str, str]], signature: str
) -> None:
    app = site(twilio={"auth_token": "12345"})
    assert is_let_in(app, base, form, signature)
    assert not is_let_in(app, base, [*form, ("Digits", "9999")], signature)
    assert not is_let_in(app, "https://other.example", form, signature)


def test_every_voice_webhook_refuses_what_is_not_signed(site: Site) -> None:
    app = site()
    client = app.test_client()
    paths = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(f"{blueprint.name}.")]
    assert len(paths) == 11
    for path in paths:
        for signature in ("", "x", "RSOYDt4T1cUTdK1PDd93/VVr8B8="):
            answer = client.post(path, data={"CallSid": "CA1"}, headers={"X-Twilio-Signature": signature})
            assert answer.status_code == 403, path


def test_without_a_token_nothing_is_let_in(site: Site) -> None:
    """An empty token would make every signature one that anybody can compute."""
    app = site(twilio={"auth_token": ""})
    signature = RequestValidator("").compute_signature(f"https://mycompany.com{PATH}", dict(FORM))
    assert not is_let_in(app, "https://mycompany.com", FORM, signature)


def through_a_proxy(app: Flask) -> int:
    """Twilio signed https://hotline.example; the proxy speaks plain HTTP to us. The status we answer."""
    url = "https://hotline.example/twilio/voice"
    form = {"CallSid": "CA1", "From": "+8613800138000", "To": "+8612345"}
    headers = {
        "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, form),
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "hotline.example",
        "X-Forwarded-For": "203.0.113.7",
    }
    return (
        app.test_client().post("http://127.0.0.1:8000/twilio/voice", data=form, headers=headers).status_code
    )


def test_behind_an_https_proxy_the_signature_is_right(site: Site) -> None:
    assert through_a_proxy(site(web={"trusted_proxies": 1})) == 200


def test_a_proxy_nobody_trusts_cannot_change_the_address(site: Site) -> None:
    assert through_a_proxy(site()) == 403
