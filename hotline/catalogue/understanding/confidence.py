"""How sure a suggestion is: chances fitted on sentences that were not learnt from; pure.

docs/decisions/classifier.md has the figures.
"""

import math
from dataclasses import dataclass

ABSTAIN_BELOW = (
    0.55  # there a person chooses: 9 in 10 answers are right or left to a person, also on hard speech
)
FALL = 0.35  # how fast the chance falls with the distance to the first


@dataclass(frozen=True)
class Evidence:
    """What speaks for the first item. `words`, `sounds`: its BM25 scores; `lead`: before the second;
    `closeness`: cosine to the item's meaning, None without a model; `agreed`: both searches put it first."""

    lead: float
    words: float
    sounds: float
    agreed: bool
    closeness: float | None = None


@dataclass(frozen=True)
class Weights:
    base: float
    lead: float
    words: float
    sounds: float
    agreed: float
    closeness: float = 0.0


WORDS_ALONE = Weights(base=-1.343, lead=0.640, words=1.626, sounds=-1.799, agreed=0.375)
WITH_MEANING = Weights(base=-1.862, lead=0.415, words=0.482, sounds=-0.541, agreed=0.117, closeness=2.481)


def chance_of_first(seen: Evidence) -> float:
    """0..1: how often a first suggestion with this evidence was right."""
    weights = WORDS_ALONE if seen.closeness is None else WITH_MEANING
    total = (
        weights.base
        + weights.lead * seen.lead
        + weights.words * math.log1p(seen.words)
        + weights.sounds * math.log1p(seen.sounds)
        + weights.agreed * seen.agreed
        + weights.closeness * (seen.closeness or 0.0)
    )
    return 1 / (1 + math.exp(-total))


def chance_of_next(first: float, behind: float) -> float:
    """The chance of an item whose score is `behind` the first's."""
    return first * math.exp(-FALL * behind)
