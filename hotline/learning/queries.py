"""The classifier as it now is: the live catalogue and what was learnt, built once a process and change."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from hotline.catalogue import queries as catalogue
from hotline.catalogue.classifier import Classifier, Suggestions
from hotline.catalogue.models import CatalogueVersion
from hotline.catalogue.usage import Described, Meaning, Usage, fingerprint, sentences_of, shipped_meanings
from hotline.embeddings import Embedder, embedder
from hotline.errors import NotFound
from hotline.learning import artefact
from hotline.learning.models import KeptMeaning, LearntModel, ModelSwap


@dataclass(frozen=True)
class LiveClassifier:
    """`model_id` None: nothing was learnt yet, or a person went back to what ships."""

    model_id: int | None
    classifier: Classifier

    def suggest(self, text: str, limit: int = 3) -> Suggestions:
        """Asks the sentence model, so not inside a transaction. Never raises."""
        return self.classifier.suggest(text, limit)


# Asked at every suggestion: three rows of indices.
_HOTLINE = bindparam("hotline")
_SWAPPED = select(ModelSwap.model_id).where(ModelSwap.hotline == _HOTLINE).order_by(ModelSwap.id.desc())
_NEWEST_MEANING = select(KeptMeaning.id).order_by(KeptMeaning.id.desc()).limit(1)
_LIVE = select(
    CatalogueVersion.sha256,
    _SWAPPED.limit(1).scalar_subquery().label("model_id"),
    _NEWEST_MEANING.scalar_subquery().label("meaning_id"),
).where(CatalogueVersion.hotline == _HOTLINE, CatalogueVersion.live)

_built: dict[str, tuple[Row[Any], LiveClassifier]] = {}
_building = threading.Lock()


def classifier_for(session: Session, hotline: str) -> LiveClassifier:
    """What suggests items now. Raises NotFound where no catalogue is loaded.

    While one thread builds it anew, the others go on with the one before.
    """
    live = session.execute(_LIVE, {"hotline": hotline}).one_or_none()
    if live is None:
        raise NotFound(f"no catalogue is loaded for hotline {hotline}; run `hotline load-catalogue`")
    known = _built.get(hotline)
    if known and known[0] == live:
        return known[1]
    if not _building.acquire(blocking=known is None):
        return _built[hotline][1]
    try:
        known = _built.get(hotline)
        if known is None or known[0] != live:
            known = _built[hotline] = (live, _build(session, hotline, live.model_id))
        return known[1]
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
            learnt=learnt_of(session, model_id),
            meanings=meanings_of(session, hotline, items, model),
            embedder=model,
        ),
    )


def live_model_id(session: Session, hotline: str) -> int | None:
    return session.scalar(_SWAPPED.limit(1), {"hotline": hotline})


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
