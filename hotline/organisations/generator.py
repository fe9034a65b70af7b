"""Making a city that does not exist: its areas, departments, firms and other bodies (rules.md section 3).

The same preset and seed make the same city, so that two people can talk about the same firm.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from random import Random
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from hotline.config import settings
from hotline.event_log import record
from hotline.events import OrganisationsMade
from hotline.organisations import firms, spec, territory
from hotline.organisations.models import Area, Organisation, PriceEntry, ServiceArea
from hotline.organisations.spec import Role
from hotline.organisations.territory import Place

FIRST_OFFICE_PHONE = 10_000_000  # below are the firms'


@dataclass(frozen=True)
class Made:
    """What there is now; `already` when an earlier run had made it."""

    areas: int
    departments: int
    firms: int
    others: int
    already: bool

    def __str__(self) -> str:
        said = "already there" if self.already else "made"
        return (
            f"{said}: {self.areas} areas, {self.departments} department offices,"
            f" {self.firms} firms, {self.others} other bodies"
        )


def make(session: Session, preset: str, seed: int, now: datetime) -> Made:
    """Fill an empty directory; where areas exist nothing is touched. Raises InvalidInput (unknown preset)."""
    plan = spec.preset(preset)
    if session.scalar(select(Area.id).limit(1)):
        return _count(session, already=True)
    rng, names = Random(seed), spec.names()
    places = territory.make(rng, plan, names, settings().site.city)
    area_ids = _insert_areas(session, places)
    _insert_offices(session, places, area_ids)
    counties = [place for place in places if place.level == "county"]
    _insert_firms(session, firms.make(rng, plan.firms, counties, names), area_ids)
    made = _count(session, already=False)
    fact = OrganisationsMade(
        preset=preset, seed=seed, departments=made.departments, firms=made.firms, areas=made.areas
    )
    record(session, fact, actor="system:organisations", at=now)
    return made


def _count(session: Session, *, already: bool) -> Made:
    by_kind = dict(session.execute(select(Organisation.kind, func.count()).group_by(Organisation.kind)).all())
    departments, firm_count = by_kind.pop("department", 0), by_kind.pop("firm", 0)
    areas = session.scalar(select(func.count()).select_from(Area)) or 0
    return Made(areas, departments, firm_count, sum(by_kind.values()), already)


def _insert_areas(session: Session, places: list[Place]) -> dict[str, int]:
    """Level by level, because a row names its parent's id. Returns code -> id."""
    ids: dict[str, int] = {}
    for level in ("city", "county", "town", "village", "grid"):
        rows = [_area_row(place, ids) for place in places if place.level == level]
        made = session.execute(insert(Area).returning(Area.code, Area.id), rows)
        ids.update(made.all())
    return ids


def _area_row(place: Place, ids: dict[str, int]) -> dict[str, Any]:
    return {
        "code": place.code,
        "name": place.name,
        "level": place.level,
        "parent_id": ids[place.parent.code] if place.parent else None,
        "path": place.path,
        "population": place.population,
    }


def _insert_offices(session: Session, places: list[Place], area_ids: dict[str, int]) -> None:
    """From the city down, so that each office knows the office above it."""
    ids: dict[str, int] = {}
    numbers = count(FIRST_OFFICE_PHONE)
    for level in ("city", "county", "town", "village"):
        roles = [role for role in spec.roles() if level in role.levels]
        rows = [
            _office_row(place, role, area_ids, ids, next(numbers))
            for place in places
            if place.level == level
            for role in roles
        ]
        made = session.execute(insert(Organisation).returning(Organisation.code, Organisation.id), rows)
        ids.update(made.all())


def _office_row(
    place: Place, role: Role, area_ids: dict[str, int], ids: dict[str, int], number: int
) -> dict[str, Any]:
    return {
        "code": f"{place.code}-{role.letter}",
        "name": office_name(place, role.name),
        "role_name": role.name,
        "kind": role.kind,
        "level": place.level,
        "area_id": area_ids[place.code],
        "supervised": place.level == "city" and role.kind == "department",
        "parent_id": next((ids[code] for code in _codes_above(place, role) if code in ids), None),
        "phone": firms.fictional_phone(number),
    }


def _codes_above(place: Place, role: Role) -> Iterator[str]:
    above = place.parent
    while above:
        yield f"{above.code}-{role.letter}"
        above = above.parent


def office_name(place: Place, role_name: str) -> str:
    """'青山区城市管理局'; a town's own office is named as towns name it."""
    if role_name == "街道办事处(乡镇政府)" and place.level == "town":
        return f"{place.name}{'办事处' if place.name.endswith('街道') else '人民政府'}"
    return place.name + ("政府办公室" if role_name == "市政府办公室" else role_name)


def _insert_firms(session: Session, made: list[firms.Firm], area_ids: dict[str, int]) -> None:
    rows = [_firm_row(firm, area_ids) for firm in made]
    inserted = session.execute(insert(Organisation).returning(Organisation.code, Organisation.id), rows)
    ids = dict(inserted.all())
    served = [
        {"organisation_id": ids[_firm_code(firm)], "area_id": area_ids[county.code]}
        for firm in made
        for county in firm.counties
    ]
    session.execute(insert(ServiceArea), served)
    session.execute(insert(PriceEntry), [_price_row(firm, ids[_firm_code(firm)]) for firm in made])


def _firm_code(firm: firms.Firm) -> str:
    return f"F{firm.number:05d}"


def _firm_row(firm: firms.Firm, area_ids: dict[str, int]) -> dict[str, Any]:
    return {
        "code": _firm_code(firm),
        "name": firm.name,
        "role_name": firm.role_name,
        "kind": "firm",
        "level": "county",
        "area_id": area_ids[firm.counties[0].code],
        "phone": firm.phone,
        "credit_code": firm.credit_code,
        "licensed": firm.licensed,
        "supervised": firm.role_name in spec.supervised_trades(),
        "licence_number": firm.licence_number,
        "suspended": firm.suspended,
        "capacity_per_day": firm.capacity_per_day,
        "rating": firm.rating,
    }


def _price_row(firm: firms.Firm, firm_id: int) -> dict[str, Any]:
    return {
        "organisation_id": firm_id,
        "role_name": firm.role_name,
        "work": "上门服务",
        "call_out_fee": firm.call_out_fee,
        "unit_price": firm.call_out_fee * 3,
        "unit": "次",
        "remark": "材料费另计",
    }
