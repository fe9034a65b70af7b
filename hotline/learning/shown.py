"""What somebody was shown before they chose an item, in the one line a form carries back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

CODE = r"[A-Z]*\d{2,6}"
LINE = re.compile(
    rf"(?:(?P<model>\d{{1,9}})@)?(?P<items>(?:{CODE}(?::[01](?:\.\d{{1,4}})?)?(?:,(?!;|$))?){{0,10}})"
    r"(?P<flags>(?:;abstained)?(?:;emergency)?)"
)


class Suggested(Protocol):
    """What the classifier says of one item."""

    @property
    def code(self) -> str: ...
    @property
    def confidence(self) -> float: ...


class SuggestedItems(Protocol):
    """What the classifier answers; best first."""

    def __iter__(self) -> Iterator[Suggested]: ...
    @property
    def abstained(self) -> bool: ...
    @property
    def alarm(self) -> object | None: ...


@dataclass(frozen=True)
class Shown:
    """`items` are (code, confidence), best first; `model_id` None is the classifier as shipped.

    Written as '7@0104:0.83,0203:0.11;abstained;emergency'.
    """

    items: tuple[tuple[str, float], ...] = ()
    model_id: int | None = None
    abstained: bool = False
    emergency: bool = False

    def __str__(self) -> str:
        model = "" if self.model_id is None else f"{self.model_id}@"
        items = ",".join(f"{code}:{round(confidence, 4)}" for code, confidence in self.items)
        return f"{model}{items}{';abstained' * self.abstained}{';emergency' * self.emergency}"

    @property
    def codes(self) -> str:
        return ",".join(code for code, _ in self.items)


NOTHING = Shown()


def of(suggestions: SuggestedItems, *, model_id: int | None = None) -> Shown:
    items = tuple((one.code, one.confidence) for one in suggestions)
    return Shown(items, model_id, suggestions.abstained, suggestions.alarm is not None)


def read(line: str) -> Shown:
    """Nobody types this: what does not look like it is nothing, never an error."""
    found = LINE.fullmatch(line)
    if found is None:
        return NOTHING
    pairs = (item.partition(":") for item in found["items"].split(",") if item)
    items = tuple((code, min(float(confidence or 0), 1.0)) for code, _, confidence in pairs)
    flags = found["flags"]
    model = int(found["model"]) if found["model"] else None
    return Shown(items, model, "abstained" in flags, "emergency" in flags)
