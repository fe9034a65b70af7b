"""`hotline classify`: one text for a person to read, or a file of texts with figures at its end."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, TextIO

import click

from hotline.catalogue import queries
from hotline.catalogue.alarms import listener
from hotline.catalogue.files import DATA, parse
from hotline.catalogue.understanding.classifier import Classifier, Suggester, Suggestions
from hotline.catalogue.understanding.examination import (
    MAYBE_URGENT,
    UNKNOWN,
    Answer,
    Figures,
    Share,
    examine,
    figures,
)
from hotline.catalogue.understanding.usage import Described
from hotline.config import settings
from hotline.db import transaction
from hotline.embeddings import embedder
from hotline.errors import HotlineError
from hotline.learning.queries import classifier_for


class BatchRefused(HotlineError):
    """A line of the file cannot be read; the message names it."""

    code = "batch_refused"


def one(text: str, hotline: str, *, as_json: bool) -> None:
    suggester, _ = _of_this_site(hotline)
    suggestions = suggester.suggest(text)
    if as_json:
        click.echo(_as_json({"text": text} | _told(suggestions)))
        return
    if suggestions.alarm:
        alarm = suggestions.alarm
        click.echo(f"EMERGENCY ({alarm.rule}: {' '.join(alarm.words)}): hand over to {alarm.number}")
    for suggestion in suggestions:
        decided = " ".join(suggestion.matched)
        click.echo(f"{suggestion.code}  {suggestion.confidence:5.1%}  {suggestion.name}  [{decided}]")
    if suggestions.abstained:
        click.echo("not sure: ask the caller", err=True)


def batch(file: TextIO, hotline: str) -> None:
    """A line of JSON for each text as soon as it is known, and a last one with the figures."""
    suggester, items = _of_this_site(hotline)
    codes = {item.code for item in items}
    answers: list[Answer] = []
    for code, text in _rows(file):
        if code not in codes | {UNKNOWN}:
            click.echo(f"the catalogue of {hotline} has no {code}: taken as unknown", err=True)
        [answer] = examine(suggester, [(code if code in codes else UNKNOWN, text)])
        answers.append(answer)
        click.echo(_as_json({"code": code, "text": text} | _told(answer.suggestions)))
    emergencies = {item.code for item in items if item.handler == "emergency"}
    maybe = {item.code for item in items if item.transfer in MAYBE_URGENT} - emergencies
    click.echo(_as_json(_summary(figures(answers, emergencies, maybe), len(answers))))


def _of_this_site(hotline: str) -> tuple[Suggester, list[Described]]:
    """The live catalogue's; the shipped one's where no database is configured."""
    if settings().database.url:
        with transaction() as session:
            return classifier_for(session, hotline), [*queries.items(session, hotline)]
    click.echo("no database is configured: the shipped catalogue answers", err=True)
    items = parse((DATA / f"catalogue_{hotline}.toml").read_text(encoding="utf-8")).item
    return Classifier(hotline, items, embedder=embedder(), listener=listener()), [*items]


def _rows(file: TextIO) -> Iterator[tuple[str, str]]:
    """Blank lines and a heading are passed over. Raises BatchRefused."""
    for number, line in enumerate(file, start=1):
        code, tab, text = line.rstrip("\r\n").partition("\t")
        if not line.strip() or (number == 1 and code == "code"):
            continue
        if not tab or not text.strip():
            raise BatchRefused(f"line {number}: write code<TAB>text, with - where no code is known")
        yield code.strip(), text


def _told(suggestions: Suggestions) -> dict[str, Any]:
    alarm = suggestions.alarm
    return {
        "suggestions": [
            {"code": s.code, "name": s.name, "confidence": s.confidence, "words": s.matched}
            for s in suggestions
        ],
        "abstained": suggestions.abstained,
        "emergency": alarm is not None,
        "rule": alarm.rule if alarm else None,
        "number": alarm.number if alarm else None,
    }


def _summary(found: Figures, texts: int) -> dict[str, Any]:
    """Shares from 0 to 1, null without anything to count; `counts` has [numerator, denominator] of each."""
    shares = {name: Share(**counts) for name, counts in asdict(found).items()}
    values = {name: None if share.value is None else round(share.value, 4) for name, share in shares.items()}
    counts = {name: [share.count, share.of] for name, share in shares.items()}
    return {"summary": True, "texts": texts} | values | {"counts": counts}


def _as_json(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False)
