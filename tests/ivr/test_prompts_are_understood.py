"""The recogniser that listens to callers listens to the line: what it understands, a citizen does.

All prompts, and every NTH name of the catalogue; scripts/rehear_prompts.py plays every name as well.
"""

import pytest

from hotline.speech.whisper import Whisper
from ivr import prompts
from scripts.rehear_prompts import Rehearing, distance, is_name, parts, rehear, rehear_name, share
from scripts.spoken_texts import SpokenText, all_texts

NTH = 20
MOST_WRONG = {"prompts": 0.03, "names": 0.06}
# Of one prompt: that many parts, or this share of a long one.
MOST_WRONG_IN_ONE, MOST_SHARE_IN_ONE = 3, 0.1


@pytest.fixture(scope="module")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> Whisper:
    return Whisper(tmp_path_factory.getbasetemp(), threads=2)


def texts(language: str, *, named: bool) -> list[SpokenText]:
    """Without single figures: a figure alone is more than Whisper can."""
    some = [text for text in all_texts() if text.language == language]
    some = [text for text in some if is_name(text) == named]
    return [text for text in some if not text.file.startswith("digit_")]


def told(rehearings: list[Rehearing]) -> str:
    return "\n".join(f"{one.spoken.text} | {one.heard}" for one in rehearings if one.wrong)


@pytest.mark.parametrize("language", prompts.LANGUAGES)
def test_every_prompt_is_understood(whisper: Whisper, language: str) -> None:
    heard = [rehear(whisper, text) for text in texts(language, named=False)]
    assert len(heard) > 35
    assert share(heard) <= MOST_WRONG["prompts"], told(heard)
    bad = [one for one in heard if one.wrong > max(MOST_WRONG_IN_ONE, MOST_SHARE_IN_ONE * one.of)]
    assert bad == [], told(bad)


@pytest.mark.parametrize("language", prompts.LANGUAGES)
def test_the_items_read_back_are_understood(whisper: Whisper, language: str) -> None:
    heard = [rehear_name(whisper, text) for text in texts(language, named=True)[::NTH]]
    assert len(heard) > 15
    assert share(heard) <= MOST_WRONG["names"], told(heard)


def test_figures_count_as_they_are_spoken() -> None:
    assert parts("请拨打110，或者12345。", "zh") == parts("请拨打幺幺零或者一二三四五", "zh")
    assert parts("Press 1, then 0.", "en") == ["press", "one", "then", "zero"]


def test_a_syllable_too_many_too_few_or_exchanged_is_one_fault() -> None:
    assert distance(["a", "b", "c"], ["a", "b", "c"]) == 0
    assert distance(["a", "b", "c"], ["a", "x", "c"]) == 1
    assert distance(["a", "b", "c"], ["a", "c"]) == 1
    assert distance(["a"], ["b", "a", "c"]) == 2
    assert distance([], ["a"]) == 1
