"""python -m benchmarks [calls|tickets|sms|speech|suggestions|trail|lights|routing|in_tray ...]
                     [--seconds N] [--json]

docs/benchmarks.md says how the figures are made and how to read them.
"""

import argparse
import json
import os
from collections.abc import Callable
from typing import Any

from benchmarks import calls, in_tray, lights, routing, sms, speech, suggestions, tickets, trail
from benchmarks.ladder import Step

RUN: dict[str, Callable[[float, Callable[[str, Any], None]], dict[str, Any]]] = {
    "calls": calls.run,
    "tickets": tickets.run,
    "sms": sms.run,
    "speech": speech.run,
    "suggestions": suggestions.run,
    "trail": trail.run,
    "lights": lights.run,
    "routing": routing.run,
    "in_tray": in_tray.run,
}


def say(name: str, step: Step) -> None:
    figures = {key: value for key, value in step.row().items() if key not in ("held", "cpu_ms")}
    words = "  ".join(f"{key} {value:g}" for key, value in figures.items())
    cpu = "  ".join(f"{part} {ms:g}" for part, ms in step.row()["cpu_ms"].items())
    print(f"  {name:<9}{'held  ' if step.held else 'failed'}  {words}   [ms CPU each: {cpu}]", flush=True)


def silent(_name: str, _step: Step) -> None:
    pass


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument("which", nargs="*", choices=[*RUN, []], help="all unless named")
    arguments.add_argument("--seconds", type=float, default=6, help="length of one step")
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    tell = silent if chosen.json else say
    figures: dict[str, Any] = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
    for name in chosen.which or RUN:
        if not chosen.json:
            print(f"{name}:", flush=True)
        figures[name] = RUN[name](chosen.seconds, tell)
    print(json.dumps(figures, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
