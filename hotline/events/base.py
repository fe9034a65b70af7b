"""What a fact is, and the table of all kinds."""

from dataclasses import dataclass
from typing import ClassVar

KINDS: dict[str, type["Fact"]] = {}


@dataclass(frozen=True)
class Fact:
    """Base of all facts; `kind` is the class name in snake case."""

    kind: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        cls.kind = "".join(f"_{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("_")
        KINDS[cls.kind] = cls
