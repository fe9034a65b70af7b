"""BM25 over bags of terms, with every term's share of the score worked out beforehand."""

import math
from collections import Counter
from collections.abc import Sequence

K1, B = 1.5, 0.75


class BM25:
    """`score` costs one addition for each (term of the query, document that has it)."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self._size = len(documents)
        bags = [Counter(document) for document in documents]
        spread = Counter(term for bag in bags for term in bag)
        average = sum(map(len, documents)) / max(1, self._size)
        self._postings: dict[str, list[tuple[int, float]]] = {}
        for number, bag in enumerate(bags):
            norm = K1 * (1 - B + B * len(documents[number]) / average)
            for term, count in bag.items():
                weight = self._rarity(spread[term]) * count * (K1 + 1) / (count + norm)
                self._postings.setdefault(term, []).append((number, weight))

    def _rarity(self, documents_with_it: int) -> float:
        return math.log(1 + (self._size - documents_with_it + 0.5) / (documents_with_it + 0.5))

    def score(self, query: Sequence[str]) -> list[float]:
        """One score per document; 0 where no term is shared."""
        scores = [0.0] * self._size
        for term, count in Counter(query).items():
            for number, weight in self._postings.get(term, ()):
                scores[number] += count * weight
        return scores
