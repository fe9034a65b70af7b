"""Facts of learning: which model suggests items since when, and what guards it."""

from dataclasses import dataclass

from hotline.events.base import Fact


@dataclass(frozen=True)
class ClassifierRebuilt(Fact):
    """A model learnt from `tickets` accepted tickets passed the golden set and went live.

    `words_alone`: no sentence model answered, vectors follow with the next rebuild.
    """

    model_id: int
    hotline: str
    tickets: int
    first: int
    in_three: int
    sentences: int
    words_alone: bool


@dataclass(frozen=True)
class ClassifierRefused(Fact):
    """The golden set refused a candidate; the live model stays. `reasons` as in hotline/learning/gate.py."""

    model_id: int
    hotline: str
    reasons: list[list[str]]


@dataclass(frozen=True)
class ClassifierUnchanged(Fact):
    """A rebuild came to what is live already."""

    model_id: int
    hotline: str


@dataclass(frozen=True)
class ClassifierRebuildFailed(Fact):
    model_id: int
    hotline: str
    reason: str


@dataclass(frozen=True)
class ClassifierRolledBack(Fact):
    """A person put an earlier model live; `model_id` empty: the one that ships. Nightly rebuilds pause."""

    hotline: str
    model_id: int | None
    previous_id: int | None
    reason: str


@dataclass(frozen=True)
class GoldenSentenceAdded(Fact):
    golden_sentence_id: int
    hotline: str
    item_code: str


@dataclass(frozen=True)
class GoldenSentenceRetired(Fact):
    golden_sentence_id: int
    hotline: str
    item_code: str
    reason: str
