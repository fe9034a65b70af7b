"""What the scheduler and a worker do for learning."""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hotline.catalogue.queries import hotlines, items
from hotline.catalogue.understanding.usage import fingerprint, meaning_of, sentences_of
from hotline.db import transaction
from hotline.embeddings import Embedder, EmbeddingsFailed, embedder
from hotline.jobs import wake
from hotline.learning import artefact, queries, rebuild, service
from hotline.learning.models import KeptMeaning

logger = logging.getLogger(__name__)
AT_ONCE = 20  # items: a worker has other work, and a minute for each job


def sweep(now: datetime) -> None:
    """By the clock: ask for the night's rebuilds, do what was asked for."""
    with transaction() as session:
        if service.ask_by_the_clock(session, now):
            wake(session, "hotline.learning.jobs.work_out_meanings")
    while rebuild.rebuild_next(now):
        pass


def work_out_meanings() -> int:
    """Vectors for items whose words are new, in parts; woken when a catalogue goes live. How many it made.

    The sentence model away: the items are found by words alone until the next call.
    """
    model = embedder()
    if model is None:
        return 0
    with transaction() as session:
        missing = [one for hotline in hotlines(session) for one in _missing(session, hotline, model)]
    try:
        rows = [_row(sentences, model) for sentences in missing[:AT_ONCE]]
    except EmbeddingsFailed as error:
        logger.warning("no vectors for %d items: %s", len(missing), error)
        return 0
    if rows:
        with transaction() as session:
            session.connection().execute(insert(KeptMeaning).on_conflict_do_nothing(), rows)
            if missing[AT_ONCE:]:
                wake(session, "hotline.learning.jobs.work_out_meanings")
    return len(rows)


def _missing(session: Session, hotline: str, model: Embedder) -> Sequence[list[str]]:
    """The sentences of each item whose meaning is not known."""
    described = items(session, hotline)
    known = queries.meanings_of(session, hotline, described, model)
    said = [sentences_of(hotline, item) for item in described]
    return [sentences for sentences in said if fingerprint(sentences, model.model) not in known]


def _row(sentences: list[str], model: Embedder) -> dict[str, object]:
    meaning = meaning_of(sentences, model)
    assert meaning is not None  # an item has a name, so it has a sentence
    return {
        "fingerprint": fingerprint(sentences, model.model),
        "model": meaning.model,
        "sentences": meaning.sentences,
        "total": artefact.numbers(meaning.total),
    }
