"""How long a suggestion takes: 240 and 2,400 items, with the sentence model and by words, beside a floor."""

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from benchmarks.house import CHECKOUT, python

SIZES = (240, 2400)


@dataclass(frozen=True)
class Times:
    """Milliseconds a sentence; `floor` is the part no classifier of this kind can do without."""

    items: int
    meaning: bool
    suggest: Sequence[float]
    floor: Sequence[float]
    build_seconds: float
    megabytes: float

    held = True

    def row(self) -> dict[str, Any]:
        return {
            "items": self.items,
            "p50_ms": round(median(self.suggest), 2),
            "p95_ms": round(quantiles(self.suggest, n=20)[-1], 2),
            "floor_p95_ms": round(quantiles(self.floor, n=20)[-1], 2),
            "times_floor": round(median(self.suggest) / median(self.floor), 2),
            "build_seconds": round(self.build_seconds, 1),
            "megabytes": round(self.megabytes),
            "cpu_ms": {},
        }


def measure(items: int, *, meaning: bool) -> Times:
    """In a process of its own, so that its memory is its own."""
    argv = [*python("benchmarks.suggestion_load"), str(items), *(["--meaning"] if meaning else [])]
    told = subprocess.run(argv, cwd=CHECKOUT, env=os.environ, check=True, capture_output=True, text=True)
    figures = json.loads(told.stdout)
    return Times(
        items,
        meaning,
        figures["suggest_ms"],
        figures["floor_ms"],
        figures["build_seconds"],
        figures["megabytes"],
    )


def run(_seconds: float, tell: Callable[[str, Any], None]) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for size in SIZES:
        for meaning in (False, True):
            times = measure(size, meaning=meaning)
            name = "meaning" if meaning else "words"
            tell(name, times)
            rows[f"{name}_{size}"] = times.row()
    return rows
