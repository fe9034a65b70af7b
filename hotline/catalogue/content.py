"""The content of a version: rows to entries and back, and its digest."""

import hashlib
import json
from typing import Any, Literal, cast

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from hotline.catalogue.files import CatalogueFile, CategoryEntry, Header, ItemEntry, counts
from hotline.catalogue.models import CatalogueVersion, Category, Item

TIERS: tuple[Literal["simple", "general", "complex", "difficult"], ...] = (
    "simple",
    "general",
    "complex",
    "difficult",
)
DERIVED = {"category", "tier_days"}  # an entry's fields that a row knows by its category and version
COPIED = sorted(ItemEntry.model_fields.keys() - DERIVED)


def digest(content: CatalogueFile) -> str:
    """The same content has the same digest, however it was written down."""
    plain = content.model_dump(exclude_defaults=True)
    plain["category"] = sorted(plain["category"], key=lambda entry: str(entry["code"]))
    plain["item"] = sorted(plain["item"], key=lambda entry: str(entry["code"]))
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def content_of(session: Session, version: CatalogueVersion) -> CatalogueFile:
    """What a file of this version says."""
    categories = session.scalars(
        select(Category).where(Category.version_id == version.id).order_by(Category.code)
    ).all()
    items = session.scalars(select(Item).where(Item.version_id == version.id).order_by(Item.code)).all()
    codes = {category.id: category.code for category in categories}
    category = [CategoryEntry(code=c.code, name=c.name, name_en=c.name_en) for c in categories]
    item = [entry_of(item, codes[item.category_id], version) for item in items]
    counted = counts([vars(entry) for entry in category], [vars(entry) for entry in item])
    return CatalogueFile(meta=header_of(version, *counted), category=category, item=item)


def header_of(version: CatalogueVersion, categories: int, items: int) -> Header:
    days: dict[str, Any] = {f"tier_{tier}_days": version.tier_days[tier] for tier in TIERS}
    return Header.model_construct(
        hotline=version.hotline,
        title=version.title,
        version=version.version,
        categories=categories,
        items=items,
        **days,
    )


def entry_of(item: Item, category: str, version: CatalogueVersion) -> ItemEntry:
    """Rows were checked when they were written."""
    fields = {name: getattr(item, name) for name in COPIED}
    return ItemEntry.model_construct(**fields, category=category, tier_days=version.tier_days[item.tier])


def fill(session: Session, version_id: int, content: CatalogueFile) -> None:
    """Write the categories and items of a new version."""
    categories = [{"version_id": version_id, **entry.model_dump()} for entry in content.category]
    session.execute(insert(Category), categories)
    ids = category_ids(session, version_id)
    session.execute(insert(Item), [row(entry, version_id, ids) for entry in content.item])


def row(entry: ItemEntry, version_id: int, categories: dict[str, int]) -> dict[str, Any]:
    fields = entry.model_dump(include=set(COPIED))
    return {"version_id": version_id, "category_id": categories[entry.category], **fields}


def category_ids(session: Session, version_id: int) -> dict[str, int]:
    """Code -> id."""
    made = select(Category.code, Category.id).where(Category.version_id == version_id)
    return cast(dict[str, int], dict(session.execute(made).all()))


def tier_days(header: Header) -> dict[str, int]:
    return {tier: getattr(header, f"tier_{tier}_days") for tier in TIERS}


def count_items(session: Session, version_id: int) -> int:
    """Items in force; retired ones are not counted (B01)."""
    in_force = select(func.count()).where(Item.version_id == version_id, ~Item.retired)
    return session.scalar(in_force) or 0
