"""What the golden set lets through, and what it refuses."""

from collections.abc import Mapping

import pytest

from hotline.catalogue.understanding.classifier import Suggestion, Suggestions
from hotline.learning import gate
from hotline.learning.gate import Sentence, Tolerance

EXAM = [
    *(Sentence("0801", f"摆摊{number}") for number in range(4)),
    *(Sentence("0903", f"井盖{number}") for number in range(4)),
    *(Sentence("0903", f"例句{number}", golden=False) for number in range(2)),
]
STRICT = Tolerance(in_three=0, rates=0.125, item_losses=1, contradictions=20)


class Says:
    """Answers by rote; what it was not told it gets right."""

    def __init__(self, wrong: Mapping[str, tuple[str, ...]], sure: float = 0.9) -> None:
        self.wrong, self.sure = wrong, sure

    def suggest(self, text: str, limit: int = 3) -> Suggestions:
        right = "0801" if text.startswith("摆摊") else "0903"
        codes = self.wrong.get(text, (right,))[:limit]
        return Suggestions(Suggestion(code, "", "", self.sure, ()) for code in codes)


def outcomes(sure: float = 0.9, **wrong: tuple[str, ...]) -> list[gate.Outcome]:
    return gate.replay(Says(wrong, sure), EXAM)


def test_figures_count_golden_sentences_only() -> None:
    found = gate.figures(outcomes(摆摊0=("0903", "0801"), 例句0=("0801",)))
    assert (found.sentences, found.first, found.in_three, found.right_or_abstained) == (8, 7, 8, 7)
    assert gate.figures(outcomes(sure=0.01)).abstained == 8


@pytest.mark.parametrize(
    ("wrong", "reasons"),
    [
        ({}, []),
        ({"摆摊0": ("0903", "0801")}, []),
        ({"摆摊0": ("0903",)}, [["in_three", "8", "7"]]),
        (
            {"摆摊0": ("0903", "0801"), "井盖0": ("0801", "0903")},
            [["first", "8", "6"], ["right_or_abstained", "8", "6"]],
        ),
    ],
)
def test_a_candidate_that_answers_worse_is_refused(
    wrong: dict[str, tuple[str, ...]], reasons: list[list[str]]
) -> None:
    assert gate.judge(outcomes(**wrong), outcomes(), STRICT) == reasons


def test_a_better_one_passes_and_so_does_one_that_learns_to_doubt() -> None:
    before = outcomes(摆摊0=("0903", "0801"))
    assert gate.judge(outcomes(), before, STRICT) == []
    assert gate.judge(outcomes(sure=0.01), before, STRICT) == []


def test_no_item_pays_for_the_others() -> None:
    before = outcomes(摆摊0=("0903", "0801"), 摆摊1=("0903", "0801"), 摆摊2=("0903", "0801"))
    after = outcomes(井盖0=("0801", "0903"), 例句0=("0801", "0903"))
    assert gate.judge(after, before, STRICT) == []
    assert gate.items_that_lost(after, before, 1) == [["item", "0903", "2", "0801"]]
    assert gate.items_that_lost(after, before, 2) == []
    assert gate.items_that_lost(outcomes(井盖0=("0801",)), outcomes(), 1) == []


def test_tickets_that_say_in_a_body_what_the_model_is_sure_is_another_item_are_not_learnt() -> None:
    covers = [f"井盖{number}" for number in range(30)]
    assert gate.contradictions(Says({}), {"0801": covers}, 20) == [["contradiction", "0801", "30", "0903"]]
    assert gate.contradictions(Says({}), {"0903": covers}, 20) == []
    assert gate.contradictions(Says({}, sure=0.6), {"0801": covers}, 20) == []
    assert gate.contradictions(Says({}), {"0801": covers[:19]}, 20) == []
    mostly_right = covers + [f"摆摊{number}" for number in range(31)]
    assert gate.contradictions(Says({}), {"0801": mostly_right}, 20) == []
