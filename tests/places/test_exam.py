"""How well places are found in a city of 10 counties: floors under docs/decisions/places.md."""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from time import perf_counter

from hotline.catalogue.service import SHIPPED
from hotline.places import mentions, weighing
from hotline.places.gazetteer import Gazetteer
from hotline.places.weighing import Weighed
from tests.places import exam
from tests.places.city import city
from tests.places.exam import Question

HERE = Path(__file__).parent
CATALOGUE_TESTS = HERE.parent / "catalogue"
MADE = city("xuzhou_like")


@cache
def questions() -> list[Question]:
    return list(exam.questions(MADE, Random(7), 600))


@cache
def misheard(wrong: float) -> list[Question]:
    levels = ("county", "town", "village")
    names = {area.name for area in MADE.areas.values() if area.level in levels}
    names |= {part for place in MADE.places for part in place.name.split("/")}
    rng = Random(8)
    return [exam.misheard(rng, question, names, wrong=wrong) for question in questions()]


@cache
def answer(text: str) -> list[Weighed]:
    return weighing.weigh(mentions.find(MADE.gazetteer, text))[:4]


def share(asked: Sequence[Question], right: object) -> float:
    assert callable(right)
    return sum(bool(right(question, answer(question.text))) for question in asked) / len(asked)


def not_wrong(question: Question, found: list[Weighed]) -> bool:
    """The first proposal is the place or an area above it."""
    return bool(found) and question.area.is_in(found[0].area)


def exact(question: Question, found: list[Weighed]) -> bool:
    return bool(found) and found[0].area.is_in(question.area)


def listed(question: Question, found: list[Weighed]) -> bool:
    return any(one.area.is_in(question.area) for one in found)


def not_misled(question: Question, found: list[Weighed]) -> bool:
    """Right, or said to be unsure, or nothing found."""
    return not found or found[0].confidence < 0.6 or question.area.is_in(found[0].area)


def test_plain_sentences_reach_their_area() -> None:
    assert share(questions(), not_wrong) >= 0.98
    assert share(questions(), exact) >= 0.95
    assert share(questions(), listed) >= 0.99


def test_sentences_heard_with_homophones_reach_it_nearly_as_often() -> None:
    assert share(misheard(0), not_wrong) >= 0.97
    assert share(misheard(0), exact) >= 0.93
    assert share(misheard(0), listed) >= 0.98


def test_where_whole_syllables_are_lost_it_is_unsure_rather_than_wrong() -> None:
    assert share(misheard(0.25), not_misled) >= 0.97
    assert share(misheard(0.25), not_wrong) >= 0.82


def test_the_claimed_confidence_holds() -> None:
    answers = [
        (found[0], question)
        for question in [*questions(), *misheard(0), *misheard(0.25)]
        if (found := answer(question.text))
    ]
    for low, high in ((0.2, 0.6), (0.6, 0.9), (0.9, 1.01)):
        claimed = [(one, question) for one, question in answers if low <= one.confidence < high]
        right = sum(question.area.is_in(one.area) for one, question in claimed) / len(claimed)
        mean = sum(one.confidence for one, _question in claimed) / len(claimed)
        assert right >= mean - 0.05, (low, right, mean)  # it may be better than it says, not worse


def test_sentences_without_a_place_raise_no_false_alarm() -> None:
    placeless = (HERE / "no_place.txt").read_text(encoding="utf-8").splitlines()
    placeless += (CATALOGUE_TESTS / "small_talk.txt").read_text(encoding="utf-8").splitlines()
    assert len(placeless) >= 130
    assert [text for text in placeless if any(one.confidence >= 0.3 for one in answer(text))] == []


def test_of_900_examples_of_the_catalogue_hardly_one_is_given_a_place() -> None:
    examples = [
        text
        for path in SHIPPED
        for item in tomllib.loads(path.read_text(encoding="utf-8"))["item"]
        for text in item["examples"]
        if not any(road in text for road in ("建设路", "人民路"))  # those do name one
    ]
    alarms = [text for text in examples if any(one.confidence >= 0.3 for one in answer(text))]
    assert len(examples) > 800
    assert len(alarms) <= len(examples) * 0.01, alarms


def test_the_time_an_answer_takes_hardly_grows_with_the_city() -> None:
    """Names are looked up: seventy times as many may not cost three times as much."""
    small, large = city("small").gazetteer, MADE.gazetteer
    texts = [question.text for question in questions()[:200]]
    assert len(large.by_name) > 50 * len(small.by_name)
    assert min(_seconds(large, texts) for _ in range(3)) < 3 * min(_seconds(small, texts) for _ in range(3))


def _seconds(gazetteer: Gazetteer, texts: Sequence[str]) -> float:
    for text in texts[:20]:
        mentions.find(gazetteer, text)
    start = perf_counter()
    for text in texts:
        mentions.find(gazetteer, text)
    return perf_counter() - start
