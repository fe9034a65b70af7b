"""What publishing a draft would do: routes that change, open tickets that stay, matters nobody takes.

Changes nothing, and asks the same rules a dispatch asks (hotline/organisations/nearest.py).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from hotline import clock
from hotline.catalogue.changes import Change
from hotline.catalogue.files import UNSORTED, CatalogueFile, ItemEntry
from hotline.catalogue.models import Item
from hotline.organisations.models import Area, OfferedItem, Organisation, ServiceArea
from hotline.organisations.nearest import nearest
from hotline.organisations.standing import may_work
from hotline.tickets.models import Ticket
from hotline.tickets.states import ENDED

ROUTED_BY = {"handler", "department", "level", "retired", "code"}  # fields a route depends on
TICKETS_SHOWN = 5


@dataclass(frozen=True)
class Taker:
    """Who gets an item's tickets in one county: an office, or so many firms in turn; `towns` take it
    themselves. Neither: a dispatcher must choose. `offered` is false for a retired, unsorted or unknown
    item."""

    offered: bool = True
    office: str = ""
    firms: int = 0
    towns: int = 0

    @property
    def nobody(self) -> bool:
        return self.offered and not (self.office or self.firms)


@dataclass(frozen=True)
class Route:
    county: Area
    before: Taker
    after: Taker


@dataclass(frozen=True)
class ItemEffect:
    """`routes` only where they change; `missing` are roles no organisation has."""

    code: str
    name: str
    routes: Sequence[Route]
    open_tickets: int
    tickets: Sequence[Ticket]
    missing: Sequence[str]


def effects(
    session: Session, old: CatalogueFile, new: CatalogueFile, changed: Iterable[Change]
) -> list[ItemEffect]:
    """One for each changed item, in the order of their codes."""
    items = [change for change in changed if change.noun == "item"]
    was, will = {i.code: i for i in old.item}, {i.code: i for i in new.item}
    entries = [e for c in items for e in (was.get(c.code), will.get(c.code)) if e]
    places = Places(session, old.meta.hotline, entries)
    counts = _open_tickets(session, old.meta.hotline, [change.code for change in items])
    return [
        ItemEffect(
            code=change.code,
            name=change.name,
            routes=_routes(places, change, was.get(change.code), will.get(change.code)),
            open_tickets=counts[change.code],
            tickets=_some(session, old.meta.hotline, change.code) if counts[change.code] else (),
            missing=_missing(places, will.get(change.code)),
        )
        for change in items
    ]


def takers(session: Session, hotline: str, entry: ItemEntry) -> list[tuple[Area, Taker]]:
    """Who gets the item's tickets, county by county."""
    places = Places(session, hotline, [entry])
    return [(county, places.taker(entry, county)) for county in places.counties]


class Places:
    """All that may get tickets of some items, read at once."""

    def __init__(self, session: Session, hotline: str, entries: Sequence[ItemEntry]) -> None:
        self.counties = session.scalars(select(Area).where(Area.level == "county").order_by(Area.code)).all()
        roles = {entry.department for entry in entries}
        self.known_roles = _known_roles(session, roles | {a for e in entries for a in e.assisting})
        self._offices = _offices(session, roles)
        self._firms = _firms(session, roles)
        self._towns = _towns_with(session, hotline, [e.code for e in entries if e.level == "town"])

    def taker(self, entry: ItemEntry | None, county: Area) -> Taker:
        if entry is None or entry.retired or entry.handler == UNSORTED:
            return Taker(offered=False)
        if entry.handler == "firm":
            return Taker(firms=self._firms[entry.department, county.id])
        way = county.path.split("/")
        offices = [o for o in self._offices.get(entry.department, ()) if o.area.code in way]
        found = nearest(offices, entry.department, entry.level)
        return Taker(office=found.name if found else "", towns=self._doing_it_themselves(entry, county))

    def _doing_it_themselves(self, entry: ItemEntry, county: Area) -> int:
        if entry.level != "town":
            return 0
        below = f"{county.path}/"
        return sum(path.startswith(below) for path in self._towns.get(entry.code, ()))


def _routes(places: Places, change: Change, before: ItemEntry | None, after: ItemEntry | None) -> list[Route]:
    if not ROUTED_BY & {field.name for field in change.fields}:
        return []
    all_ = [Route(c, places.taker(before, c), places.taker(after, c)) for c in places.counties]
    return [route for route in all_ if route.before != route.after]


def _missing(places: Places, entry: ItemEntry | None) -> list[str]:
    if entry is None or entry.retired or entry.handler == UNSORTED:
        return []
    return [role for role in (entry.department, *entry.assisting) if role not in places.known_roles]


def _known_roles(session: Session, roles: set[str]) -> set[str]:
    known = select(Organisation.role_name).where(Organisation.role_name.in_(roles)).distinct()
    return set(session.scalars(known))


def _offices(session: Session, roles: set[str]) -> dict[str, list[Organisation]]:
    """By role, down to the counties; what towns take is counted by their lists."""
    found = session.scalars(
        select(Organisation)
        .join(Organisation.area)
        .options(joinedload(Organisation.area))
        .where(Organisation.role_name.in_(roles), Organisation.kind != "firm")
        .where(Area.level.in_(["city", "county"]))
        .order_by(Organisation.id)
    )
    by_role: dict[str, list[Organisation]] = {}
    for office in found:
        by_role.setdefault(office.role_name, []).append(office)
    return by_role


def _firms(session: Session, roles: set[str]) -> Counter[tuple[str, int]]:
    """(role, county) -> firms that may be offered a job there."""
    able = select(Organisation.role_name, ServiceArea.area_id, func.count())
    able = able.join(ServiceArea, ServiceArea.organisation_id == Organisation.id)
    able = able.where(Organisation.kind == "firm", may_work(clock.now()))
    able = able.where(Organisation.role_name.in_(roles))
    rows = session.execute(able.group_by(Organisation.role_name, ServiceArea.area_id))
    return Counter({(role, area_id): count for role, area_id, count in rows})


def _towns_with(session: Session, hotline: str, codes: list[str]) -> dict[str, list[str]]:
    """Code -> paths of the towns that have the item on their list."""
    listed = select(OfferedItem.code, Area.path).join(Area, Area.id == OfferedItem.area_id)
    listed = listed.where(OfferedItem.hotline == hotline, OfferedItem.code.in_(codes), Area.level == "town")
    found: dict[str, list[str]] = {}
    for code, path in session.execute(listed):
        found.setdefault(code, []).append(path)
    return found


def _open_tickets(session: Session, hotline: str, codes: list[str]) -> Counter[str]:
    counted = select(Item.code, func.count()).join(Ticket, Ticket.item_id == Item.id)
    counted = counted.where(
        Ticket.hotline == hotline, Item.code.in_(codes), Ticket.state.not_in(sorted(ENDED))
    )
    return Counter(dict(session.execute(counted.group_by(Item.code)).all()))


def _some(session: Session, hotline: str, code: str) -> Sequence[Ticket]:
    """The newest open ones."""
    found = select(Ticket).join(Ticket.item).where(Ticket.hotline == hotline, Item.code == code)
    newest = found.where(Ticket.state.not_in(sorted(ENDED))).order_by(Ticket.id.desc()).limit(TICKETS_SHOWN)
    return session.scalars(newest).all()
