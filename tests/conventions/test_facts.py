"""Facts are for ever: each is written down in docs/events.md, heard or silent, and free of people."""

from dataclasses import fields

from hotline.events import KINDS
from hotline.wiring.subscriptions import SILENT, SUBSCRIPTIONS
from scripts.write_events_doc import DOC, text

PERSONAL = {"number_raw", "phone", "name", "address", "text", "body"}


def test_the_events_document_lists_every_kind_and_field() -> None:
    assert DOC.read_text(encoding="utf-8") == text(), "run .venv/bin/python -m scripts.write_events_doc"


def test_every_fact_has_a_subscriber_or_is_listed_as_silent() -> None:
    assert set(KINDS) == set(SUBSCRIPTIONS) | SILENT
    assert not set(SUBSCRIPTIONS) & SILENT


def test_no_fact_carries_a_persons_data() -> None:
    found = {(kind, f.name) for kind, fact in KINDS.items() for f in fields(fact) if f.name in PERSONAL}
    assert not found
