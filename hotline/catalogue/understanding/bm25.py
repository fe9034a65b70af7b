"""BM25 over bags of terms, with every term's share of the score worked out beforehand."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

K1, B = 1.5, 0.75
Floats = NDArray[np.float64]


class BM25:
    """Scores cost one addition of arrays for each different term of the query."""

    def __init__(self, bags: Sequence[Mapping[str, int]]) -> None:
        self._size = len(bags)
        lengths = [sum(bag.values()) for bag in bags]
        average = sum(lengths) / max(1, self._size) or 1.0
        spread = Counter(term for bag in bags for term in bag)
        found: dict[str, list[tuple[int, float]]] = {}
        for number, bag in enumerate(bags):
            norm = K1 * (1 - B + B * lengths[number] / average)
            for term, count in bag.items():
                weight = self._rarity(spread[term]) * count * (K1 + 1) / (count + norm)
                found.setdefault(term, []).append((number, weight))
        self._postings = {term: _arrays(pairs) for term, pairs in found.items()}

    def _rarity(self, bags_with_it: int) -> float:
        return math.log(1 + (self._size - bags_with_it + 0.5) / (bags_with_it + 0.5))

    def score(self, query: Sequence[str]) -> Floats:
        """One score for each bag; 0 where no term is shared."""
        scores = np.zeros(self._size)
        for term, count in Counter(query).items():
            if (posting := self._postings.get(term)) is not None:
                numbers, weights = posting
                scores[numbers] += count * weights
        return scores

    def unknown(self, query: Sequence[str]) -> int:
        """How many of the terms no bag has."""
        return sum(term not in self._postings for term in query)

    def shares(self, query: Sequence[str], number: int) -> dict[str, float]:
        """What each term of the query gave to the score of bag `number`."""
        given: dict[str, float] = {}
        for term, count in Counter(query).items():
            if (posting := self._postings.get(term)) is not None:
                numbers, weights = posting
                given[term] = float(count * weights[numbers == number].sum())
        return given


def _arrays(pairs: Sequence[tuple[int, float]]) -> tuple[NDArray[np.intp], Floats]:
    numbers, weights = zip(*pairs, strict=True)
    return np.array(numbers, dtype=np.intp), np.array(weights)
