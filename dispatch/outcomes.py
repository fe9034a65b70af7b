"""Why a matter is not handled here, in codes and in the words the citizen reads (outcomes.toml); pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hotline.errors import InvalidInput
from hotline.tickets.states import TicketState

OUTCOMES = (TicketState.LEGAL_ROUTE, TicketState.NOT_ACCEPTED)


@dataclass(frozen=True)
class Reason:
    """`seals`: from then on the text is opened for a purpose only, like any confidential ticket (Z06)."""

    code: str
    name: str
    name_en: str
    text: str
    text_en: str
    seals: bool = False

    def told(self, language: str, explanation: str = "") -> str:
        """What the citizen reads: the reason, and what the desk adds of its own."""
        text = self.text_en if language == "en" else self.text
        return f"{text}\n{explanation.strip()}".strip()


@cache
def reasons(outcome: TicketState) -> Mapping[str, Reason]:
    """By code, in the order they are offered."""
    read = tomllib.loads(Path(__file__).with_name("outcomes.toml").read_text(encoding="utf-8"))
    return {code: Reason(code, **words) for code, words in read[outcome].items()}


def reason(outcome: TicketState, code: str) -> Reason:
    """Raises InvalidInput."""
    found = reasons(outcome).get(code)
    if found is None:
        raise InvalidInput("reason", "choose one of the list")
    return found
