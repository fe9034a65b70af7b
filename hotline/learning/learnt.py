"""From the sentences of accepted tickets to what is kept of them."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from hotline.catalogue.understanding.terms import characters, pinyin
from hotline.catalogue.understanding.usage import Meaning, Usage, meaning_of
from hotline.embeddings import Embedder, Vectors

TICKETS = 2  # what only one ticket says of an item, such as a name, is not kept
# Measured (docs/decisions/learning.md): at full weight a hundred tickets drown what the catalogue says.
MOST_SENTENCES = 12  # about as many as an item has of its own


class Remembering:
    """An embedder that works out each text once: a replay asks two models about the same sentences."""

    def __init__(self, embedder: Embedder) -> None:
        self.model = embedder.model
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Raises EmbeddingsFailed."""
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        if new:
            self._known.update(zip(new, self._embedder.embed(new), strict=True))
        return np.array([self._known[text] for text in texts])


def learnt_from(sentences: Mapping[str, Sequence[str]], embedder: Embedder | None) -> dict[str, Usage]:
    """By item code. Raises EmbeddingsFailed when there is an embedder that does not answer."""
    return {
        code: Usage(_common(said, characters), _common(said, pinyin), meaning_of(said, embedder))
        for code, said in sentences.items()
        if len(said) >= TICKETS
    }


def tempered(learnt: Mapping[str, Usage]) -> dict[str, Usage]:
    """What the classifier adds to the catalogue: a hundred tickets say it ten times as loud as one."""
    return {code: _tempered(usage) for code, usage in learnt.items()}


def _tempered(usage: Usage) -> Usage:
    meaning = usage.meaning
    if meaning and meaning.sentences > MOST_SENTENCES:
        total = meaning.total * np.float32(MOST_SENTENCES / meaning.sentences)
        meaning = Meaning(meaning.model, MOST_SENTENCES, total)
    return Usage(_damped(usage.characters), _damped(usage.pinyin), meaning)


def _damped(counts: Counter[str]) -> Counter[str]:
    return Counter({term: round(math.sqrt(count)) for term, count in counts.items()})


def _common(sentences: Sequence[str], terms_of: Callable[[str], list[str]]) -> Counter[str]:
    """In how many sentences each term is said, without those of one sentence only."""
    tickets = Counter(term for sentence in sentences for term in set(terms_of(sentence)))
    return Counter({term: count for term, count in tickets.items() if count >= TICKETS})
