"""Loading a catalogue: a new version goes live, earlier versions stay for the tickets filed under them."""

import hashlib
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from hotline.catalogue.files import CatalogueFile, CatalogueRefused, parse
from hotline.catalogue.models import CatalogueVersion, Category, Item
from hotline.event_log import record
from hotline.events import CatalogueLoaded

DATA = Path(__file__).parent / "data"
SHIPPED = (DATA / "catalogue_12345.toml", DATA / "catalogue_12348.toml")


def load(
    session: Session, path_or_text: Path | str, now: datetime, actor: str = "system:catalogue"
) -> CatalogueVersion:
    """Make this file (a Path) or text (a str) the live catalogue of the hotline its header names.

    The same content again changes nothing; content loaded earlier goes live again.
    Raises CatalogueRefused naming every fault, and then nothing is changed.
    """
    text = _read(path_or_text) if isinstance(path_or_text, Path) else path_or_text
    source = str(path_or_text) if isinstance(path_or_text, Path) else "catalogue"
    content = parse(text, source)
    version = _version(session, content, hashlib.sha256(text.encode()).hexdigest(), now)
    if not version.live:
        _go_live(session, version, content, actor, now)
    return version


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CatalogueRefused(str(path), [f"cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise CatalogueRefused(str(path), [f"is not UTF-8 (byte {error.start})"]) from error


def _version(session: Session, content: CatalogueFile, sha256: str, now: datetime) -> CatalogueVersion:
    meta = content.meta
    same = (CatalogueVersion.hotline == meta.hotline) & (CatalogueVersion.sha256 == sha256)
    found = session.scalar(select(CatalogueVersion).where(same))
    if found:
        return found
    version = CatalogueVersion(
        hotline=meta.hotline, version=meta.version, title=meta.title, sha256=sha256, loaded_at=now, live=False
    )
    session.add(version)
    session.flush()
    _fill(session, version.id, content)
    return version


def _fill(session: Session, version_id: int, content: CatalogueFile) -> None:
    categories = [{"version_id": version_id, **entry.model_dump()} for entry in content.category]
    session.execute(insert(Category), categories)
    made = select(Category.code, Category.id).where(Category.version_id == version_id)
    ids = dict(session.execute(made).all())
    items = [
        {
            "version_id": version_id,
            "category_id": ids[entry.category],
            **entry.model_dump(exclude={"category", "tier_days"}),
        }
        for entry in content.item
    ]
    session.execute(insert(Item), items)


def _go_live(
    session: Session, version: CatalogueVersion, content: CatalogueFile, actor: str, now: datetime
) -> None:
    earlier = (CatalogueVersion.hotline == version.hotline) & CatalogueVersion.live
    session.execute(update(CatalogueVersion).where(earlier).values(live=False))
    version.live = True
    session.flush()
    fact = CatalogueLoaded(
        catalogue_version_id=version.id,
        hotline=version.hotline,
        version=version.version,
        items=len(content.item),
    )
    record(session, fact, actor=actor, at=now)
