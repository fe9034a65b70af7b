"""How much a text sounds like the emergencies it was fitted on: points a character and a pair of characters.

scripts/fit_emergencies.py writes the points; docs/decisions/emergencies.md measures what they are worth.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import sqrt
from pathlib import Path
from typing import NamedTuple

FIRST, LAST = "\u4e00", "\u9fff"
SPAN, STEP = 60, 30  # characters read together: an emergency in a long letter is not diluted by the rest
SHORTEST = 4
NAMED = 3  # so many of the heaviest terms are shown as the words that decided


class Points(NamedTuple):
    """`emergency`: for or against an emergency at all; `services`: for each number of the heading."""

    emergency: float
    services: tuple[float, ...]


@dataclass(frozen=True)
class Hunch:
    """`places` are where the heaviest terms stand."""

    score: float
    number: str
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class PointTable:
    bias: float
    numbers: tuple[str, ...]
    points: Mapping[str, Points]

    def hunch(self, heard: str, likeness: float = 0.0) -> Hunch | None:
        """The strongest over all spans of a long text; None where there is nothing to read.

        `likeness` are points that another witness adds or takes away.
        """
        starts = range(0, max(len(heard) - SPAN, 0) + STEP, STEP) if len(heard) > SPAN else (0,)
        hunches = [self._span(heard, start, start + SPAN) for start in starts]
        best = max((one for one in hunches if one), key=lambda one: one.score, default=None)
        return best and replace(best, score=best.score + likeness)

    def _span(self, heard: str, start: int, end: int) -> Hunch | None:
        found = {term: place for term, place in terms(heard[start:end], start) if term in self.points}
        if len(found) < SHORTEST:
            return None
        weight = {term: self.points[term].emergency for term in found}
        score = self.bias + sum(weight.values()) / sqrt(len(found))
        services = [
            sum(column) for column in zip(*(self.points[term].services for term in found), strict=True)
        ]
        number = self.numbers[services.index(max(services))]
        heaviest = sorted(found, key=lambda term: (len(term), weight[term]), reverse=True)[:NAMED]
        places = tuple((found[term], found[term] + len(term)) for term in heaviest)
        return Hunch(score, number, places)


def terms(heard: str, start: int = 0) -> Iterator[tuple[str, int]]:
    """Chinese characters and pairs of neighbours, with their places; anything else divides."""
    for place, character in enumerate(heard):
        if FIRST <= character <= LAST:
            yield character, start + place
            if place and FIRST <= heard[place - 1] <= LAST:
                yield heard[place - 1 : place + 1], start + place - 1


def read_points(file: Path) -> PointTable:
    """The table of scripts/fit_emergencies.py; ValueError where it is not one."""
    heading, *lines = file.read_text(encoding="utf-8").splitlines()
    _, bias, *numbers = heading.split("\t")
    points = {}
    for line in lines:
        term, emergency, *services = line.split("\t")
        points[term] = Points(int(emergency) / 100, tuple(int(one) / 100 for one in services))
    return PointTable(float(bias), tuple(numbers), points)
