"""Looking things up in the live catalogue of a hotline, and in its versions.

Retired items are found by nobody who files a ticket; pages about the catalogue itself ask for them.
"""

from collections.abc import Sequence
from string import ascii_uppercase

from sqlalchemy import BindParameter, ColumnElement, Select, Text, bindparam, cast, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager, joinedload

from hotline.catalogue.files import UNSORTED
from hotline.catalogue.models import CatalogueVersion, Category, Item, Publication
from hotline.catalogue.states import OPEN
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


def open_version(session: Session, hotline: str) -> CatalogueVersion | None:
    """The one that is being prepared: a draft, or scheduled."""
    being_prepared = CatalogueVersion.state.in_(OPEN)
    return session.scalar(select(CatalogueVersion).where(CatalogueVersion.hotline == hotline, being_prepared))


def hotlines(session: Session) -> list[str]:
    """Those that have a catalogue."""
    found = select(CatalogueVersion.hotline).where(CatalogueVersion.live)
    return list(session.scalars(found.order_by(CatalogueVersion.hotline)))


def version(session: Session, hotline: str, version_id: int) -> CatalogueVersion:
    """Raises NotFound."""
    found = session.get(CatalogueVersion, version_id)
    if found is None or found.hotline != hotline:
        raise NotFound(f"hotline {hotline} has no catalogue version {version_id}")
    return found


def publications(session: Session, hotline: str) -> Sequence[Publication]:
    """Who made which version live, when and why, the newest first."""
    made = select(Publication).join(Publication.version).where(CatalogueVersion.hotline == hotline)
    together = made.options(contains_eager(Publication.version))
    return session.scalars(together.order_by(Publication.id.desc())).all()


def search(
    version: CatalogueVersion, words: str = "", category: str = "", retired: bool = False
) -> Select[Item]:
    """Items of one version whose code, names, department, keywords or examples hold every word."""
    found = select(Item).join(Item.category).options(contains_eager(Item.category))
    found = found.where(Item.version_id == version.id, Item.retired == retired).order_by(Item.code)
    if category:
        found = found.where(Category.code == category)
    for word in words.replace("\0", "").split():
        found = found.where(_HAYSTACK.icontains(word, autoescape=True))
    return found


def item_in(session: Session, version: CatalogueVersion, code: str) -> Item | None:
    """Also a retired one."""
    wanted = select(Item).where(Item.version_id == version.id, Item.code == code.replace("\0", ""))
    return session.scalar(wanted.options(joinedload(Item.category)))


def item_versions(session: Session, hotline: str, code: str) -> Sequence[tuple[Publication, Item]]:
    """The item in every version that ever went live, in the order in which they did."""
    found = (
        select(Publication, Item).join(Publication.version).join(Item, Item.version_id == CatalogueVersion.id)
    )
    found = found.where(CatalogueVersion.hotline == hotline, Item.code == code.replace("\0", ""))
    together = (contains_eager(Publication.version), joinedload(Item.category), joinedload(Item.version))
    rows = session.execute(found.options(*together).order_by(Publication.id)).all()
    return [(publication, item) for publication, item in rows]


def categories(session: Session, hotline: str) -> list[Category]:
    """In the order of their codes."""
    return list(session.scalars(_live_categories(hotline).order_by(Category.code)))


def items(session: Session, hotline: str, category: Category | None = None) -> list[Item]:
    """In the order of their codes; all, or one category's; without where unsorted matters wait."""
    query = _live_items(hotline).where(_SORTS).order_by(Item.code)
    return list(session.scalars(query.where(Item.category_id == category.id) if category else query))


def unsorted(session: Session, hotline: str) -> Item | None:
    """Where a matter waits that fits no item; None where the catalogue has no such place (B02)."""
    return session.scalar(_live_items(hotline).where(~_SORTS).order_by(Item.code).limit(1))


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
    return select(Item).join(Item.version).join(Item.category).options(*together).where(live, ~Item.retired)


_SORTS = Item.handler != UNSORTED
_HAYSTACK = func.concat_ws(
    " ",
    Item.code,
    Item.official_code,
    Item.name,
    Item.name_en,
    Item.department,
    cast(Item.keywords, Text),
    cast(Item.examples, Text),
)


def _digits(code: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """A code without its letters: a keypad has none."""
    return func.ltrim(code, ascii_uppercase)


# Made once: every ticket asks for its item, every caller's keys for theirs.
_HOTLINE: BindParameter[str] = bindparam("hotline")
_ITEM = _live_items(_HOTLINE).where(Item.code == bindparam("code"))
_KEYED: dict[int, Select[Category] | Select[Item]] = {
    2: _live_categories(_HOTLINE).where(
        _digits(Category.code) == bindparam("keys"), exists().where(Item.category_id == Category.id, _SORTS)
    ),
    4: _live_items(_HOTLINE).where(_SORTS, _digits(Item.code) == bindparam("keys")),
}
