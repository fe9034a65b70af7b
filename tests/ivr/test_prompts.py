"""What the line says and what it plays are the same, in every language."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ivr import prompts
from scripts.spoken_texts import SpokenText, all_texts, catalogue_names
from tests.support.callers import samples

LINE_RATE = 8_000  # A-law: one byte a sample
QUIETEST = 0.03  # RMS of a whole file; full scale is 1

EVERY_PROMPT = [(key, language) for key in prompts.all_keys() for language in prompts.LANGUAGES]
EVERY_TEXT = list(all_texts())


MANIFEST = {
    (entry["file"], entry["language"]): entry
    for entry in json.loads((prompts.SOUNDS / "manifest.json").read_text(encoding="utf-8"))
}


def recording(spoken: SpokenText) -> bytes:
    return (prompts.SOUNDS / spoken.language / f"{spoken.file}.alaw").read_bytes()


def manifest_entry(spoken: SpokenText) -> dict[str, Any]:
    assert (spoken.file, spoken.language) in MANIFEST, "a new text: run scripts/render_prompts.py"
    return MANIFEST[spoken.file, spoken.language]


def test_the_caller_hears_each_text_as_it_stands_today() -> None:
    for spoken in EVERY_TEXT:
        entry = manifest_entry(spoken)
        text_sha256 = hashlib.sha256(spoken.text.encode()).hexdigest()
        assert text_sha256 == entry["text_sha256"], f"{spoken} has changed: run scripts/render_prompts.py"
        assert hashlib.sha256(recording(spoken)).hexdigest() == entry["file_sha256"], spoken


def test_the_caller_hears_speech_of_a_bearable_length() -> None:
    for spoken in EVERY_TEXT:
        heard = np.frombuffer(samples(recording(spoken)), dtype="<i2") / 32768
        assert 0.3 < len(heard) / LINE_RATE < 40, spoken
        assert len(heard) / LINE_RATE == pytest.approx(manifest_entry(spoken)["seconds"], abs=0.01), spoken
        assert np.sqrt(np.mean(heard**2)) > QUIETEST, spoken
        assert np.max(np.abs(heard)) < 0.75, spoken


@pytest.mark.parametrize(("key", "language"), EVERY_PROMPT)
def test_no_prompt_is_without_words(key: str, language: str) -> None:
    assert prompts.text(key, language).strip()


def test_no_sound_file_is_without_its_prompt() -> None:
    places = (path.relative_to(prompts.SOUNDS).with_suffix("") for path in prompts.SOUNDS.rglob("*.alaw"))
    files = {("/".join(place.parts[1:]), place.parts[0]) for place in places}
    assert files == {(spoken.file, spoken.language) for spoken in EVERY_TEXT} == set(MANIFEST)


@pytest.mark.parametrize("language", prompts.LANGUAGES)
def test_every_item_and_category_that_ships_can_be_read_back(language: str) -> None:
    names = catalogue_names(language)
    assert len(names) > 320
    assert [name for name in names if not prompts.has_sound(prompts.name_sound(name), language)] == []


def test_a_name_that_was_edited_is_not_read_back_as_the_old_one() -> None:
    assert prompts.has_sound(prompts.name_sound("挪车求助"), "zh")
    assert not prompts.has_sound(prompts.name_sound("挪车"), "zh")


def test_what_stands_in_parentheses_is_spoken_after_a_pause() -> None:
    assert prompts.voiced("法律咨询(转接12348)", "zh") == "法律咨询，转接幺二三四八"
    assert prompts.voiced("Fire and rescue (transfer)", "en") == "Fire and rescue, transfer"


@pytest.mark.parametrize("hotline", ["12345", "12348"])
@pytest.mark.parametrize("language", prompts.LANGUAGES)
def test_the_greeting_names_the_emergency_numbers_and_the_recording(hotline: str, language: str) -> None:
    greeting = prompts.text(f"greeting_{hotline}", language)
    recorded = {"zh": "录音", "en": "recorded"}[language]
    places = [greeting.index(word) for word in (hotline, "110", "119", "120", recorded)]
    assert places == sorted(places)


@pytest.mark.parametrize("language", prompts.LANGUAGES)
def test_every_menu_offers_a_person(language: str) -> None:
    offer = {"zh": "人工服务请按0", "en": "press 0"}[language]
    menus = [key for key in prompts.all_keys() if key.startswith("menu_")]
    assert len(menus) == 4
    assert all(offer in prompts.text(menu, language) for menu in menus)


def test_a_line_without_a_recogniser_asks_nobody_to_speak() -> None:
    for menu in ("menu_12345_keys", "menu_12348_keys"):
        assert "说" not in prompts.text(menu, "zh")
        assert "say" not in prompts.text(menu, "en").lower()


def test_nothing_in_a_chinese_prompt_would_be_silent() -> None:
    # the voice leaves out Latin letters
    assert [
        key for key in prompts.all_keys() if any("a" <= c.lower() <= "z" for c in prompts.text(key, "zh"))
    ] == []


def test_numbers_are_spoken_digit_by_digit() -> None:
    assert "幺二三四五政务服务" in prompts.spoken("greeting_12345", "zh")
    assert "幺幺零、幺幺九、幺二零" in prompts.spoken("greeting_12345", "zh")
    assert "没有解决，请按二" in prompts.spoken("survey_solved", "zh")
    assert "已经解决，请按一" in prompts.spoken("survey_solved", "zh")
    assert "one two three four five government" in prompts.spoken("greeting_12345", "en")


def test_asterisk_gets_an_absolute_path_without_extension() -> None:
    path = Path(prompts.sound("goodbye", "en"))
    assert path.is_absolute()
    assert path.parts[-3:] == ("sounds", "en", "goodbye")


@pytest.mark.parametrize(("key", "language"), [("no_such_prompt", "zh"), ("goodbye", "fr")])
def test_an_unknown_prompt_is_an_error_and_not_silence(key: str, language: str) -> None:
    for ask in (prompts.text, prompts.spoken, prompts.sound):
        with pytest.raises(prompts.UnknownPrompt) as refused:
            ask(key, language)
        assert refused.value.code == "unknown_prompt"
