"""What the line says: every prompt's text, its spoken form and its sound file, by key and language."""

import hashlib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hotline.errors import HotlineError

LANGUAGES = ("zh", "en")
SOUNDS = Path(__file__).resolve().parent / "sounds"

_TEXTS = Path(__file__).with_name("prompts.toml")
_ENGLISH_DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_KEY_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
_NUMBER_DIGITS = str.maketrans("0123456789", "零幺二三四五六七八九")


class UnknownPrompt(HotlineError):
    """No prompt has this key, or prompts are not spoken in this language."""

    code = "unknown_prompt"


@dataclass(frozen=True)
class Prompt:
    """One thing the line says; the digits in its texts are figures, as a person would write them."""

    key: str
    zh: str
    en: str


def all_keys() -> tuple[str, ...]:
    """Every key, in the order of prompts.toml."""
    return tuple(_prompts())


def text(key: str, language: str) -> str:
    """The text to show or print. Raises UnknownPrompt."""
    if key not in _prompts():
        raise UnknownPrompt(f"no prompt is called {key!r}; add it to ivr/prompts.toml")
    if language not in LANGUAGES:
        raise UnknownPrompt(f"prompts are spoken in {', '.join(LANGUAGES)}, not in {language!r}")
    prompt = _prompts()[key]
    return prompt.zh if language == "zh" else prompt.en


def spoken(key: str, language: str) -> str:
    """The text to give to a voice. Raises UnknownPrompt."""
    return voiced(text(key, language), language)


def voiced(words: str, language: str) -> str:
    """Any words for a voice: digits one by one, or 12345 would be read as twelve thousand; a pause for (."""
    spell = _spell_zh if language == "zh" else _spell_en
    words = words.replace(")", "").replace("(", "，" if language == "zh" else ", ").replace(" ,", ",")
    return re.sub(r"\d+", lambda digits: spell(digits[0]), words)


def name_sound(name: str) -> str:
    """The file in which a name of the catalogue is spoken, below a language's directory, without extension.

    It follows the text: a name that was edited has no file until it is rendered.
    """
    return f"names/{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def has_sound(file: str, language: str) -> bool:
    return (SOUNDS / language / f"{file}.alaw").exists()


def sound(key: str, language: str) -> str:
    """The absolute path without extension, as Asterisk wants it; the file beside it is 8 kHz A-law."""
    text(key, language)  # an unknown key must fail here, not as silence on the line
    return str(SOUNDS / language / key)


@cache
def _prompts() -> dict[str, Prompt]:
    tables = tomllib.loads(_TEXTS.read_text(encoding="utf-8"))
    return {key: Prompt(key, **texts) for key, texts in tables.items()}


def _spell_zh(digits: str) -> str:
    # 1 is 幺 in a telephone number but 一 as a key to press
    return digits.translate(_NUMBER_DIGITS if len(digits) > 2 else _KEY_DIGITS)


def _spell_en(digits: str) -> str:
    return " ".join(_ENGLISH_DIGITS[int(digit)] for digit in digits)
