"""From the sentences of accepted tickets to what is kept of them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from hotline.catalogue.terms import characters, pinyin
from hotline.catalogue.usage import Usage, meaning_of
from hotline.embeddings import Embedder, Vectors

TICKETS = 2  # what only one ticket says of an item, such as a name, is not kept


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


def _common(sentences: Sequence[str], terms_of: Callable[[str], list[str]]) -> Counter[str]:
    """How often each term is said, without those that stand in one sentence only."""
    bags = [Counter(terms_of(sentence)) for sentence in sentences]
    tickets = Counter(term for bag in bags for term in bag)
    said: Counter[str] = sum(bags, Counter())
    return Counter({term: count for term, count in said.items() if tickets[term] >= TICKETS})
