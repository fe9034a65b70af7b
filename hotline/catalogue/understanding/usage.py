"""How people speak of an item, summed up: counts of terms and a sum of sentence vectors. Sums can be added.

No sentence can be read back from a usage, so what was learnt from tickets may be kept and passed on.
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np

from hotline.catalogue.files import DATA, parse
from hotline.catalogue.understanding.terms import characters, pinyin
from hotline.embeddings import BUNDLED, Embedder, Vectors


class Described(Protocol):
    """What the classifier needs to know of an item; rows and file entries both have it."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def name_en(self) -> str: ...
    @property
    def keywords(self) -> list[str]: ...
    @property
    def examples(self) -> list[str]: ...
    @property
    def handler(self) -> str: ...
    @property
    def transfer(self) -> str | None: ...


@dataclass(frozen=True)
class Meaning:
    """The sum of the vectors of `sentences` sentences, all made by `model`."""

    model: str
    sentences: int
    total: Vectors

    def __add__(self, other: "Meaning") -> "Meaning":
        if self.model != other.model:
            raise ValueError(f"vectors of {self.model} and of {other.model} do not add up")
        return Meaning(self.model, self.sentences + other.sentences, self.total + other.total)


@dataclass(frozen=True)
class Usage:
    """`meaning` is None where no model was at hand."""

    characters: Counter[str] = field(default_factory=Counter)
    pinyin: Counter[str] = field(default_factory=Counter)
    meaning: Meaning | None = None

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.characters + other.characters,
            self.pinyin + other.pinyin,
            self.meaning + other.meaning if self.meaning and other.meaning else self.meaning or other.meaning,
        )


def usage_of(sentences: Sequence[str], embedder: Embedder | None = None) -> Usage:
    """Raises EmbeddingsFailed when there is an embedder that does not answer."""
    text = "。".join(sentences)
    return Usage(Counter(characters(text)), Counter(pinyin(text)), meaning_of(sentences, embedder))


def meaning_of(sentences: Sequence[str], embedder: Embedder | None) -> Meaning | None:
    """None without an embedder or without a sentence. Raises EmbeddingsFailed."""
    if embedder is None or not sentences:
        return None
    vectors = embedder.embed(sentences).astype(np.float64)
    return Meaning(embedder.model, len(sentences), vectors.sum(axis=0).astype(np.float32))


def sentences_of(hotline: str, item: Described) -> list[str]:
    """Its name and keywords as one sentence, its examples, and the sayings that ship for it."""
    return [
        "，".join([item.name, *item.keywords]),
        *item.examples,
        *_sayings_of(hotline, item),
    ]


def words_of(hotline: str, item: Described) -> Usage:
    """What a catalogue says of an item, without vectors: the name counts twice, English names are words."""
    usage = usage_of([item.name, *sentences_of(hotline, item)])
    return Usage(usage.characters + Counter(characters(item.name_en)), usage.pinyin)


@cache
def idle_talk() -> tuple[str, ...]:
    """What people say on the line that is no matter at all."""
    return tuple((DATA / "idle_talk.txt").read_text(encoding="utf-8").splitlines())


def fingerprint(sentences: Sequence[str], model: str) -> str:
    """Under this the meaning of these sentences is kept."""
    return hashlib.sha256("\n".join([model, *sentences]).encode()).hexdigest()


@cache
def shipped_meanings() -> dict[str, Meaning]:
    """By fingerprint: the meanings of the shipped items, worked out by scripts/embed_catalogue.py."""
    with np.load(DATA / "meanings.npz") as kept:
        rows = zip(kept["fingerprints"], kept["sentences"], kept["totals"], strict=True)
        return {str(print_): Meaning(BUNDLED, int(count), total) for print_, count, total in rows}


def _sayings_of(hotline: str, item: Described) -> Sequence[str]:
    """None for another site's item that only happens to have the code of one of ours."""
    shipped = _shipped_sayings(hotline).get(item.code)
    return shipped.sentences if shipped and shipped.keywords & set(item.keywords) else ()


@dataclass(frozen=True)
class Sayings:
    keywords: frozenset[str]
    sentences: tuple[str, ...]


@cache
def _shipped_sayings(hotline: str) -> dict[str, Sayings]:
    """By item code; empty for a hotline that is not ours."""
    path = DATA / f"sayings_{hotline}.tsv"
    if not path.exists():
        return {}
    said: dict[str, list[str]] = {}
    for code, sentence in coded_sentences(path):
        said.setdefault(code, []).append(sentence)
    keywords = _shipped_keywords(hotline)
    return {code: Sayings(keywords[code], tuple(sentences)) for code, sentences in said.items()}


def coded_sentences(path: Path) -> list[tuple[str, str]]:
    """(code, text) of a TSV file with that header."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(code, text) for code, text in list(rows)[1:]]


def _shipped_keywords(hotline: str) -> dict[str, frozenset[str]]:
    text = (DATA / f"catalogue_{hotline}.toml").read_text(encoding="utf-8")
    return {item.code: frozenset(item.keywords) for item in parse(text).item}
