"""One rebuild: read what was accepted, learn it, examine it beside the live model, swap or refuse.

Everything is learnt anew from the table, so a ticket that came back is forgotten, and the same tickets give
the same model to the bit. The sentence model is asked outside any transaction.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import clock
from hotline.catalogue import queries as catalogue
from hotline.catalogue.alarms import listener
from hotline.catalogue.models import Item
from hotline.catalogue.understanding.classifier import Classifier
from hotline.catalogue.understanding.usage import Meaning, Usage
from hotline.config import settings
from hotline.db import transaction
from hotline.embeddings import Embedder, EmbeddingsFailed, embedder
from hotline.event_log import record
from hotline.events import ClassifierRebuildFailed, ClassifierRebuilt, ClassifierRefused, ClassifierUnchanged
from hotline.learning import artefact, drift, gate, golden, queries, service
from hotline.learning.accepted import Caps, Lesson, accepted, lessons
from hotline.learning.learnt import Remembering, learnt_from, tempered
from hotline.learning.masking import masked
from hotline.learning.models import Build, LearntModel

logger = logging.getLogger(__name__)
STUCK = timedelta(hours=2)  # a builder this long at work has died


@dataclass(frozen=True)
class Material:
    """All that a rebuild needs, read in one transaction."""

    model_id: int
    hotline: str
    version_id: int
    items: Sequence[Item]
    meanings: Mapping[str, Meaning]
    lessons: Sequence[Lesson]
    exam: Sequence[gate.Sentence]
    live_id: int | None
    live: Mapping[str, Usage]
    live_sha256: str | None
    uncounted: Sequence[drift.Uncounted]


@dataclass(frozen=True)
class Candidate:
    """`live` is the classifier it was compared with."""

    content: bytes
    sha256: str
    embedding_model: str | None
    tickets: int
    items: int
    golden: gate.Figures
    golden_live: gate.Figures
    reasons: list[list[str]]
    live: Classifier


def rebuild_next(now: datetime) -> LearntModel | None:
    """Do the rebuild that waits longest; None when none waits. One that fails is on record, never raised."""
    with transaction() as session:
        model = service.claim(session, now, stuck_before=now - STUCK)
        if model is None:
            return None
        material = _read(session, model, now)
    try:
        candidate = _candidate(material)
    except Exception as error:
        logger.exception("rebuild %d of %s failed", model.id, model.hotline)
        return _fail(model.id, type(error).__name__)
    with transaction() as session:
        return _conclude(session, material, candidate)


def caps() -> Caps:
    learning = settings().learning
    return Caps(learning.per_item, learning.per_agent, learning.per_caller)


def tolerance() -> gate.Tolerance:
    learning = settings().learning
    return gate.Tolerance(
        learning.top3_tolerance, learning.tolerance, learning.item_losses, learning.contradictions
    )


def _read(session: Session, model: LearntModel, now: datetime) -> Material:
    hotline = model.hotline
    version = catalogue.live_version(session, hotline)
    items = catalogue.items(session, hotline)
    live_id = queries.live_model_id(session, hotline)
    since = now - timedelta(days=settings().learning.days)
    return Material(
        model_id=model.id,
        hotline=hotline,
        version_id=version.id if version else 0,
        items=items,
        meanings=queries.meanings_of(session, hotline, items, embedder()),
        lessons=accepted(session, hotline, since=since, caps=caps()),
        exam=golden.sentences(session, hotline, items),
        live_id=live_id,
        live=queries.learnt_of(session, live_id),
        live_sha256=session.scalar(select(LearntModel.sha256).where(LearntModel.id == live_id)),
        uncounted=drift.uncounted(session, hotline),
    )


def _candidate(material: Material) -> Candidate:
    apart = {masked(sentence.text) for sentence in material.exam}
    sentences = lessons(material.lessons, caps(), kept_apart=apart)
    vectors, learnt = _learn(sentences, [sentence.text for sentence in material.exam])
    content, sha256 = artefact.written(learnt)
    learnt = artefact.read(content)
    live = _classifier(material, tempered(material.live), vectors)
    before = gate.replay(live, material.exam)
    after = gate.replay(_classifier(material, tempered(learnt), vectors), material.exam)
    at_full_weight = gate.replay(_classifier(material, learnt, vectors), material.exam)
    allowed = tolerance()
    reasons = [
        *gate.judge(after, before, allowed),
        *gate.items_that_lost(at_full_weight, before, allowed.item_losses),
        *gate.contradictions(live, sentences, allowed.contradictions),
    ]
    return Candidate(
        content=content,
        sha256=sha256,
        embedding_model=vectors.model if vectors else None,
        tickets=sum(len(said) for code, said in sentences.items() if code in learnt),
        items=len(learnt),
        golden=gate.figures(after),
        golden_live=gate.figures(before),
        reasons=reasons if learnt else [],  # what ships may always come back: people must be forgotten
        live=live,
    )


def _learn(
    sentences: Mapping[str, Sequence[str]], exam: Sequence[str]
) -> tuple[Embedder | None, dict[str, Usage]]:
    """With vectors if the sentence model answers for all of it, else words alone."""
    model = embedder()
    if model:
        remembering = Remembering(model)
        try:
            remembering.embed(exam)
            return remembering, learnt_from(sentences, remembering)
        except EmbeddingsFailed as error:
            logger.warning("learning from words alone: %s", error)
    return None, learnt_from(sentences, None)


def _classifier(material: Material, learnt: Mapping[str, Usage], vectors: Embedder | None) -> Classifier:
    return Classifier(
        material.hotline,
        material.items,
        learnt=learnt,
        meanings=material.meanings,
        embedder=vectors,
        listener=listener(),
    )


def _conclude(session: Session, material: Material, candidate: Candidate) -> LearntModel:
    """The candidate goes live, unless it was refused or another model went live meanwhile."""
    now = clock.now()
    service.lock(session, material.hotline)
    model = session.get_one(LearntModel, material.model_id, with_for_update=True)
    model.catalogue_version_id, model.embedding_model = material.version_id, candidate.embedding_model
    model.tickets, model.items, model.sha256 = candidate.tickets, candidate.items, candidate.sha256
    model.golden, model.golden_live = asdict(candidate.golden), asdict(candidate.golden_live)
    model.reasons, model.ended_at = candidate.reasons, now
    drift.count(session, material.uncounted, candidate.live)
    if candidate.reasons:
        model.state, model.artefact = Build.REFUSED, candidate.content
        fact = ClassifierRefused(model_id=model.id, hotline=model.hotline, reasons=candidate.reasons)
        record(session, fact, actor=service.CLOCK, at=now)
    elif candidate.sha256 == material.live_sha256 or not (candidate.items or material.live_id):
        model.state = Build.SAME
        unchanged = ClassifierUnchanged(model_id=model.id, hotline=model.hotline)
        record(session, unchanged, actor=service.CLOCK, at=now)
    elif queries.live_model_id(session, model.hotline) != material.live_id:
        _mark_failed(session, model, "another_went_live", now)
    else:
        _go_live(session, model, candidate, now)
    return model


def _go_live(session: Session, model: LearntModel, candidate: Candidate, now: datetime) -> None:
    model.state, model.artefact = Build.PASSED, candidate.content
    service.swap(session, model.hotline, model.id, way="rebuilt", reason="", actor=model.asked_by, now=now)
    fact = ClassifierRebuilt(
        model_id=model.id,
        hotline=model.hotline,
        tickets=candidate.tickets,
        first=candidate.golden.first,
        in_three=candidate.golden.in_three,
        sentences=candidate.golden.sentences,
        words_alone=candidate.embedding_model is None,
    )
    record(session, fact, actor=service.CLOCK, at=now)
    service.drop_old(session, model.hotline, keep=settings().learning.keep_models)


def _fail(model_id: int, reason: str) -> LearntModel:
    with transaction() as session:
        model = session.get_one(LearntModel, model_id, with_for_update=True)
        _mark_failed(session, model, reason, clock.now())
        return model


def _mark_failed(session: Session, model: LearntModel, reason: str, now: datetime) -> None:
    model.state, model.ended_at, model.reasons = Build.FAILED, now, [["failed", reason]]
    fact = ClassifierRebuildFailed(model_id=model.id, hotline=model.hotline, reason=reason)
    record(session, fact, actor=service.CLOCK, at=now)
