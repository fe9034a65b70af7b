"""The golden set guards the swap: a candidate is replayed beside the live model.

Poison is concentrated: one item's words are filed under another. So beside the rates no single item may
lose many of its sentences, however much the others gain, not even if what was learnt had its full weight; and
tickets may not say in a body what the live model is sure is another item.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from hotline.catalogue.understanding.classifier import Suggester, Suggestion
from hotline.catalogue.understanding.examination import Answer, examine


@dataclass(frozen=True)
class Sentence:
    """`golden` False: an example of the catalogue itself; it counts for its item, not in the rates."""

    code: str
    text: str
    golden: bool = True


@dataclass(frozen=True)
class Outcome:
    """What a model said to a sentence."""

    sentence: Sentence
    answer: Answer


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


def replay(model: Suggester, sentences: Sequence[Sentence]) -> list[Outcome]:
    answers = examine(model, [(sentence.code, sentence.text) for sentence in sentences])
    return [Outcome(sentence, answer) for sentence, answer in zip(sentences, answers, strict=True)]


def figures(outcomes: Sequence[Outcome]) -> Figures:
    golden = [outcome.answer for outcome in outcomes if outcome.sentence.golden]
    return Figures(
        sentences=len(golden),
        first=sum(answer.first_is_right for answer in golden),
        in_three=sum(answer.among_shown for answer in golden),
        abstained=sum(answer.suggestions.abstained for answer in golden),
        right_or_abstained=sum(answer.right_or_abstained for answer in golden),
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
    had = Counter(outcome.sentence.code for outcome in live if outcome.answer.first_is_right)
    taken: dict[str, Counter[str]] = {}
    for now, was in zip(candidate, live, strict=True):
        code, had_it, has_it = was.sentence.code, was.answer.first_is_right, now.answer.first_is_right
        lost[code] += had_it - has_it
        if had_it and not has_it:
            shown = now.answer.suggestions
            taken.setdefault(code, Counter())[shown[0].code if shown else ""] += 1
    return [
        ["item", code, str(count), taken[code].most_common(1)[0][0]]
        for code, count in sorted(lost.items())
        if count > tolerated and 3 * count >= had[code]
    ]


def contradictions(live: Suggester, lessons: Mapping[str, Sequence[str]], most: int) -> list[list[str]]:
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
