"""The recogniser that listens to callers listens to the line: what it understands, a citizen does.

scripts/rehear_prompts.py plays every prompt and every NTH name to it and keeps what was heard, with the hash
of the sound. All of that is judged here, and a few are played again now: what is kept is what is heard.
"""

import pytest

from hotline.speech.whisper import Whisper
from ivr import prompts
from scripts.rehear_prompts import (
    NTH,
    Rehearing,
    distance,
    is_name,
    kept,
    listened,
    parts,
    remembered,
    share,
    sound_of,
    to_be_heard,
)
from scripts.spoken_texts import SpokenText

AGAIN = 8  # every so many of what is kept is played again
MOST_WRONG = {False: 0.03, True: 0.06}  # prompts, names
# Of one prompt: that many parts, or this share of a long one.
MOST_WRONG_IN_ONE, MOST_SHARE_IN_ONE = 3, 0.1


@pytest.fixture(scope="module")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> Whisper:
    return Whisper(tmp_path_factory.getbasetemp(), threads=2)


def texts(language: str, *, named: bool) -> list[SpokenText]:
    return [text for text in to_be_heard(NTH) if text.language == language and is_name(text) == named]


def as_kept(spoken: SpokenText) -> Rehearing:
    return remembered(spoken, kept()[spoken.language, spoken.file][1])


def told(rehearings: list[Rehearing]) -> str:
    return "\n".join(f"{one.spoken.text} | {one.heard}" for one in rehearings if one.wrong)


def test_every_sound_was_heard_as_it_is_now() -> None:
    heard = {place: sound for place, (sound, _) in kept().items()}
    now = {(spoken.language, spoken.file): sound_of(spoken) for spoken in to_be_heard(NTH)}
    assert heard == now, "run .venv/bin/python -m scripts.rehear_prompts"


@pytest.mark.parametrize("language", prompts.LANGUAGES)
def test_every_prompt_is_understood(language: str) -> None:
    heard = [as_kept(text) for text in texts(language, named=False)]
    assert len(heard) > 35
    assert share(heard) <= MOST_WRONG[False], told(heard)
    bad = [one for one in heard if one.wrong > max(MOST_WRONG_IN_ONE, MOST_SHARE_IN_ONE * one.of)]
    assert bad == [], told(bad)


@pytest.mark.parametrize("language", prompts.LANGUAGES)
def test_the_items_read_back_are_understood(language: str) -> None:
    heard = [as_kept(text) for text in texts(language, named=True)]
    assert len(heard) > 15
    assert share(heard) <= MOST_WRONG[True], told(heard)


@pytest.mark.parametrize("language", prompts.LANGUAGES)
def test_what_is_kept_is_what_is_heard(whisper: Whisper, language: str) -> None:
    again = [text for text in to_be_heard(NTH) if text.language == language][::AGAIN]
    assert len(again) > 5
    now, before = [listened(whisper, text) for text in again], [as_kept(text) for text in again]
    assert abs(share(now) - share(before)) <= 0.02, told(now)


def test_figures_count_as_they_are_spoken() -> None:
    assert parts("请拨打110，或者12345。", "zh") == parts("请拨打幺幺零或者一二三四五", "zh")
    assert parts("Press 1, then 0.", "en") == ["press", "one", "then", "zero"]


def test_a_syllable_too_many_too_few_or_exchanged_is_one_fault() -> None:
    assert distance(["a", "b", "c"], ["a", "b", "c"]) == 0
    assert distance(["a", "b", "c"], ["a", "x", "c"]) == 1
    assert distance(["a", "b", "c"], ["a", "c"]) == 1
    assert distance(["a"], ["b", "a", "c"]) == 2
    assert distance([], ["a"]) == 1
