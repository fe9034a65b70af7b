"""Steps of a story: each is told with its evidence; the first that does not hold ends it."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import click

from hotline.errors import HotlineError

Found = TypeVar("Found")
PATIENCE_SECONDS = 45


class StepFailed(HotlineError):
    code = "step_failed"


@dataclass
class Telling:
    """`as_json`: one JSON object a step, and a last one that says whether all held."""

    as_json: bool
    steps: list[dict[str, Any]] = field(default_factory=list)

    def step(self, title: str, **evidence: Any) -> None:
        """This much has happened; the evidence shows it."""
        told = {"step": len(self.steps) + 1, "title": title, "held": True, "evidence": evidence}
        self.steps.append(told)
        if self.as_json:
            click.echo(json.dumps(told, ensure_ascii=False, default=str))
        else:
            click.echo(f"{told['step']:>2}. {title}")
            for name, value in evidence.items():
                click.echo(f"      {name}: {value}")

    def failed(self, why: str) -> None:
        told = {"step": len(self.steps) + 1, "title": "the story stopped here", "held": False, "why": why}
        click.echo(json.dumps(told, ensure_ascii=False) if self.as_json else f" ✗  {why}")

    def end(self) -> None:
        count = len(self.steps)
        click.echo(json.dumps({"held": True, "steps": count}) if self.as_json else f"All {count} steps held.")


def must(held: object, what: str) -> None:
    if not held:
        raise StepFailed(f"expected that {what}")


def wait_for(what: str, look: Callable[[], Found | None], seconds: float = PATIENCE_SECONDS) -> Found:
    """Look again and again until there is something; raises StepFailed when there never is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise StepFailed(f"waited {seconds:g} s in vain: {what}")
