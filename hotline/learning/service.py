"""What people and the clock do with models: ask for a rebuild, roll back."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from hotline import clock
from hotline.catalogue.models import CatalogueVersion
from hotline.catalogue.queries import hotlines
from hotline.config import settings
from hotline.errors import InvalidInput, NotFound
from hotline.event_log import record
from hotline.events import ClassifierRolledBack
from hotline.learning import queries
from hotline.learning.models import Build, Decision, LearntModel, ModelSwap

CLOCK = "system:learning"
LATEST = timedelta(hours=3)  # a night that was missed is left to the next: by day there are callers
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def ask(session: Session, hotline: str, *, actor: str, now: datetime) -> LearntModel:
    """A rebuild that the scheduler takes up within seconds; one that waits already is that one."""
    lock(session, hotline)
    waiting = select(LearntModel).where(LearntModel.hotline == hotline, LearntModel.state == Build.ASKED)
    model = session.scalar(waiting.limit(1))
    if model is None:
        model = LearntModel(hotline=hotline, asked_at=now, asked_by=actor, state=Build.ASKED)
        session.add(model)
        session.flush()
    return model


def ask_by_the_clock(session: Session, now: datetime) -> Sequence[LearntModel]:
    """Once a night and hotline, unless a person rolled back: then a person asks for the next one."""
    learning = settings().learning
    local = clock.to_local(now, settings().site.time_zone)
    due = datetime.combine(local.date(), time(learning.hour), settings().site.zone)
    if not learning.nightly or not due <= local < due + LATEST:
        return []
    return [
        ask(session, hotline, actor=CLOCK, now=now)
        for hotline in hotlines(session)
        if _something_new(session, hotline, due) and not on_hold(session, hotline)
    ]


def on_hold(session: Session, hotline: str) -> bool:
    """Rolled back by a person, and no rebuild went live since."""
    last = queries.last_swap(session, hotline)
    return last is not None and last.way == "rolled_back"


def swap(
    session: Session, hotline: str, model_id: int | None, *, way: str, reason: str, actor: str, now: datetime
) -> ModelSwap:
    """From its commit on every process suggests with this model."""
    previous = queries.live_model_id(session, hotline)
    made = ModelSwap(
        hotline=hotline,
        model_id=model_id,
        previous_id=previous,
        at=now,
        actor=actor,
        way=way,
        reason=reason,
    )
    session.add(made)
    session.flush()
    return made


def roll_back(
    session: Session, hotline: str, model_id: int | None, *, reason: str, actor: str, now: datetime
) -> ModelSwap:
    """An earlier model suggests again; None is the one that ships. Raises NotFound, InvalidInput."""
    lock(session, hotline)
    model = session.get(LearntModel, model_id) if model_id is not None else None
    gone = model is None or model.hotline != hotline or model.state != Build.PASSED
    if model_id is not None and (gone or not queries.learnt_is_kept(session, model_id)):
        raise NotFound(f"no model {model_id} to go back to")
    if model_id == queries.live_model_id(session, hotline):
        raise InvalidInput("model", "is live")
    if not reason.strip():
        raise InvalidInput("reason", "say why")
    made = swap(session, hotline, model_id, way="rolled_back", reason=reason.strip(), actor=actor, now=now)
    fact = ClassifierRolledBack(
        hotline=hotline, model_id=model_id, previous_id=made.previous_id, reason=made.reason
    )
    record(session, fact, actor=actor, at=now)
    return made


def lock(session: Session, hotline: str) -> None:
    """Who asks, swaps or rolls back a model of this hotline waits for another who does. Raises NotFound."""
    live = select(CatalogueVersion.id).where(CatalogueVersion.hotline == hotline, CatalogueVersion.live)
    if session.scalar(live.with_for_update(key_share=True)) is None:
        raise NotFound(f"no catalogue is loaded for hotline {hotline}")


def claim(session: Session, now: datetime, *, stuck_before: datetime) -> LearntModel | None:
    """The next rebuild to do; one whose builder died is done again."""
    owed = or_(
        LearntModel.state == Build.ASKED,
        (LearntModel.state == Build.BUILDING) & (LearntModel.started_at < stuck_before),
    )
    oldest = select(LearntModel.id).where(owed).order_by(LearntModel.id).limit(1)
    taken = update(LearntModel).where(
        LearntModel.id == oldest.with_for_update(skip_locked=True).scalar_subquery()
    )
    taken = taken.values(state=Build.BUILDING, started_at=now).returning(LearntModel)
    return session.scalar(taken)


def _something_new(session: Session, hotline: str, due: datetime) -> bool:
    """Somebody decided something since the last rebuild, and that was not tonight's."""
    last = session.scalar(select(func.max(LearntModel.asked_at)).where(LearntModel.hotline == hotline))
    if last and last >= due:
        return False
    decided = select(Decision.id).where(Decision.hotline == hotline, Decision.at > (last or BEGINNING))
    return session.scalar(decided.limit(1)) is not None


def drop_old(session: Session, hotline: str, *, keep: int) -> None:
    """Only the newest `keep` models, and the live one, keep what they learnt; the figures of all stay."""
    kept = select(LearntModel.id).where(LearntModel.hotline == hotline, LearntModel.artefact.is_not(None))
    newest = kept.order_by(LearntModel.id.desc()).limit(keep)
    live = queries.live_model_id(session, hotline)
    old = (
        LearntModel.hotline == hotline,
        LearntModel.artefact.is_not(None),
        LearntModel.id.not_in(newest.scalar_subquery()),
        LearntModel.id != live,
    )
    session.execute(update(LearntModel).where(*old).values(artefact=None))
