"""Where the catalogue puts what a caller pressed or said. The IVR only pre-fills: the agent confirms."""

from dataclasses import asdict, replace

from sqlalchemy.orm import Session

from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.catalogue import queries as catalogue
from hotline.config import settings
from hotline.db import transaction
from hotline.learning.queries import classifier_for
from ivr import prompts
from ivr.flow import Guess, Heard, Line, Matter


def listen(hotline: str, heard: Heard) -> Heard:
    """`heard` with its guesses. Asks the sentence model, so before the transaction that holds the call."""
    if heard.kind != "speech":
        return heard
    with transaction() as session:
        classifier = classifier_for(session, hotline)
    found = classifier.suggest(heard.words)
    guesses = tuple(Guess(one.code, one.name, one.confidence) for one in found)
    return replace(heard, guesses=guesses, alarm=found.alarm)


def read(session: Session, call: Call, line: Line, heard: Heard) -> Heard:
    """`heard` with its matter, if the catalogue is sure enough, and its alarm; words are kept on the call."""
    if heard.kind == "keys":
        return replace(heard, matter=_by_keys(session, call.hotline, heard.keys))
    if heard.kind == "speech":
        return _by_words(session, call, line, heard)
    return heard


def _by_keys(session: Session, hotline: str, keys: str) -> Matter | None:
    try:
        return Matter(catalogue.by_keys(session, hotline, keys.strip("#")).code, 1.0, "keys")
    except catalogue.UnknownItem:
        return None


def _by_words(session: Session, call: Call, line: Line, heard: Heard) -> Heard:
    """Below ivr.confident nothing is claimed: the agent sees the words and the three best guesses."""
    calls.remember_words(call, heard.words, [asdict(guess) for guess in heard.guesses])
    if not heard.guesses or heard.guesses[0].confidence < settings().ivr.confident:
        return heard
    best = heard.guesses[0]
    return replace(
        heard, matter=Matter(best.code, best.confidence, "speech", _sayable(session, line, best.code))
    )


def _sayable(session: Session, line: Line, code: str) -> str:
    """The item's name; its category's where only rendered sounds are played and the item has none; or ''."""
    item = catalogue.item(session, line.hotline, code)
    names = [named.name if line.language == "zh" else named.name_en for named in (item, item.category)]
    if line.speaks:
        return names[0]
    return next((name for name in names if prompts.has_sound(prompts.name_sound(name), line.language)), "")
