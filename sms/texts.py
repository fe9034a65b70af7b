"""The texts we send: approved templates with a signature in front, and the linter that keeps them so."""

import tomllib
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from hotline.errors import InvalidInput
from sms import segments

LANGUAGES = ("zh", "en")
BRACKETS = "【】"
LONGEST_SIGNATURE = "签" * 16


class Template(StrEnum):
    TICKET_ACCEPTED = "ticket_accepted"
    RESULT_NOTICE = "result_notice"
    OUTCOME_NOTICE = "outcome_notice"
    SURVEY_REPEAT = "survey_repeat"
    SUPPLEMENT_ASKED = "supplement_asked"
    QUOTE_TOLD = "quote_told"
    QUOTE_LAPSED = "quote_lapsed"
    GRIEVANCE_DECIDED = "grievance_decided"
    SURVEY_THANKS = "survey_thanks"
    WORK_ORDER_LINK = "work_order_link"
    WORK_ORDER_ENDED = "work_order_ended"
    DUTY_CALLED = "duty_called"
    CALLED_OUT = "called_out"


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))


def render(template: Template, language: str, signature: str, **values: str) -> str:
    """The text as it leaves the house. InvalidInput for a value too long, unknown or missing."""
    body = _texts()[template][language]["text"]
    _check_values(placeholders(body), values)
    return f"【{signature}】{body.format(**values)}"


def stage(name: str, language: str) -> str:
    """`name` is one of hotline.tickets.states.PUBLIC_STATE: accepted, in_progress, answered, finished."""
    said: str = _texts()["stages"][language][name]
    return said


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _check_values(wanted: set[str], values: dict[str, str]) -> None:
    if wanted != set(values):
        raise InvalidInput("values", f"the text needs {sorted(wanted)} and was given {sorted(values)}")
    for name, value in values.items():
        longest = _texts()["values"][name]
        if len(value) > longest:
            raise InvalidInput(name, f"at most {longest} characters fit into the text")
        if any(bracket in value for bracket in BRACKETS):
            raise InvalidInput(name, "【】 belongs to the signature only")


def lint() -> list[str]:
    """What is wrong with texts.toml, one sentence each; empty when all is well (Z38, Z40)."""
    return [
        f"{template} {language}: {flaw}"
        for template in Template
        for language in LANGUAGES
        for flaw in flaws(_texts()[template].get(language), _texts()["values"])
    ]


def flaws(entry: dict[str, Any] | None, longest: dict[str, int]) -> Iterator[str]:
    if entry is None:
        yield "there is no text in this language"
        return
    text: str = entry["text"]
    if any(bracket in text for bracket in BRACKETS):
        yield "【】 belongs to the signature only"
    unknown = placeholders(text) - set(longest)
    if unknown:
        yield f"{sorted(unknown)} is no approved value; free text may not stand in a text message"
        return
    filled = text.format(**{name: "字" * length for name, length in longest.items()})
    parts = segments.count(f"【{LONGEST_SIGNATURE}】{filled}")
    if parts > entry["max_parts"]:
        yield f"needs {parts} parts at worst and may have {entry['max_parts']}"
