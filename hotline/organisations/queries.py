"""Looking up areas, and who serves them."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from hotline.errors import NotFound
from hotline.organisations.models import Area, Organisation, ServiceArea


class NoHandler(NotFound):
    """Nobody has this role, neither for the area nor for the city: a person must decide."""

    code = "no_handler"

    def __init__(self, role_name: str) -> None:
        super().__init__(f"no organisation has the role {role_name!r}")


@dataclass(frozen=True)
class HandlerFound:
    """`principle`: territorial (属地, the area's office) or portfolio (分管, the city's office) (D01)."""

    organisation: Organisation
    principle: Literal["territorial", "portfolio"]


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


def handler_for(session: Session, role_name: str, area_id: int | None) -> HandlerFound:
    """The office of this role nearest to the area (any level), else the city's. Firms: see eligible_firms.

    Raises NoHandler, or NotFound for an area that does not exist.
    """
    here = Area.code.in_(_codes(area(session, area_id))) if area_id else Area.level == "city"
    found = session.scalar(
        select(Organisation)
        .join(Organisation.area)
        .options(joinedload(Organisation.area))
        .where(Organisation.role_name == role_name, Organisation.kind != "firm", here)
        .order_by(func.length(Area.path).desc(), Organisation.id)
        .limit(1)
    )
    if found is None:
        raise NoHandler(role_name)
    return HandlerFound(found, "portfolio" if found.level == "city" else "territorial")


def eligible_firms(session: Session, role_name: str, area_id: int) -> list[Organisation]:
    """Licensed, active firms of this class that serve the area's county, by id (E08). Whose turn it is
    is not decided here. Raises NotFound for an area that does not exist."""
    return list(
        session.scalars(
            select(Organisation)
            .join(ServiceArea, ServiceArea.organisation_id == Organisation.id)
            .join(Area, Area.id == ServiceArea.area_id)
            .where(Organisation.kind == "firm", Organisation.role_name == role_name)
            .where(Organisation.licensed, ~Organisation.suspended)
            .where(Area.code.in_(_codes(area(session, area_id))))
            .order_by(Organisation.id)
        ).unique()
    )


def _codes(area: Area) -> list[str]:
    return area.path.split("/")
