"""The golden set guards the swap: a candidate is replayed beside the live model.

Poison is concentrated: one item's words are filed under another. So beside the rates no single item may
lose many of its sentences, however much the others gain, not even if what was learnt had its full weight; and
tickets may not say in a body what the live model is sure is another item.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from hotline.catalogue.classifier import Suggestion, Suggestions


class Answers(Protocol):
    def suggest(self, text: str, limit: int = 3) -> Suggestions: ...


@dataclass(frozen=True)
class Sentence:
    """`golden` False: an example of the catalogue itself; it counts for its item, not in the rates."""

    code: str
    text: str
    golden: bool = True


@dataclass(frozen=True)
class Outcome:
    """What a model said to a sentence: the codes, best first."""

    sentence: Sentence
    codes: tuple[str, ...]
    abstained: bool

    @property
    def first(self) -> bool:
        return self.codes[:1] == (self.sentence.code,)

    @property
    def in_three(self) -> bool:
        return self.sentence.code in self.codes


@dataclass(frozen=True)
class Figures:
    """Counts over the golden sentences."""

    sentences: int
    first: int
    in_three: int
    abstained: int
    right_or_abstained: int


@dataclass(frozen=True)
class Tolerance:
    """`in_three` and `rates` are shares of the golden sentences, the others numbers of sentences."""

    in_three: float
    rates: float
    item_losses: int
    contradictions: int


SURE = 0.8


def replay(model: Answers, sentences: Sequence[Sentence]) -> list[Outcome]:
    outcomes = []
    for sentence in sentences:
        found = model.suggest(sentence.text, 3)
        codes = tuple(one.code for one in found)
        outcomes.append(Outcome(sentence, codes, found.abstained))
    return outcomes


def figures(outcomes: Sequence[Outcome]) -> Figures:
    golden = [outcome for outcome in outcomes if outcome.sentence.golden]
    return Figures(
        sentences=len(golden),
        first=sum(outcome.first for outcome in golden),
        in_three=sum(outcome.in_three for outcome in golden),
        abstained=sum(outcome.abstained for outcome in golden),
        right_or_abstained=sum(outcome.first or outcome.abstained for outcome in golden),
    )


def judge(candidate: Sequence[Outcome], live: Sequence[Outcome], tolerance: Tolerance) -> list[list[str]]:
    """Why the candidate may not go live; empty: it may. Each reason is [kind, before, after] in counts."""
    before, after = asdict(figures(live)), asdict(figures(candidate))
    allowed = {
        "in_three": tolerance.in_three,
        "first": tolerance.rates,
        "right_or_abstained": tolerance.rates,
    }
    reasons = [
        [kind, str(before[kind]), str(after[kind])]
        for kind, share in allowed.items()
        if before[kind] - after[kind] > share * before["sentences"]
    ]
    return reasons


def items_that_lost(candidate: Sequence[Outcome], live: Sequence[Outcome], tolerated: int) -> list[list[str]]:
    """['item', code, sentences lost, the item that has most of them now]: more than tolerated, and a third
    or more of those it had."""
    lost: Counter[str] = Counter()
    had = Counter(outcome.sentence.code for outcome in live if outcome.first)
    taken: dict[str, Counter[str]] = {}
    for now, was in zip(candidate, live, strict=True):
        code = was.sentence.code
        lost[code] += was.first - now.first
        if was.first and not now.first:
            taken.setdefault(code, Counter())[now.codes[0] if now.codes else ""] += 1
    return [
        ["item", code, str(count), taken[code].most_common(1)[0][0]]
        for code, count in sorted(lost.items())
        if count > tolerated and 3 * count >= had[code]
    ]


def contradictions(live: Answers, lessons: Mapping[str, Sequence[str]], most: int) -> list[list[str]]:
    """['contradiction', code, sentences, the item the live model is sure of]: most of what an item would
    learn, and at least `most` sentences."""
    found = []
    for code, said in lessons.items():
        if len(said) < most:
            continue
        others = Counter(first.code for text in said for first in live.suggest(text, 1) if _sure(first))
        others.pop(code, None)
        for other, count in others.most_common(1):
            if count >= most and 2 * count > len(said):
                found.append(["contradiction", code, str(count), other])
    return found


def _sure(suggestion: Suggestion) -> bool:
    return suggestion.confidence >= SURE
