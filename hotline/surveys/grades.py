"""The five grades of satisfaction (Z21), in the order of the keys 1 to 5, and an answer. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Satisfaction(StrEnum):
    VERY_SATISFIED = "very_satisfied"
    SATISFIED = "satisfied"
    FAIRLY_SATISFIED = "fairly_satisfied"
    DISSATISFIED = "dissatisfied"
    VERY_DISSATISFIED = "very_dissatisfied"


@dataclass(frozen=True)
class Answer:
    """To the two questions of a survey."""

    solved: bool
    satisfaction: Satisfaction


UNHAPPY = (Satisfaction.DISSATISFIED, Satisfaction.VERY_DISSATISFIED)
