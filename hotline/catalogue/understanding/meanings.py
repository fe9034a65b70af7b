"""Where the items lie in the space of sentence vectors, and how near a sentence is to each; pure."""

from collections.abc import Sequence
from functools import reduce
from operator import add

import numpy as np

from hotline.catalogue.understanding.bm25 import Floats
from hotline.catalogue.understanding.usage import Meaning
from hotline.embeddings import Vectors


class Meanings:
    """Seen from the middle of all sentences: E5 vectors all point much the same way from the origin."""

    def __init__(self, totals: Sequence[Meaning | None]) -> None:
        known = [meaning for meaning in totals if meaning is not None]
        size = known[0].total.size
        self._middle = sum(m.total for m in known) / sum(m.sentences for m in known)
        self._directions = np.zeros((len(totals), size))
        for number, meaning in enumerate(totals):
            if meaning is not None:
                self._directions[number] = _unit(meaning.total / meaning.sentences - self._middle)

    @classmethod
    def of(cls, model: str, *parts: Sequence[Meaning | None]) -> "Meanings | None":
        """Of each item the sum of its parts made by `model`; None when no item has any."""
        totals = [
            reduce(add, fitting) if (fitting := [m for m in item if m and m.model == model]) else None
            for item in zip(*parts, strict=True)
        ]
        return cls(totals) if any(totals) else None

    def nearness(self, sentence: Vectors) -> Floats:
        """The cosine to each item; 0 for one whose meaning is not known yet."""
        # not `@`: the threads of BLAS would spin beside the model's, and their number change the last bits
        nearness: Floats = np.einsum("ij,j->i", self._directions, _unit(sentence - self._middle))
        return nearness


def _unit(vector: np.ndarray) -> Floats:
    return np.asarray(vector / (np.linalg.norm(vector) + 1e-9), dtype=np.float64)
