"""Looking up areas, and who serves them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import ARRAY, ColumnElement, Select, String, and_, any_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from hotline.catalogue.models import Item
from hotline.errors import NotFound
from hotline.organisations import delegations
from hotline.organisations.models import Area, OfferedItem, Organisation, ServiceArea
from hotline.organisations.nearest import TOWN_GOVERNMENT, nearest, principle_of
from hotline.organisations.standing import may_work

LEGAL_CENTRE = "公共法律服务中心"  # the role of the counters of 12348
_Here = aliased(Area)


class NoHandler(NotFound):
    """Nobody has this role, neither for the area nor for the city: a person must decide."""

    code = "no_handler"

    def __init__(self, role_name: str) -> None:
        super().__init__(f"no organisation has the role {role_name!r}")


@dataclass(frozen=True)
class HandlerFound:
    """`principle`: territorial (属地, the area's office), portfolio (分管, the city's office) (D01), or
    delegated: whoever these gave their matters to."""

    organisation: Organisation
    principle: Literal["territorial", "portfolio", "delegated"]


def area(session: Session, area_id: int) -> Area:
    """Raises NotFound."""
    found = session.get(Area, area_id)
    if found is None:
        raise NotFound(f"no area {area_id}")
    return found


def areas(session: Session, level: str, parent: Area | None = None) -> list[Area]:
    """All of one level ('city', 'county', 'town', 'village', 'grid'), or those anywhere below `parent`."""
    query = select(Area).where(Area.level == level).order_by(Area.code)
    return list(session.scalars(query.where(Area.path.startswith(f"{parent.path}/")) if parent else query))


def chain(session: Session, area: Area) -> list[Area]:
    """The area and all above it, the city last (D09)."""
    longest_first = func.length(Area.path).desc()
    return list(session.scalars(select(Area).where(Area.code.in_(_codes(area))).order_by(longest_first)))


def county_of(session: Session, area: Area) -> Area | None:
    """The county or district this area is (in); None for the city itself."""
    return next((one for one in chain(session, area) if one.level == "county"), None)


def in_a_county(area_id: int) -> ColumnElement[bool]:
    """Has the area a `county_of`?"""
    return exists().where(_from_here_up(area_id), Area.level == "county")


def lineage(session: Session, organisation_id: int) -> list[int]:
    """The organisation and all it is subordinate to."""
    above = select(Organisation.id, Organisation.parent_id).where(Organisation.id == organisation_id)
    tree = above.cte("lineage", recursive=True)
    parents = select(Organisation.id, Organisation.parent_id).join(tree, Organisation.id == tree.c.parent_id)
    return list(session.scalars(select(tree.union(parents).c.id)))


def handler_for(session: Session, role_name: str, area_id: int | None) -> HandlerFound:
    """The office of this role nearest to the area (any level), else the city's. Firms: see eligible_firms.

    Raises NoHandler, or NotFound for an area that does not exist.
    """
    offices = session.scalars(_offices(area_id, role_name)).all()
    return _found(session, nearest(offices, role_name), role_name, area_id)


def named(session: Session, words: str, most: int = 20) -> Sequence[Organisation]:
    """Organisations whose name contains the words, the shortest name first; none for no words."""
    if not words.strip():
        return []
    wanted = select(Organisation).where(Organisation.name.contains(words.strip(), autoescape=True))
    ordered = wanted.order_by(func.length(Organisation.name), Organisation.id)
    return session.scalars(ordered.options(joinedload(Organisation.area)).limit(most)).all()


def one_named(session: Session, words: str) -> Organisation | None:
    """The organisation of just this name, or the only one whose name contains the words."""
    found = named(session, words, 2)
    exact = [one for one in found if one.name == words.strip()]
    return exact[0] if exact else found[0] if len(found) == 1 else None


def handler_of(
    session: Session, item: Item, area_id: int | None, *, today: date, barred: int | None = None
) -> HandlerFound:
    """As `handler_for`, for the item's role and at the level its authority is delegated to (B04, Z11); then
    whoever that office gave its matters to for today. `barred` and all below it are passed over (H10)."""
    delegate = delegations.delegate_on(today)
    rows = session.execute(_offices(area_id, item.department, TOWN_GOVERNMENT).add_columns(delegate)).all()
    delegates: dict[Organisation, int | None] = {row[0]: row[1] for row in rows}
    offices = [office for office in delegates if not _is_below(session, office.id, barred)]
    takes = item.level == "town" and _town_takes(session, item, _from_here_up(area_id))
    own = nearest(offices, item.department, item.level, town_takes_it=takes)
    found = _found(session, own, item.department, area_id)
    delegate_id = delegates[found.organisation]
    if delegate_id is None or _is_below(session, delegate_id, barred):
        return found
    whoever = session.get_one(Organisation, delegate_id)
    return HandlerFound(whoever, "delegated") if may_be_sent(session, item, whoever) else found


def right_below(session: Session, office: Organisation, item: Item) -> list[Organisation]:
    """Whom the office may hand this matter down to (D04): offices that belong to it, a county's towns for
    what is on their lists (Z11), and every body of a town's villages."""
    inside = Area.path.startswith(f"{office.area.path}/")
    below = Organisation.parent_id == office.id
    if office.level == "county":
        below |= (Organisation.role_name == TOWN_GOVERNMENT) & (Organisation.level == "town") & inside
    if office.role_name == TOWN_GOVERNMENT and office.level == "town":
        below |= (Organisation.level == "village") & inside
    wanted = select(Organisation).join(Organisation.area).where(below, Organisation.kind != "firm")
    found = session.scalars(wanted.order_by(Organisation.id).options(joinedload(Organisation.area)))
    return [one for one in found if may_be_sent(session, item, one)]


