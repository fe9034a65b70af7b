"""The classifier as it now is: the live catalogue and what was learnt, built once a process and change."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.orm import Session

from hotline.catalogue import queries as catalogue
from hotline.catalogue.alarms import listener
from hotline.catalogue.models import CatalogueVersion
from hotline.catalogue.understanding.classifier import Classifier, Suggestions
from hotline.catalogue.understanding.usage import (
    Described,
    Meaning,
    Usage,
    fingerprint,
    sentences_of,
    shipped_meanings,
)
from hotline.embeddings import Embedder, embedder
from hotline.errors import NotFound
from hotline.learning import artefact
from hotline.learning.learnt import tempered
from hotline.learning.models import Build, KeptMeaning, LearntModel, ModelSwap

SWAPS_SHOWN = 20


@dataclass(frozen=True)
class LiveClassifier:
    """`model_id` None: nothing was learnt yet, or a person went back to what ships."""

    model_id: int | None
    classifier: Classifier

    def suggest(self, text: str, limit: int = 3) -> Suggestions:
        """Asks the sentence model, so not inside a transaction. Never raises."""
        return self.classifier.suggest(text, limit)


# Asked at every suggestion: a row of each of four indices.
_HOTLINE: BindParameter[str] = bindparam("hotline")
_SWAPPED = (
    select(ModelSwap.model_id).where(ModelSwap.hotline == _HOTLINE).order_by(ModelSwap.id.desc()).limit(1)
)
_NEWEST_MEANING = select(KeptMeaning.fingerprint).order_by(KeptMeaning.id.desc()).limit(1)
_LIVE = (
    select(
        CatalogueVersion.sha256,
        LearntModel.id.label("model_id"),
        LearntModel.sha256,
        _NEWEST_MEANING.scalar_subquery(),
    )
    .outerjoin(LearntModel, LearntModel.id == _SWAPPED.scalar_subquery())
    .where(CatalogueVersion.hotline == _HOTLINE, CatalogueVersion.live)
)

# Found by what went into it, so a process that serves two databases (the tests) mixes nothing up.
_built: dict[str, tuple[tuple[Any, ...], LiveClassifier]] = {}
_building = threading.Lock()


def classifier_for(session: Session, hotline: str) -> LiveClassifier:
    """What suggests items now. Raises NotFound where no catalogue is loaded.

    While one thread builds it anew, the others go on with the one before.
    """
    live = session.execute(_LIVE, {"hotline": hotline}).one_or_none()
    if live is None:
        raise NotFound(f"no catalogue is loaded for hotline {hotline}; run `hotline load-catalogue`")
    made_of = (*live, embedder(), listener())
    before = _built.get(hotline)
    if before and before[0] == made_of:
        return before[1]
    if not _building.acquire(blocking=before is None):
        return _built[hotline][1]
    try:
        if _built.get(hotline, ((), None))[0] != made_of:
            _built[hotline] = (made_of, _build(session, hotline, live.model_id))
        return _built[hotline][1]
    finally:
        _building.release()


def _build(session: Session, hotline: str, model_id: int | None) -> LiveClassifier:
    items = catalogue.items(session, hotline)
    model = embedder()
    return LiveClassifier(
        model_id,
        Classifier(
            hotline,
            items,
            learnt=tempered(learnt_of(session, model_id)),
            meanings=meanings_of(session, hotline, items, model),
            embedder=model,
            listener=listener(),
        ),
    )


def models(hotline: str) -> Select[LearntModel]:
    """Every rebuild, the newest first."""
    return select(LearntModel).where(LearntModel.hotline == hotline).order_by(LearntModel.id.desc())


def kept_ids(session: Session, hotline: str) -> set[int]:
    """Models one may go back to."""
    wanted = models(hotline).where(LearntModel.state == Build.PASSED, LearntModel.artefact.is_not(None))
    return set(session.scalars(wanted.with_only_columns(LearntModel.id)))


def swaps(session: Session, hotline: str) -> Sequence[ModelSwap]:
    """Which model went live when, by whom and why; the newest first."""
    newest = select(ModelSwap).where(ModelSwap.hotline == hotline).order_by(ModelSwap.id.desc())
    return session.scalars(newest.limit(SWAPS_SHOWN)).all()


def live_model_id(session: Session, hotline: str) -> int | None:
    return session.scalar(_SWAPPED, {"hotline": hotline})


def last_swap(session: Session, hotline: str) -> ModelSwap | None:
    newest = select(ModelSwap).where(ModelSwap.hotline == hotline).order_by(ModelSwap.id.desc()).limit(1)
    return session.scalar(newest)


def learnt_is_kept(session: Session, model_id: int) -> bool:
    """What old models learnt is dropped, their figures stay."""
    kept = select(LearntModel.id).where(LearntModel.id == model_id, LearntModel.artefact.is_not(None))
    return session.scalar(kept) is not None


def learnt_of(session: Session, model_id: int | None) -> dict[str, Usage]:
    """Empty for the model that ships."""
    kept = session.scalar(select(LearntModel.artefact).where(LearntModel.id == model_id))
    return artefact.read(kept) if kept else {}


def meanings_of(
    session: Session, hotline: str, items: Sequence[Described], model: Embedder | None
) -> dict[str, Meaning]:
    """By fingerprint what is known of these items' own sentences."""
    if model is None:
        return {}
    known = shipped_meanings()
    prints = [fingerprint(sentences_of(hotline, item), model.model) for item in items]
    wanted = [print_ for print_ in prints if print_ not in known]
    kept = session.scalars(select(KeptMeaning).where(KeptMeaning.fingerprint.in_(wanted)))
    ours = {one.fingerprint: Meaning(one.model, one.sentences, artefact.vector(one.total)) for one in kept}
    return {print_: (known | ours)[print_] for print_ in prints if print_ in known or print_ in ours}
