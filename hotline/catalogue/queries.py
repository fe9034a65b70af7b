"""Looking things up in the live catalogue of a hotline."""

from string import ascii_uppercase

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager

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
    return list(session.scalars(_live_categories(hotline).order_by(Category.code)))


def items(session: Session, hotline: str, category: Category | None = None) -> list[Item]:
    """In the order of their codes; all, or one category's."""
    query = _live_items(hotline).order_by(Item.code)
    return list(session.scalars(query.where(Item.category_id == category.id) if category else query))


def item(session: Session, hotline: str, code: str) -> Item:
    """Raises UnknownItem."""
    storable = "\0" not in code  # PostgreSQL refuses the character itself
    found = session.scalar(_ITEM, {"hotline": hotline, "code": code}) if storable else None
    if found is None:
        raise UnknownItem(hotline, code)
    return found


def by_keys(session: Session, hotline: str, keys: str) -> Category | Item:
    """What a caller pressed: two digits a category, four an item; '01' is category L01 of 12348.

    Raises UnknownItem.
    """
    asked = _KEYED.get(len(keys)) if keys.isascii() and keys.isdigit() else None
    found = None if asked is None else session.scalar(asked, {"hotline": hotline, "keys": keys})
    if found is None:
        raise UnknownItem(hotline, keys)
    return found


def _live_categories(hotline: str | BindParameter[str]) -> Select[Category]:
    live = (CatalogueVersion.hotline == hotline) & CatalogueVersion.live
    return select(Category).join(CatalogueVersion, Category.version_id == CatalogueVersion.id).where(live)


def _live_items(hotline: str | BindParameter[str]) -> Select[Item]:
    """With their categories and versions, because who shows an item shows those."""
    live = (CatalogueVersion.hotline == hotline) & CatalogueVersion.live
    together = (contains_eager(Item.category), contains_eager(Item.version))
    return select(Item).join(Item.version).join(Item.category).options(*together).where(live)


def _digits(code: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """A code without its letters: a keypad has none."""
    return func.ltrim(code, ascii_uppercase)


# Made once: every ticket asks for its item, every caller's keys for theirs.
_HOTLINE: BindParameter[str] = bindparam("hotline")
_ITEM = _live_items(_HOTLINE).where(Item.code == bindparam("code"))
_KEYED: dict[int, Select[Category] | Select[Item]] = {
    2: _live_categories(_HOTLINE).where(_digits(Category.code) == bindparam("keys")),
    4: _live_items(_HOTLINE).where(_digits(Item.code) == bindparam("keys")),
}
