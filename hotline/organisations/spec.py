"""What organisations are generated from: data/org_spec.toml, read and checked."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hotline.errors import InvalidInput

FILE = Path(__file__).parent / "data" / "org_spec.toml"


@dataclass(frozen=True)
class Preset:
    """How many of each level below the city, and how many firms of each class."""

    name: str
    counties: int
    towns: int
    villages: int
    grids: int
    firms: dict[str, int]


@dataclass(frozen=True)
class Role:
    """A body as the catalogue names it, and the levels it has offices at."""

    name: str
    kind: str
    letter: str
    levels: tuple[str, ...]


@dataclass(frozen=True)
class Names:
    """Syllables names are put together from."""

    first: str
    second: str
    brand_first: str
    brand_second: str


@cache
def _raw() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def names() -> Names:
    return Names(**_raw()["names"])


def preset(name: str) -> Preset:
    """Raises InvalidInput naming the presets there are; those that leave out a level are none."""
    usable = {
        p["name"]: p for p in _raw()["preset"] if {"counties", "towns", "villages", "grids"} <= p.keys()
    }
    if name not in usable:
        raise InvalidInput("preset", f"no preset {name!r}; there are {', '.join(usable)}")
    found = usable[name]
    return Preset(
        name=name,
        counties=found["counties"],
        towns=found["towns"],
        villages=found["villages"],
        grids=found["grids"],
        firms={c["name"]: found.get("firms_per_class", c["count"]) for c in _raw()["firm_class"]},
    )


def supervised_trades() -> list[str]:
    """Classes of municipal firms that stand on the public scoreboard beside the city's departments (E04)."""
    trades: list[str] = _raw()["lists"]["supervised_trades"]
    return trades


def roles() -> list[Role]:
    """Every body but the firms, in the order of the file."""
    lists = _raw()["lists"]
    groups = (
        ("department", "D", lists["departments"]),
        ("emergency", "E", lists["emergency_units"]),
        ("external", "X", lists["external_and_local"]),
        ("legal", "L", lists["legal_bodies"]),
        ("mediation", "M", [body["name"] for body in _raw()["mediation_body"]]),
    )
    return [
        Role(name, kind, f"{letter}{number:02d}", _levels(name))
        for kind, letter, group in groups
        for number, name in enumerate(group, start=1)
    ]


def _levels(role_name: str) -> tuple[str, ...]:
    lists = _raw()["lists"]
    if role_name in lists["city_only"] or role_name in lists["one_per_city"]:
        return ("city",)
    levels = ["city", "county"]
    if role_name in lists["one_per_town"]:
        levels.append("town")
    if role_name in lists["one_per_village"]:
        levels.append("village")
    return tuple(levels)
