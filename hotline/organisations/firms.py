"""Made-up firms: names, numbers and the counties they serve. Pure.

Every class serves every county by at least one licensed, active firm (B01); 3 % of all firms are
suspended, 1 % have no licence, and both must never be offered a job (E08).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from hotline.organisations import credit_code
from hotline.organisations.spec import Names
from hotline.organisations.territory import Place

SUSPENDED_SHARE, UNLICENSED_SHARE = 0.03, 0.01
ONE_COUNTY_SHARE = 0.7
MOST_COUNTIES = 3
MEDIAN_CAPACITY = 6
# Area code 0600 is assigned to no place and no Chinese subscriber number begins with 0: nobody can be rung.
FICTIONAL_PHONE = "+86600"


@dataclass
class Firm:
    """A firm before it has an id; the first of `counties` is its home."""

    number: int
    role_name: str
    name: str
    counties: list[Place]
    capacity_per_day: int
    rating: float
    licensed: bool = True
    suspended: bool = False

    @property
    def offered(self) -> bool:
        return self.licensed and not self.suspended

    @property
    def phone(self) -> str:
        return fictional_phone(self.number)

    @property
    def licence_number(self) -> str | None:
        return f"MADE-UP-{self.number:06d}" if self.licensed else None

    @property
    def call_out_fee(self) -> int:
        """In yuan."""
        return 20 + self.number % 4 * 10

    @property
    def credit_code(self) -> str:
        return credit_code.make(self.counties[0].code, f"MA{self.number:06d}")


def fictional_phone(number: int) -> str:
    """E.164, well formed and not assignable."""
    return f"{FICTIONAL_PHONE}{number:08d}"


def make(rng: Random, per_class: dict[str, int], counties: Sequence[Place], names: Names) -> list[Firm]:
    firms: list[Firm] = []
    for role_name, count in per_class.items():
        brands = _brands(rng, names, count)
        firms += [_firm(rng, len(firms) + n + 1, role_name, next(brands), counties) for n in range(count)]
    _bar_some(rng, firms, per_class, len(counties))
    for role_name in per_class:
        _close_gaps([f for f in firms if f.role_name == role_name and f.offered], counties)
    return firms


def _firm(rng: Random, number: int, role_name: str, brand: str, counties: Sequence[Place]) -> Firm:
    wanted = 1 if rng.random() < ONE_COUNTY_SHARE else rng.randint(2, MOST_COUNTIES)
    home = rng.choices(counties, weights=[county.population for county in counties])[0]
    others = [county for county in counties if county is not home]
    return Firm(
        number=number,
        role_name=role_name,
        name=f"{home.name[:-1]}{brand}{_trade(role_name)}有限公司",
        counties=[home, *rng.sample(others, min(wanted - 1, len(others)))],
        capacity_per_day=max(1, round(rng.lognormvariate(math.log(MEDIAN_CAPACITY), 0.6))),
        rating=round(rng.betavariate(18, 2), 3),
    )


def _brands(rng: Random, names: Names, count: int) -> Iterator[str]:
    pairs = [first + second for first in names.brand_first for second in names.brand_second]
    return iter(rng.sample(pairs, count))


def _trade(role_name: str) -> str:
    """'家政服务企业' -> '家政服务'; '自来水公司' -> '自来水'."""
    return role_name.removeprefix("备案").removesuffix("企业").removesuffix("公司")


def _bar_some(rng: Random, firms: list[Firm], per_class: dict[str, int], counties: int) -> None:
    """Each class keeps as many as there are counties, so that barring leaves no county without."""
    candidates = [f for name in per_class for f in [g for g in firms if g.role_name == name][counties:]]
    suspended, unlicensed = round(len(firms) * SUSPENDED_SHARE), round(len(firms) * UNLICENSED_SHARE)
    barred = rng.sample(candidates, suspended + unlicensed)
    for firm in barred[:suspended]:
        firm.suspended = True
    for firm in barred[suspended:]:
        firm.licensed = False


def _close_gaps(offered: list[Firm], counties: Sequence[Place]) -> None:
    """A county nobody serves is given to the firm of the class that serves the fewest."""
    for county in counties:
        if not any(county in firm.counties for firm in offered):
            min(offered, key=lambda firm: len(firm.counties)).counties.append(county)
