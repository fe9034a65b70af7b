"""Where two items lie near each other, one question tells them apart."""

import pytest

from hotline.catalogue.files import parse
from hotline.catalogue.questions import question_for, questions
from hotline.catalogue.service import SHIPPED
from hotline.catalogue.understanding.classifier import Suggestion

CODES = {path.stem[-5:]: {i.code for i in parse(path.read_text("utf-8")).item} for path in SHIPPED}


def suggested(*codes: str, confidence: float = 0.4) -> list[Suggestion]:
    return [Suggestion(code, code, code, confidence, ()) for code in codes]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0902", "1608"),
        ("0204", "0813"),
        ("0813", "1003"),
        ("0204", "1003"),
        ("1309", "1502"),
        ("0609", "1601"),
        ("1610", "1609"),
    ],
)
def test_the_pairs_that_must_be_asked_back_are_asked(one: str, other: str) -> None:
    for codes in ((one, other), (other, one)):
        question = question_for("12345", suggested(*codes))
        assert question is not None
        assert {one, other} <= question.codes(own=True)


@pytest.mark.parametrize(("item", "legal"), [("0406", "L0502"), ("0307", "L0201")])
def test_a_matter_that_the_law_line_knows_too_is_asked_across(item: str, legal: str) -> None:
    question = question_for("12345", suggested(item, "0101"))
    assert question is not None
    assert legal in question.codes(own=False)


def test_nothing_is_asked_when_the_second_is_out_of_the_question() -> None:
    sure = [*suggested("0902", confidence=0.9), *suggested("1608", confidence=0.02)]
    assert question_for("12345", sure) is None
    assert question_for("12345", []) is None
    assert question_for("12345", suggested("0101", "0902")) is None


def test_every_answer_leads_to_an_item_that_exists_and_no_two_to_the_same() -> None:
    for question in questions():
        led = [(reply.hotline or question.hotline, reply.item) for reply in question.answers]
        assert all(code in CODES[hotline] for hotline, code in led), question.ask
        assert len(set(led)) == len(led) > 1
        assert question.ask.endswith("？") and question.ask_en.endswith("?")
