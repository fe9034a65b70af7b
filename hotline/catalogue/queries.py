"""Looking things up in the live catalogue of a hotline."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from hotline.catalogue.models import CatalogueVersion, Category, Item
from hotline.errors import NotFound


class UnknownItem(NotFound):
    """No such code in the live catalogue."""

    code = "unknown_item"

    def __init__(self, hotline: str, code: str) -> None:
        super().__init__(f"the live catalogue of {hotline} has no {code[:20]!r}")


def live_version(session: Session, hotline: str) -> CatalogueVersion | None:
    return session.scalar(
        select(CatalogueVersion).where(CatalogueVersion.hotline == hotline, CatalogueVersion.live)
    )


def categories(session: Session, hotline: str) -> list[Category]:
    """In the order of their codes."""
    return list(
        session.scalars(
            select(Category)
            .join(CatalogueVersion, Category.version_id == CatalogueVersion.id)
            .where(CatalogueVersion.hotline == hotline, CatalogueVersion.live)
            .order_by(Category.code)
        )
    )


def items(session: Session, hotline: str, category: Category | None = None) -> list[Item]:
    """Items of the live catalogue with their categories, in the order of their codes."""
    query = (
        select(Item)
        .join(Item.version)
        .join(Item.category)
        .options(contains_eager(Item.category), contains_eager(Item.version))
        .where(CatalogueVersion.hotline == hotline, CatalogueVersion.live)
        .order_by(Item.code)
    )
    if category:
        query = query.where(Item.category_id == category.id)
    return list(session.scalars(query))


def item(session: Session, hotline: str, code: str) -> Item:
    """Raises UnknownItem."""
    found = session.scalar(
        select(Item)
        .join(Item.version)
        .where(CatalogueVersion.hotline == hotline, CatalogueVersion.live, Item.code == code.replace("\0", ""))
    )
    if found is None:
        raise UnknownItem(hotline, code)
    return found


def by_keys(session: Session, hotline: str, keys: str) -> Category | Item:
    """What a caller pressed: two digits a category, four an item; '01' is category L01 of 12348.

    Raises UnknownItem.
    """
    table = {2: Category, 4: Item}.get(len(keys))
    if table is None or not keys.isascii() or not keys.isdigit():
        raise UnknownItem(hotline, keys)
    found: Category | Item | None = session.scalar(
        select(table)
        .join(CatalogueVersion, table.version_id == CatalogueVersion.id)
        .where(CatalogueVersion.hotline == hotline, CatalogueVersion.live)
        .where(func.ltrim(table.code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == keys)
    )
    if found is None:
        raise UnknownItem(hotline, keys)
    return found
