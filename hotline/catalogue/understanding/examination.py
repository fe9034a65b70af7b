"""How well a classifier does on sentences whose item is known: figures with numerator and denominator."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from hotline.catalogue.understanding.classifier import Suggester, Suggestions

UNKNOWN = "-"  # no item is known for this sentence
# Items that may or may not be urgent: an alarm there is neither right nor wrong.
MAYBE_URGENT = frozenset({"110", "119", "120", "122"})


@dataclass(frozen=True)
class Answer:
    code: str
    text: str
    suggestions: Suggestions

    @property
    def first_is_right(self) -> bool:
        return bool(self.suggestions) and self.suggestions[0].code == self.code

    @property
    def among_shown(self) -> bool:
        return any(suggestion.code == self.code for suggestion in self.suggestions)

    @property
    def right_or_abstained(self) -> bool:
        return self.suggestions.abstained or self.first_is_right


@dataclass(frozen=True)
class Share:
    """`value` is None without anything to count."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        return self.count / self.of if self.of else None


@dataclass(frozen=True)
class Figures:
    """The first three over sentences whose item is known; abstained over all."""

    top1: Share
    top3: Share
    right_or_abstained: Share
    abstained: Share
    emergency_recall: Share
    emergency_false_alarms: Share


def examine(suggester: Suggester, rows: Iterable[tuple[str, str]]) -> list[Answer]:
    """`rows` are (code, text)."""
    return [Answer(code, text, suggester.suggest(text)) for code, text in rows]


def figures(answers: Sequence[Answer], emergencies: Collection[str], maybe: Collection[str] = ()) -> Figures:
    """`emergencies` are the codes where an alarm must come, `maybe` those where it may."""
    known = [answer for answer in answers if answer.code != UNKNOWN]
    urgent = [answer for answer in known if answer.code in emergencies]
    calm = [answer for answer in known if answer.code not in emergencies and answer.code not in maybe]
    return Figures(
        top1=_share(known, lambda answer: answer.first_is_right),
        top3=_share(known, lambda answer: answer.among_shown),
        right_or_abstained=_share(known, lambda answer: answer.right_or_abstained),
        abstained=_share(answers, lambda answer: answer.suggestions.abstained),
        emergency_recall=_share(urgent, _alarmed),
        emergency_false_alarms=_share(calm, _alarmed),
    )


def _alarmed(answer: Answer) -> bool:
    return answer.suggestions.alarm is not None


def _share(answers: Sequence[Answer], holds: Callable[[Answer], bool]) -> Share:
    return Share(sum(map(holds, answers)), len(answers))
