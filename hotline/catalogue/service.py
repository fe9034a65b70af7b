"""Which version of a catalogue is live: loaded from a file, published, scheduled, rolled back to.

Earlier versions stay for the tickets filed under them; `publication` says who made which one live, when, why.
"""

from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.catalogue import changes, states
from hotline.catalogue import content as contents
from hotline.catalogue.files import DATA, CatalogueFile, CatalogueRefused, parse, whole
from hotline.catalogue.models import CatalogueVersion, Publication
from hotline.catalogue.queries import live_version
from hotline.catalogue.states import VersionState
from hotline.errors import ChangedMeanwhile, InvalidInput, TransitionRefused
from hotline.event_log import record
from hotline.events import (
    CatalogueLoaded,
    CataloguePublished,
    CatalogueScheduled,
    CatalogueTakenBack,
)

SHIPPED = (DATA / "catalogue_12345.toml", DATA / "catalogue_12348.toml")
MAX_NOTE = 300


class Overtaken(ChangedMeanwhile):
    """Another version went live since the draft was opened; publishing it would undo that one."""


def load(
    session: Session, path_or_text: Path | str, now: datetime, actor: str = "system:catalogue"
) -> CatalogueVersion:
    """Make this file (a Path) or text (a str) the live catalogue of the hotline its header names.

    The same content again changes nothing; content loaded earlier goes live again.
    Raises CatalogueRefused naming every fault, and then nothing is changed.
    """
    text = _read(path_or_text) if isinstance(path_or_text, Path) else path_or_text
    source = path_or_text.name if isinstance(path_or_text, Path) else "catalogue"
    content = parse(text, str(path_or_text) if isinstance(path_or_text, Path) else source)
    lock(session, content.meta.hotline)
    version = _version(session, content, actor, now)
    if not version.live:
        _go_live(session, version, way="loaded", note=source[:MAX_NOTE], actor=actor, now=now)
        fact = CatalogueLoaded(
            catalogue_version_id=version.id,
            hotline=version.hotline,
            version=version.version,
            items=content.meta.items,
        )
        record(session, fact, actor=actor, at=now)
    return version


def publish(
    session: Session, version: CatalogueVersion, *, seen: str, note: str, actor: str, now: datetime
) -> None:
    """The draft goes live now. `seen` is the digest of what the person looked at.

    Raises ChangedMeanwhile, Overtaken, InvalidInput, TransitionRefused.
    """
    _release(session, version, VersionState.LIVE, seen=seen, note=note, actor=actor)
    _go_live(session, version, way="published", note=version.note, actor=actor, now=now)


def schedule(
    session: Session,
    version: CatalogueVersion,
    *,
    at: datetime,
    seen: str,
    note: str,
    actor: str,
    now: datetime,
) -> None:
    """The draft goes live at `at`; until then nobody edits it. Raises as `publish` does."""
    if at <= now:
        raise InvalidInput("at", "is not in the future")
    _release(session, version, VersionState.SCHEDULED, seen=seen, note=note, actor=actor)
    version.state, version.goes_live_at = VersionState.SCHEDULED, at
    fact = CatalogueScheduled(
        catalogue_version_id=version.id,
        hotline=version.hotline,
        goes_live_at=at.isoformat(),
        note=version.note,
    )
    record(session, fact, actor=actor, at=now)
    session.flush()


def take_back(session: Session, version: CatalogueVersion, *, actor: str, now: datetime) -> None:
    """A scheduled version is a draft again. Raises TransitionRefused for one that went live meanwhile."""
    fresh(session, version)
    if version.state == VersionState.DRAFT:
        return
    states.check(version.state, VersionState.DRAFT)
    _back_to_draft(session, version, "taken_back", actor, now)


def publish_due(session: Session, now: datetime) -> int:
    """Scheduled versions whose time has come go live; one that was overtaken becomes a draft again."""
    due = select(CatalogueVersion).where(
        CatalogueVersion.state == VersionState.SCHEDULED, CatalogueVersion.goes_live_at <= now
    )
    done = 0
    for version in session.scalars(due).all():
        fresh(session, version)
        if version.state != VersionState.SCHEDULED:
            continue
        if _overtaken(session, version):
            _back_to_draft(session, version, "overtaken", "system:catalogue", now)
        else:
            actor = version.released_by or version.made_by
            _go_live(session, version, way="published", note=version.note, actor=actor, now=now)
            done += 1
    return done


