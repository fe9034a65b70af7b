"""Text cut into the terms it is searched by: characters and fuzzy pinyin, single and in pairs."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

WORDS = re.compile(r"[\u4e00-\u9fff]|[a-z0-9]+")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
EMPTY_ENGLISH = frozenset(
    WORDS.findall(
        "a about am an and any are at be by can do does for from has have how i if in is it me my not of on"
        " or our that the there they this to want was we what when where who with you"
    )
)


def characters(text: str) -> list[str]:
    """'暖气不热' -> 暖 气 不 热 and the pairs; a Latin word or a number counts as one character."""
    return _with_pairs([word for word in WORDS.findall(text.lower()) if word not in EMPTY_ENGLISH])


def pinyin(text: str) -> list[str]:
    """Toneless pinyin in which zh/z, ch/c, sh/s and -ng/-n are one, as accents and recognisers have them."""
    return _with_pairs([fuzzy(syllable) for syllable in syllables("".join(CHINESE.findall(text)))])


def syllables(chinese: str) -> list[str]:
    """Toneless pinyin. People use the same words again and again: to read each once takes a third as long."""
    return [syllable for word in _reader().seg(chinese) for syllable in _read(word)]


@lru_cache(maxsize=20_000)
def _read(word: str) -> tuple[str, ...]:
    return tuple(_reader().lazy_pinyin(word))


@cache
def _reader() -> Any:
    """Its tables are loaded at first use: a third of a second that most processes never need."""
    from pypinyin.core import Pinyin

    return Pinyin()


def fuzzy(syllable: str) -> str:
    """One toneless syllable: 'zhang' -> 'zan'."""
    without_h = syllable[0] + syllable[2:] if syllable[:2] in ("zh", "ch", "sh") else syllable
    return without_h.removesuffix("g") if without_h.endswith("ng") else without_h


def _with_pairs(units: Sequence[str]) -> list[str]:
    return [*units, *(f"{first} {second}" for first, second in pairwise(units))]
