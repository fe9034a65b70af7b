"""What the line says and what it plays are the same, in every language."""

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import pytest

from ivr import prompts

LINE_RATE = 8_000  # A-law: one byte a sample
QUIETEST = 0.03  # RMS of a whole file; full scale is 1

EVERY_PROMPT = [(key, language) for key in prompts.all_keys() for language in prompts.LANGUAGES]


def linear(code: int) -> float:
    """One A-law byte as a sample between -1 and 1 (ITU-T G.711)."""
    code ^= 0x55
    segment, step = code >> 4 & 0x07, code & 0x0F
    magnitude = (step << 4) + 8 if segment == 0 else ((step << 4) + 0x108) << (segment - 1)
    return (magnitude if code & 0x80 else -magnitude) / 32768


SAMPLES = [linear(code) for code in range(256)]
MANIFEST = {
    (entry["key"], entry["language"]): entry
    for entry in json.loads((prompts.SOUNDS / "manifest.json").read_text(encoding="utf-8"))
}


def recording(key: str, language: str) -> bytes:
    return Path(f"{prompts.sound(key, language)}.alaw").read_bytes()


def manifest_entry(key: str, language: str) -> dict[str, Any]:
    assert (key, language) in MANIFEST, "a new prompt: run scripts/render_prompts.py"
    return MANIFEST[key, language]


@pytest.mark.parametrize(("key", "language"), EVERY_PROMPT)
def test_the_caller_hears_the_text_as_it_stands_today(key: str, language: str) -> None:
    spoken = hashlib.sha256(prompts.spoken(key, language).encode()).hexdigest()
    entry = manifest_entry(key, language)
    assert spoken == entry["text_sha256"], "the text has changed: run scripts/render_prompts.py"
    assert hashlib.sha256(recording(key, language)).hexdigest() == entry["file_sha256"]


@pytest.mark.parametrize(("key", "language"), EVERY_PROMPT)
def test_the_caller_hears_speech_of_a_bearable_length(key: str, language: str) -> None:
    sound = recording(key, language)
    assert 0.3 < len(sound) / LINE_RATE < 40
    assert len(sound) / LINE_RATE == pytest.approx(manifest_entry(key, language)["seconds"], abs=0.01)
    assert math.sqrt(sum(SAMPLES[byte] ** 2 for byte in sound) / len(sound)) > QUIETEST
    assert max(abs(SAMPLES[byte]) for byte in sound) < 0.75


@pytest.mark.parametrize(("key", "language"), EVERY_PROMPT)
def test_no_prompt_is_without_words(key: str, language: str) -> None:
    assert prompts.text(key, language).strip()


def test_no_sound_file_is_without_its_prompt() -> None:
    files = {(path.stem, path.parent.name) for path in prompts.SOUNDS.glob("*/*.alaw")}
    assert files == set(EVERY_PROMPT) == set(MANIFEST)


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