def roll_back(session: Session, version: CatalogueVersion, *, note: str, actor: str, now: datetime) -> None:
    """An earlier version is live again, the same rows. Raises InvalidInput, TransitionRefused."""
    fresh(session, version)
    if version.state != VersionState.RETIRED:
        raise TransitionRefused("catalogue version", version.state, VersionState.LIVE)
    _go_live(session, version, way="rolled_back", note=reason(note), actor=actor, now=now)


def lock(session: Session, hotline: str) -> None:
    """Until the end of the transaction nobody else changes this hotline's catalogue."""
    key = func.pg_advisory_xact_lock(func.hashtext("catalogue"), func.hashtext(hotline))
    session.execute(select(key))


def fresh(session: Session, version: CatalogueVersion) -> None:
    """Lock, and read the version as it now is. Raises ChangedMeanwhile when it was discarded."""
    lock(session, version.hotline)
    now_is = select(CatalogueVersion).where(CatalogueVersion.id == version.id)
    if session.scalar(now_is.execution_options(populate_existing=True)) is None:
        raise ChangedMeanwhile("the draft was discarded meanwhile")


def reason(note: str) -> str:
    said = note.strip()
    if not said:
        raise InvalidInput("note", "say why")
    if len(said) > MAX_NOTE:
        raise InvalidInput("note", f"at most {MAX_NOTE} characters")
    return said


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        fault = whole("unreadable", f"cannot be read: {error.strerror}")
        raise CatalogueRefused(str(path), [fault]) from error
    except UnicodeDecodeError as error:
        fault = whole("not_utf8", f"is not UTF-8 (byte {error.start})")
        raise CatalogueRefused(str(path), [fault]) from error


def _version(session: Session, content: CatalogueFile, actor: str, now: datetime) -> CatalogueVersion:
    sha256 = contents.digest(content)
    same = (CatalogueVersion.hotline == content.meta.hotline) & (CatalogueVersion.sha256 == sha256)
    found = session.scalar(select(CatalogueVersion).where(same))
    if found:
        return found
    version = CatalogueVersion(
        hotline=content.meta.hotline,
        version=content.meta.version,
        title=content.meta.title,
        tier_days=contents.tier_days(content.meta),
        sha256=sha256,
        state=VersionState.RETIRED,  # until it goes live in a moment
        made_at=now,
        made_by=actor,
    )
    session.add(version)
    session.flush()
    contents.fill(session, version.id, content)
    return version


def _release(
    session: Session, version: CatalogueVersion, new: VersionState, *, seen: str, note: str, actor: str
) -> None:
    """Check that the draft may leave the editor, and freeze its digest."""
    fresh(session, version)
    if version.state != VersionState.DRAFT:
        raise TransitionRefused("catalogue version", version.state, new)
    if _overtaken(session, version):
        raise Overtaken("another version went live meanwhile: take its changes over first")
    content = contents.content_of(session, version)
    sha256 = contents.digest(content)
    if sha256 != seen:
        raise ChangedMeanwhile("the draft was changed after you looked at it: look again")
    base = session.get(CatalogueVersion, version.based_on_id) if version.based_on_id else None
    if base and not changes.diff(contents.content_of(session, base), content):
        raise InvalidInput("note", "nothing is different from the live version")
    version.note, version.sha256, version.released_by = reason(note), sha256, actor


def _overtaken(session: Session, version: CatalogueVersion) -> bool:
    live = live_version(session, version.hotline)
    return live is not None and live.id != version.based_on_id


def _back_to_draft(session: Session, version: CatalogueVersion, why: str, actor: str, now: datetime) -> None:
    version.state, version.goes_live_at, version.sha256 = VersionState.DRAFT, None, ""
    fact = CatalogueTakenBack(catalogue_version_id=version.id, hotline=version.hotline, reason=why)
    record(session, fact, actor=actor, at=now)
    session.flush()


def _go_live(
    session: Session, version: CatalogueVersion, *, way: str, note: str, actor: str, now: datetime
) -> None:
    states.check(version.state, VersionState.LIVE)
    earlier = live_version(session, version.hotline)
    if earlier:
        earlier.state = VersionState.RETIRED
        session.flush()  # two live versions cannot stand side by side, not even for a moment
    version.state, version.goes_live_at = VersionState.LIVE, None
    session.add(Publication(version_id=version.id, at=now, actor=actor, way=way, note=note))
    fact = CataloguePublished(
        catalogue_version_id=version.id,
        hotline=version.hotline,
        version=version.version,
        way=way,
        note=note,
        previous_id=earlier.id if earlier else None,
    )
    record(session, fact, actor=actor, at=now)
    session.flush()