def has_local_offices(session: Session, role_name: str) -> bool:
    """Counties or places below them have offices of this role, so that it matters where a thing is."""
    local = (Organisation.role_name == role_name) & (Organisation.level != "city")
    return session.scalar(select(Organisation.id).where(local).limit(1)) is not None


def may_be_sent(session: Session, item: Item, office: Organisation) -> bool:
    """A town does what the catalogue names it for and what is on its list; no other work goes down (Z11)."""
    if office.role_name != TOWN_GOVERNMENT or office.level != "town":
        return True
    return item.department == TOWN_GOVERNMENT or _town_takes(session, item, Area.id == office.area_id)


def offered(session: Session, area: Area, hotline: str, code: str) -> Area | None:
    """Where the citizen of this area gets the item at a counter (B03): here, else at the nearest site that
    offers it: up the tree first, then the closest neighbour. None: no site has put it on its list."""
    on_lists = (OfferedItem.hotline == hotline) & (OfferedItem.code == code)
    sites = session.scalars(select(Area).join(OfferedItem, OfferedItem.area_id == Area.id).where(on_lists))
    here = _codes(area)

    def distance(site: Area) -> tuple[bool, int, str]:
        there = _codes(site)
        shared = sum(a == b for a, b in zip(here, there, strict=False))
        return shared < len(there), -shared, site.code

    return min(sites, key=distance, default=None)


@dataclass(frozen=True)
class Counters:
    """Where a citizen can go: the service centre with the item on its list, the legal service centre."""

    site: Area | None
    legal: Organisation | None


def counters(session: Session, area_id: int | None, hotline: str, code: str) -> Counters:
    """The nearest of each to this place, if there is one (B03); a legal service centre for 12348 only."""
    place = session.get(Area, area_id) if area_id else None
    site = offered(session, place, hotline, code) if place and code else None
    try:
        near = place.id if place else None
        legal = handler_for(session, LEGAL_CENTRE, near).organisation if hotline == "12348" else None
    except NoHandler:
        legal = None
    return Counters(site, legal)


def offered_codes(session: Session, area: Area, hotline: str) -> set[str]:
    """What the site has put on its list."""
    wanted = select(OfferedItem.code).where(OfferedItem.area_id == area.id, OfferedItem.hotline == hotline)
    return set(session.scalars(wanted))


def sites(session: Session, hotline: str) -> list[tuple[Area, int]]:
    """Areas with a list of their own, and how many items stand on it."""
    listed = select(Area, func.count()).join(OfferedItem, OfferedItem.area_id == Area.id)
    rows = session.execute(listed.where(OfferedItem.hotline == hotline).group_by(Area.id).order_by(Area.code))
    return [(area, number) for area, number in rows.all()]


def role_names(session: Session) -> list[str]:
    """Every name the catalogue may use for who handles an item."""
    return list(session.scalars(select(Organisation.role_name).distinct().order_by(Organisation.role_name)))


def eligible_firms(session: Session, role_name: str, area_id: int, now: datetime) -> list[Organisation]:
    """Firms of this class that serve the area's county and that nothing bars now, by id (E08). Whose turn it
    is and who is open is not decided here."""
    able = are_eligible(role_name, area_id, now)
    return list(session.scalars(select(Organisation).where(able).order_by(Organisation.id)))


def are_eligible(role_name: str, area_id: int, now: datetime) -> ColumnElement[bool]:
    """As `eligible_firms`, to be asked of Organisation."""
    serving = (
        select(ServiceArea.organisation_id)
        .join(Area, Area.id == ServiceArea.area_id)
        .where(_from_here_up(area_id))
    )
    return and_(Organisation.kind == "firm", of_class(role_name), may_work(now), Organisation.id.in_(serving))


def of_class(role_name: str) -> ColumnElement[bool]:
    return or_(Organisation.role_name == role_name, Organisation.further_roles.contains([role_name]))


def _from_here_up(area_id: int | None) -> ColumnElement[bool]:
    """The area and all above it; only the city where no place is known. To be asked of Area."""
    if area_id is None:
        return Area.level == "city"
    path = select(_Here.path).where(_Here.id == area_id).scalar_subquery()
    return Area.code == any_(func.string_to_array(path, "/", type_=ARRAY(String)))


def _offices(area_id: int | None, *role_names: str) -> Select[Organisation]:
    return (
        select(Organisation)
        .join(Organisation.area)
        .options(contains_eager(Organisation.area))
        .where(Organisation.role_name.in_(role_names), Organisation.kind != "firm", _from_here_up(area_id))
        .order_by(Organisation.id)
    )


def _is_below(session: Session, office_id: int, barred: int | None) -> bool:
    """It is the barred one, or subordinate to it."""
    return barred is not None and barred in lineage(session, office_id)


def _town_takes(session: Session, item: Item, where: ColumnElement[bool]) -> bool:
    duty = (OfferedItem.hotline == item.version.hotline) & (OfferedItem.code == item.code)
    towns = select(OfferedItem.id).join(Area, Area.id == OfferedItem.area_id).where(duty)
    return session.scalar(towns.where(Area.level == "town", where).limit(1)) is not None


def _found(
    session: Session, office: Organisation | None, role_name: str, area_id: int | None
) -> HandlerFound:
    if office is None:
        if area_id is not None:
            area(session, area_id)  # there may be no such place
        raise NoHandler(role_name)
    return HandlerFound(office, principle_of(office))


def _codes(area: Area) -> list[str]:
    return area.path.split("/")
