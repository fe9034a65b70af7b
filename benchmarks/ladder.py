"""Climbing from rate to rate until a line no longer holds: the best rate it held is its figure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

TRIES = 2


class Step(Protocol):
    """One rate kept up for some seconds."""

    @property
    def rate(self) -> float: ...
    @property
    def held(self) -> bool: ...
    def row(self) -> dict[str, Any]:
        """Its figures, for people and for JSON."""


S = TypeVar("S", bound=Step)


@dataclass
class Climb(Generic[S]):
    """A line on its way up. It stops at the first rate it fails twice: one failure may be a neighbour's."""

    name: str
    take: Callable[[float], S]
    rates: Iterable[float]
    steps: list[S] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._rates = iter(self.rates)

    def next(self, say: Callable[[str, S], None]) -> bool:
        """Take the next rate; False when this was the last one."""
        rate = next(self._rates, None)
        if rate is None:
            return False
        for _ in range(TRIES):
            self.steps.append(self.take(rate))
            say(self.name, self.steps[-1])
            if self.steps[-1].held:
                return True
        return False

    @property
    def best(self) -> S | None:
        return max((step for step in self.steps if step.held), key=lambda step: step.rate, default=None)

    @property
    def best_rate(self) -> float:
        return self.best.rate if self.best else 0.0


def side_by_side(climbs: Sequence[Climb[S]], say: Callable[[str, S], None]) -> None:
    """Turn and turn about, so that the machine's good and bad minutes fall on all alike."""
    going = list(climbs)
    while going:
        going = [climb for climb in going if climb.next(say)]


def ratio(ours: float, theirs: float) -> float | None:
    return round(ours / theirs, 2) if theirs else None
