"""X-Twilio-Signature: the published vectors, and the proxy that stands between Twilio and us."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask, request
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from hotline.twilio.webhooks import is_signed
from tests.support.instance import configured

PUBLIC = "https://mycompany.com"
PATH = "/myapp.php?foo=1&bar=2"
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
SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="

Form = list[tuple[str, str]]
House = Callable[..., None]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """`house(PUBLIC)` is known to the outside by that address."""
    with ExitStack() as stack:

        def known_as(public_url: str, token: str = "12345") -> None:
            sections = {"site": {"public_url": public_url}, "twilio": {"auth_token": token}}
            stack.enter_context(configured(tmp_path / "hotline.toml", sections))

        yield known_as


def is_let_in(form: Form, signature: str, *, path: str = PATH, base: str = "http://inner:8000") -> bool:
    """The request as it reaches us: plain HTTP, by whatever name the proxy has for this machine."""
    headers = {"X-Twilio-Signature": signature}
    context = Flask("web").test_request_context(
        path, base_url=base, method="POST", data=MultiDict(form), headers=headers
    )
    with context:
        return is_signed(request)


@pytest.mark.parametrize(
    ("public", "form", "signature"),
    [
        (PUBLIC, FORM, SIGNATURE),
        (PUBLIC, TWICE, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
        (PUBLIC, FORM, "kvajT1Ptam85bY51eRf/AJRuM3w="),  # signed with :443
        ("http://mycompany.com", FORM, "0ZXoZLH/DfblKGATFgpif+LLRf4="),  # signed with :80
        ("http://mycompany.com:1234", FORM, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),  # signed without the port
    ],
)
def test_the_published_vectors_are_let_in_behind_any_proxy(
    house: House, public: str, form: Form, signature: str
) -> None:
    house(public)
    for base in (public, "http://inner:8000", "https://10.0.0.7/"):
        assert is_let_in(form, signature, base=base)
    assert not is_let_in([*form, ("Digits", "9999")], signature)
    assert not is_let_in(form, signature, path=PATH.replace("bar=2", "bar=3"))


def test_what_was_signed_for_another_house_is_refused_whatever_name_it_comes_by(house: House) -> None:
    house("https://hotline.example/")
    assert not is_let_in(FORM, SIGNATURE)
    assert not is_let_in(FORM, SIGNATURE, base=PUBLIC)
    ours = RequestValidator("12345").compute_signature(f"https://hotline.example{PATH}", dict(FORM))
    assert is_let_in(FORM, ours)


@pytest.mark.parametrize("signature", ["", "x", "ä", SIGNATURE])
def test_without_a_token_nothing_is_let_in(house: House, signature: str) -> None:
    house(PUBLIC, token="")
    anybodys = RequestValidator("").compute_signature(PUBLIC + PATH, dict(FORM))
    assert not is_let_in(FORM, signature)
    assert not is_let_in(FORM, anybodys)


@pytest.mark.parametrize("path", ["/twilio/turn?words=%ff%fe", "/twilio/turn?words=\xff", "/?", "/x y?a=b c"])
def test_an_odd_address_is_unsigned_and_no_fault(house: House, path: str) -> None:
    house(PUBLIC)
    assert not is_let_in(FORM, SIGNATURE, path=path)
