"""The approved texts: signed, priced, and free of what a carrier would ban."""

import pytest

from hotline.errors import InvalidInput
from sms import segments, texts
from sms.texts import Template, flaws, render

VALUES = {"number": "GD20261122000001", "query_code": "234567", "link": "https://12345.example.cn/p"}


def test_every_text_exists_in_both_languages_fits_its_parts_and_names_only_approved_values() -> None:
    assert texts.lint() == []


def test_the_signature_stands_in_front_and_only_there() -> None:
    text = render(Template.TICKET_ACCEPTED, "zh", "演示市12345", **VALUES)
    assert text.startswith("【演示市12345】您的诉求已受理，编号GD20261122000001，查询码234567。")
    assert text.count("【") == text.count("】") == 1
    assert segments.count(text) == 2


def test_a_value_that_forges_a_signature_is_refused() -> None:
    with pytest.raises(InvalidInput, match="signature"):
        render(Template.TICKET_ACCEPTED, "zh", "演示市", **VALUES | {"query_code": "【银行】"})


def test_free_text_of_a_citizen_cannot_get_into_a_text() -> None:
    with pytest.raises(InvalidInput, match="query_code"):
        render(Template.TICKET_ACCEPTED, "zh", "演示市", **VALUES | {"query_code": "路灯坏了三个月没人管"})
    with pytest.raises(InvalidInput, match="complaint"):
        render(Template.TICKET_ACCEPTED, "zh", "演示市", **VALUES, complaint="路灯坏了")
    with pytest.raises(InvalidInput, match="link"):
        render(Template.TICKET_ACCEPTED, "zh", "演示市", number="1", query_code="2")


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("【市政府】您好", "signature only"),
        ("您反映的{complaint}已办结", "no approved value"),
        ("字" * 200, "needs 4 parts"),
    ],
)
def test_the_linter_refuses_a_text_that_breaks_a_rule(text: str, flaw: str) -> None:
    found = list(flaws({"text": text, "max_parts": 3}, {"number": 16}))
    assert len(found) == 1 and flaw in found[0]


def test_the_linter_misses_no_language() -> None:
    assert list(flaws(None, {})) == ["there is no text in this language"]
