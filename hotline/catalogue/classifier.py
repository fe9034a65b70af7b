"""From what a citizen says to catalogue items, with a confidence; a person always confirms.

score = z(BM25 over characters) + 0.5 z(BM25 over fuzzy pinyin): docs/decisions/classifier.md.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from hotline.catalogue import queries
from hotline.catalogue.bm25 import BM25
from hotline.catalogue.terms import characters, pinyin
from hotline.errors import NotFound

PINYIN_WEIGHT = 0.5
LONGEST = 1000  # characters looked at; a matter is named in its first lines
SHORTEST = 2  # one character names nothing

# Fitted on 980 sentences (examples left out, dev_utterances.tsv, small talk): docs/decisions/classifier.md
SHARPNESS = 0.89
EVIDENCE, EVIDENCE_NEEDED = 3.31, 8.22
ABSTAIN_BELOW = 0.3  # there, fewer than one first suggestion in three is right


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


@dataclass(frozen=True)
class Suggestion:
    """`confidence` in 0..1 is the chance that this item is right; `matched` are its keywords in the text."""

    code: str
    name: str
    name_en: str
    confidence: float
    matched: tuple[str, ...]


class Suggestions(list[Suggestion]):
    """Best first."""

    @property
    def abstained(self) -> bool:
        """The text says too little: a person must choose, and the list is only a hint."""
        return not self or self[0].confidence < ABSTAIN_BELOW


class Suggester(Protocol):
    """The port the IVR and the ticket form use."""

    def suggest(self, text: str, limit: int = 3) -> Suggestions: ...


@dataclass(frozen=True)
class Entry:
    code: str
    name: str
    name_en: str
    keywords: tuple[str, ...]


class Classifier:
    """Built from items once (about 0.2 s); holds no session and may be shared by threads."""

    def __init__(self, items: Sequence[Described]) -> None:
        self._entries = [Entry(item.code, item.name, item.name_en, tuple(item.keywords)) for item in items]
        documents = ["。".join([item.name, item.name, *item.keywords, *item.examples]) for item in items]
        self._characters = BM25(
            [
                Counter(characters(text) + characters(item.name_en))
                for text, item in zip(documents, items, strict=True)
            ]
        )
        self._pinyin = BM25([Counter(pinyin(text)) for text in documents])

    def suggest(self, text: str, limit: int = 3) -> Suggestions:
        """The most likely items; empty when the text shares nothing with the catalogue. Never raises."""
        text = text.strip()[:LONGEST]
        evidence = self._characters.score(characters(text)).tolist()
        if len(text) < SHORTEST or not any(evidence):
            return Suggestions()
        by_sound = standardised(self._pinyin.score(pinyin(text)).tolist())
        scores = [a + PINYIN_WEIGHT * b for a, b in zip(standardised(evidence), by_sound, strict=True)]
        ranked = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)[:limit]
        chances = confidences(scores, evidence[ranked[0]])
        return Suggestions(self._suggestion(n, chances[n], text) for n in ranked if evidence[n])

    def _suggestion(self, number: int, confidence: float, text: str) -> Suggestion:
        entry = self._entries[number]
        matched = tuple(word for word in entry.keywords if word in text)
        return Suggestion(entry.code, entry.name, entry.name_en, round(confidence, 3), matched)


def standardised(scores: Sequence[float]) -> list[float]:
    """z-scores: how far each stands out from the rest, so that the two searches can be added."""
    mean = math.fsum(scores) / len(scores)
    spread = math.sqrt(math.fsum((score - mean) ** 2 for score in scores) / len(scores)) or 1.0
    return [(score - mean) / spread for score in scores]


def confidences(scores: Sequence[float], evidence: float) -> list[float]:
    """P(the text names a matter at all) x softmax(scores).

    `evidence` is the unstandardised BM25 of the best item: small talk also has a best item, but a weak one.
    """
    known = 1 / (1 + math.exp(EVIDENCE_NEEDED - EVIDENCE * math.log1p(evidence)))
    best = max(scores)
    shares = [math.exp(SHARPNESS * (score - best)) for score in scores]
    total = sum(shares)
    return [known * share / total for share in shares]


_built: dict[str, tuple[str, Classifier]] = {}


def classifier_for(session: Session, hotline: str) -> Suggester:
    """The classifier of the live catalogue, built once a process and version. Raises NotFound without one."""
    version = queries.live_version(session, hotline)
    if version is None:
        raise NotFound(f"no catalogue is loaded for hotline {hotline}; run `hotline load-catalogue`")
    cached = _built.get(hotline)
    if cached is None or cached[0] != version.sha256:
        cached = _built[hotline] = (version.sha256, Classifier(queries.items(session, hotline)))
    return cached[1]
