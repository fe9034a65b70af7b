"""Preparing the next version: open a draft, edit items, take a change back, carry it onto a newer version.

A hotline has one draft at a time, so that nobody's work is overwritten by a second one.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from hotline.catalogue import changes
from hotline.catalogue import content as contents
from hotline.catalogue.files import (
    CatalogueFile,
    CatalogueRefused,
    Fault,
    Header,
    ItemEntry,
    check,
    check_entry,
)
from hotline.catalogue.models import CatalogueVersion, Category, Item
from hotline.catalogue.queries import live_version, open_version
from hotline.catalogue.service import fresh, lock
from hotline.catalogue.states import VersionState
from hotline.config import settings
from hotline.errors import ChangedMeanwhile, HotlineError, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import CatalogueDraftDiscarded, CatalogueDraftOpened, CatalogueItemEdited


class DraftExists(HotlineError):
    """There is one already, or one that is scheduled: publish it or discard it first."""

    code = "draft_exists"


def open_draft(session: Session, hotline: str, *, actor: str, now: datetime) -> CatalogueVersion:
    """A copy of the live version to be edited; the one that is open already, if there is one.

    Raises NotFound for a hotline without a catalogue.
    """
    lock(session, hotline)
    found = open_version(session, hotline)
    if found:
        return found
    live = live_version(session, hotline)
    if live is None:
        raise NotFound(f"no catalogue is loaded for hotline {hotline}")
    return _new(session, contents.content_of(session, live), live, "opened", actor=actor, now=now)


def import_draft(session: Session, content: CatalogueFile, *, actor: str, now: datetime) -> CatalogueVersion:
    """A draft with the content of a file. Raises DraftExists, and CatalogueRefused for items that the live
    version has and the file has not: they are retired, never deleted."""
    hotline = content.meta.hotline
    lock(session, hotline)
    if open_version(session, hotline):
        raise DraftExists(f"hotline {hotline} has a draft already")
    live = live_version(session, hotline)
    if live:
        _refuse_deletion(contents.content_of(session, live), content)
    return _new(session, content, live, "imported", actor=actor, now=now)


def edit_item(
    session: Session,
    draft: CatalogueVersion,
    code: str,
    said: Mapping[str, Any],
    *,
    edition: int,
    actor: str,
    now: datetime,
) -> tuple[str, ...]:
    """Change fields of an item; the names of those that changed. `edition` is the one the person saw.

    Raises CatalogueRefused by field, ChangedMeanwhile, NotFound, TransitionRefused.
    """
    _open_for_editing(session, draft)
    item = item_of(session, draft, code)
    if item.edition != edition:
        raise ChangedMeanwhile(f"somebody else has changed item {code} meanwhile")
    before = contents.entry_of(item, item.category.code, draft).model_dump()
    after = _checked(session, draft, {**before, **said, "code": code, "category": before["category"]})
    changed = tuple(change.name for change in changes.fields(before, after.model_dump()))
    for name in changed:
        setattr(item, name, getattr(after, name))
    if changed:
        _record_edit(session, draft, code, changed, actor=actor, now=now)
    return changed


def add_item(
    session: Session, draft: CatalogueVersion, said: Mapping[str, Any], *, actor: str, now: datetime
) -> Item:
    """A matter the catalogue did not have. Raises CatalogueRefused, TransitionRefused."""
    _open_for_editing(session, draft)
    entry = _checked(session, draft, said)
    if session.scalar(_one(draft, entry.code)):
        raise CatalogueRefused("item", [Fault("item", 0, entry.code, ("code",), "code_taken", "is taken")])
    item = Item(**contents.row(entry, draft.id, contents.category_ids(session, draft.id)))
    session.add(item)
    session.flush()
    _record_edit(session, draft, entry.code, ("code",), actor=actor, now=now)
    return item


def undo(session: Session, draft: CatalogueVersion, code: str, *, actor: str, now: datetime) -> None:
    """The item is again as in the version the draft was opened from; a new one disappears."""
    _open_for_editing(session, draft)
    item = item_of(session, draft, code)
    base = session.get(CatalogueVersion, draft.based_on_id) if draft.based_on_id else None
    original = session.scalar(_one(base, code)) if base else None
    if original is None:
        session.delete(item)
    else:
        for name in contents.COPIED:
            setattr(item, name, getattr(original, name))
    _record_edit(session, draft, code, ("undone",), actor=actor, now=now)


def discard(session: Session, draft: CatalogueVersion, *, actor: str, now: datetime) -> None:
    """Nothing was ever filed under it. Raises TransitionRefused for one that is not a draft any more."""
    _open_for_editing(session, draft)
    fact = CatalogueDraftDiscarded(catalogue_version_id=draft.id, hotline=draft.hotline)
    record(session, fact, actor=actor, at=now)
    _remove(session, draft)


def renew(
    session: Session, draft: CatalogueVersion, *, actor: str, now: datetime
) -> tuple[CatalogueVersion, list[str]]:
    """The draft's changes on top of the version that is live now, as a new draft; and the codes of items
    of which both changed one field (the draft's words stand). Raises CatalogueRefused where they clash."""
    _open_for_editing(session, draft)
    live = live_version(session, draft.hotline)
    base = session.get(CatalogueVersion, draft.based_on_id) if draft.based_on_id else None
    if live is None or base is None or live.id == base.id:
        return draft, []
    was, mine, theirs = (contents.content_of(session, version) for version in (base, draft, live))
    merged = check(changes.merge(was, mine, theirs))
    _remove(session, draft)
    return _new(session, merged, live, "renewed", actor=actor, now=now), changes.disputed(was, mine, theirs)


def item_of(session: Session, version: CatalogueVersion, code: str) -> Item:
    """Also a retired one. Raises NotFound."""
    found = session.scalar(_one(version, code)) if "\0" not in code else None
    if found is None:
        raise NotFound(f"version {version.version} has no item {code[:20]!r}")
    return found


def _one(version: CatalogueVersion, code: str) -> Select[Item]:
    return select(Item).where(Item.version_id == version.id, Item.code == code)


def _open_for_editing(session: Session, draft: CatalogueVersion) -> None:
    fresh(session, draft)
    if draft.state != VersionState.DRAFT:
        raise TransitionRefused("catalogue version", draft.state, VersionState.DRAFT)


def _checked(session: Session, draft: CatalogueVersion, said: Mapping[str, Any]) -> ItemEntry:
    """The entry, with the days its tier has in this version."""
    header: Header = contents.header_of(draft, 1, 1)
    known = set(contents.category_ids(session, draft.id))
    days = draft.tier_days.get(str(said.get("tier")), 1)
    return check_entry({**said, "tier_days": days}, header, known)


def _record_edit(
    session: Session,
    draft: CatalogueVersion,
    code: str,
    changed: tuple[str, ...],
    *,
    actor: str,
    now: datetime,
) -> None:
    session.flush()
    fact = CatalogueItemEdited(
        catalogue_version_id=draft.id, hotline=draft.hotline, code=code, fields=list(changed)
    )
    record(session, fact, actor=actor, at=now)


def _new(
    session: Session,
    content: CatalogueFile,
    live: CatalogueVersion | None,
    way: str,
    *,
    actor: str,
    now: datetime,
) -> CatalogueVersion:
    meta = content.meta
    draft = CatalogueVersion(
        hotline=meta.hotline,
        version=_free_name(session, meta.hotline, now),
        title=meta.title,
        tier_days=contents.tier_days(meta),
        state=VersionState.DRAFT,
        made_at=now,
        made_by=actor,
        based_on_id=live.id if live else None,
    )
    session.add(draft)
    session.flush()
    contents.fill(session, draft.id, content)
    fact = CatalogueDraftOpened(
        catalogue_version_id=draft.id, hotline=draft.hotline, way=way, based_on_id=draft.based_on_id
    )
    record(session, fact, actor=actor, at=now)
    return draft


def _free_name(session: Session, hotline: str, now: datetime) -> str:
    """'2026-11-22', and '2026-11-22.2' for the second of a day."""
    day = f"{now.astimezone(settings().site.zone):%Y-%m-%d}"
    taken = set(session.scalars(select(CatalogueVersion.version).where(CatalogueVersion.hotline == hotline)))
    names = (day, *(f"{day}.{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def _refuse_deletion(live: CatalogueFile, content: CatalogueFile) -> None:
    codes = {item.code for item in content.item}
    gone = [item for item in live.item if item.code not in codes]
    if gone:
        said = "is missing; an item is retired (retired = true), never deleted"
        faults = [Fault("item", None, item.code, (), "deleted", said, {"name": item.name}) for item in gone]
        raise CatalogueRefused("catalogue", faults)


def _remove(session: Session, draft: CatalogueVersion) -> None:
    for table in (Item, Category):
        session.execute(delete(table).where(table.version_id == draft.id))
    session.delete(draft)
    session.flush()
