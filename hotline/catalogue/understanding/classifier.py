"""From what a citizen says to catalogue items, with a confidence; a person always confirms.

score = 3 z(nearness of meaning) + z(BM25 over characters) + 0.5 z(BM25 over fuzzy pinyin), see
docs/decisions/classifier.md.
Without a sentence model, or while it does not answer, the two searches go on alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hotline.catalogue.files import UNSORTED
from hotline.catalogue.understanding.bm25 import BM25, Floats
from hotline.catalogue.understanding.confidence import (
    ABSTAIN_BELOW,
    Evidence,
    chance_of_first,
    chance_of_next,
)
from hotline.catalogue.understanding.deciding_words import deciding_words
from hotline.catalogue.understanding.emergencies import Alarm, Listener, shipped_listener
from hotline.catalogue.understanding.meanings import Meanings
from hotline.catalogue.understanding.terms import characters, pinyin
from hotline.catalogue.understanding.usage import (
    Described,
    Meaning,
    Usage,
    fingerprint,
    idle_talk,
    sentences_of,
    shipped_meanings,
    usage_of,
    words_of,
)
from hotline.embeddings import Embedder, EmbeddingsFailed

MEANING_WEIGHT, SOUND_WEIGHT = 3.0, 0.5
LONGEST = 1000  # characters looked at; a matter is named in its first lines
SHORTEST = 2  # one character names nothing, nor does a lone number

# in points of a hunch: where emergencies score as high as anything else, and for each point they lead by
EVENLY_LIKE, EVENLY_LIKE_IN_WORDS, LEAD_WEIGHT = 2.0, 1.0, 0.3
ALARM_CONFIDENCE = 0.8  # how often the item of a rule that was heard is the right one


@dataclass(frozen=True)
class Suggestion:
    """`confidence` in 0..1 is the chance that this item is right; `matched` are the words that decided."""

    code: str
    name: str
    name_en: str
    confidence: float
    matched: tuple[str, ...]


class Suggestions(list[Suggestion]):
    """Best first. `alarm` when somebody may need help at once: hand over before any form (Z05)."""

    alarm: Alarm | None = None

    @property
    def abstained(self) -> bool:
        """The text says too little: a person must choose, and the list is only a hint."""
        return not self or self[0].confidence < ABSTAIN_BELOW


class Suggester(Protocol):
    """What the IVR and the ticket form use."""

    def suggest(self, text: str, limit: int = 3) -> Suggestions: ...


@dataclass(frozen=True)
class Entry:
    code: str
    name: str
    name_en: str
    keywords: tuple[str, ...]
    handler: str
    transfer: str | None


@dataclass(frozen=True)
class Weighed:
    """What each search says of each item and, last, of idle talk; `scores` is their sum."""

    terms: list[str]
    words: Floats
    sounds: Floats
    nearness: Floats | None
    scores: Floats


class Classifier:
    """Built from items once (under a second); holds no session and may be shared by threads.

    Idle talk competes like an item and is never shown: what is most like it leaves little chance to the rest.
    Nor is the item shown under which unsorted matters wait.
    `learnt` adds to what the catalogue says, by item code; `meanings` are worked-out ones by fingerprint;
    `listener` hears emergencies; what ships by itself.
    """

    def __init__(
        self,
        hotline: str,
        items: Sequence[Described],
        *,
        learnt: Mapping[str, Usage] | None = None,
        meanings: Mapping[str, Meaning] | None = None,
        embedder: Embedder | None = None,
        listener: Listener | None = None,
    ) -> None:
        self._listener = listener or shipped_listener()
        learnt = learnt or {}
        items = [item for item in items if item.handler != UNSORTED]
        self._entries = [
            Entry(i.code, i.name, i.name_en, tuple(i.keywords), i.handler, i.transfer) for i in items
        ]
        self._by_code = {entry.code: entry for entry in self._entries}
        self._is_emergency = np.array([*(entry.handler == "emergency" for entry in self._entries), False])
        usages = [words_of(hotline, item) + learnt.get(item.code, Usage()) for item in items]
        usages.append(usage_of(idle_talk()))
        self._words = BM25([usage.characters for usage in usages])
        self._sounds = BM25([usage.pinyin for usage in usages])
        self._embedder = embedder
        self._meanings = None
        if embedder:
            known = shipped_meanings() if meanings is None else meanings
            of_items = [known.get(fingerprint(sentences_of(hotline, i), embedder.model)) for i in items]
            more = [learnt[item.code].meaning if item.code in learnt else None for item in items]
            idle = shipped_meanings().get(fingerprint(idle_talk(), embedder.model))
            self._meanings = Meanings.of(embedder.model, [*of_items, idle], [*more, None])

    def suggest(self, text: str, limit: int = 3) -> Suggestions:
        """The most likely items; empty when the text shares nothing with the catalogue. Never raises.

        An emergency is asked for first. If it is named, its item comes first unless the words are sure of
        another; a hunch leaves the order as it is.
        """
        text = text.strip()[:LONGEST]
        weighed = self._weighed(text)
        heard = self._listener.alarm(text, self._likeness(weighed) if weighed else 0.0)
        found = self._ranked(text, weighed, limit) if weighed else Suggestions()
        if heard and found.abstained and (entry := self._named(heard)):
            rest = [one for one in found if one.code != entry.code]
            certain = Suggestion(entry.code, entry.name, entry.name_en, ALARM_CONFIDENCE, heard.words)
            found = Suggestions([certain, *rest][:limit])
        found.alarm = heard
        return found

    def scores(self, text: str) -> Floats:
        """What ranks the items, in their order."""
        text = text.strip()[:LONGEST]
        words, sounds = self._words.score(characters(text)), self._sounds.score(pinyin(text))
        return _together(words, sounds, self._nearness(text))[: len(self._entries)]

    def unseen(self, text: str) -> tuple[int, int]:
        """(terms of the text, those of them that no item has): how new is what people say?"""
        terms = characters(text.strip()[:LONGEST])
        return len(terms), self._words.unknown(terms)

    def _named(self, heard: Alarm) -> Entry | None:
        hunch = self._listener.rules[heard.rule].hunch
        return None if hunch else self._by_code.get(heard.item_code)

    def _weighed(self, text: str) -> Weighed | None:
        """None for a text that says nothing or shares nothing with the catalogue."""
        terms = characters(text)
        words = self._words.score(terms)
        if len(text) < SHORTEST or text.isdigit() or not words[:-1].any():
            return None
        sounds, nearness = self._sounds.score(pinyin(text)), self._nearness(text)
        return Weighed(terms, words, sounds, nearness, _together(words, sounds, nearness))

    def _likeness(self, weighed: Weighed) -> float:
        """Is it more like what callers say of emergencies than of anything else? In points of a hunch."""
        if not self._is_emergency.any():
            return 0.0
        scores = weighed.scores
        lead = scores[self._is_emergency].max() - scores[~self._is_emergency].max()
        evenly = EVENLY_LIKE_IN_WORDS if weighed.nearness is None else EVENLY_LIKE
        return evenly + LEAD_WEIGHT * float(lead)

    def _ranked(self, text: str, weighed: Weighed, limit: int) -> Suggestions:
        ranked = np.argsort(-weighed.scores, kind="stable")[: limit + 1]
        first = chance_of_first(_evidence(ranked, weighed))
        lead_of_first = weighed.scores[ranked[0]] - weighed.scores
        return Suggestions(
            self._suggestion(n, chance_of_next(first, float(lead_of_first[n])), text, weighed.terms)
            for n in ranked[ranked < len(self._entries)][:limit].tolist()
            if weighed.words[n] or weighed.nearness is not None
        )

    def _nearness(self, text: str) -> Floats | None:
        if self._embedder is None or self._meanings is None:
            return None
        try:
            return self._meanings.nearness(self._embedder.embed([text])[0])
        except EmbeddingsFailed:
            return None  # the embedder has logged it; the caller does not wait for it

    def _suggestion(self, number: int, confidence: float, text: str, terms: Sequence[str]) -> Suggestion:
        entry = self._entries[number]
        decided = deciding_words(text, entry.keywords, self._words.shares(terms, number))
        return Suggestion(entry.code, entry.name, entry.name_en, round(confidence, 3), decided)


def _together(words: Floats, sounds: Floats, nearness: Floats | None) -> Floats:
    together = standardised(words) + SOUND_WEIGHT * standardised(sounds)
    return together if nearness is None else together + MEANING_WEIGHT * standardised(nearness)


def standardised(scores: Floats) -> Floats:
    """z-scores: how far each stands out from the rest, so that the searches can be added."""
    from_mean: Floats = scores - scores.mean()
    return from_mean / (float(scores.std()) or 1.0)


def _evidence(ranked: np.ndarray, weighed: Weighed) -> Evidence:
    first, scores, nearness = int(ranked[0]), weighed.scores, weighed.nearness
    other = weighed.sounds if nearness is None else nearness
    return Evidence(
        lead=float(scores[first] - scores[ranked[1]]) if len(ranked) > 1 else 0.0,
        words=float(weighed.words[first]),
        sounds=float(weighed.sounds[first]),
        agreed=int(weighed.words.argmax()) == int(other.argmax()),
        closeness=None if nearness is None else float(nearness[first]),
    )
