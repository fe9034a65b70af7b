"""The places of a made-up city: roads and the towns they cross, crossings, estates, hamlets, landmarks.

Pure; the same areas and random source make the same places. Names are as unclear as real ones: common roads,
estates and hamlets stand in several counties on purpose.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

from hotline.places.kinds import PlaceKind as Kind

FILE = Path(__file__).parent / "data" / "names.toml"
NUMBERS_A_TOWN = 200  # house numbers of a long road in each town it crosses
COMMON_SHARE = 0.6  # of the long roads
COMMON_ESTATES = 0.2


@dataclass(frozen=True)
class Spot:
    """An area as this needs it, with those right below it."""

    id: int
    name: str
    level: str
    below: list["Spot"] = field(default_factory=list)

    @property
    def stem(self) -> str:
        """'泉塘街道' -> '泉塘'"""
        return self.name.removesuffix("街道").removesuffix("社区").rstrip("区县镇乡村")


@dataclass(frozen=True)
class Named:
    """A row of the gazetteer before it is one."""

    kind: Kind
    name: str
    area_id: int
    first_number: int | None = None
    last_number: int | None = None


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def make(rng: Random, city: Spot) -> list[Named]:
    """Every place of the city, none twice in one area. `city` has all areas below it."""
    fresh = _fresh_roads(rng)
    made = [place for county in city.below for place in _of_county(rng, county, fresh)]
    return list({(place.kind, place.name, place.area_id): place for place in made}.values())


def _fresh_roads(rng: Random) -> Iterator[str]:
    words = _words()
    stems = [first + second for first in words["road_first"] for second in words["road_second"]]
    while True:  # a very large city uses a name again, as such cities do
        yield from rng.sample(stems, len(stems))


def _of_county(rng: Random, county: Spot, fresh: Iterator[str]) -> Iterator[Named]:
    roads: dict[int, list[str]] = {town.id: [] for town in county.below}
    long_roads = list(_long_roads(rng, county, fresh))
    for town in county.below:
        small = [next(fresh) + rng.choice(_words()["small_road_endings"]) for _ in range(3)]
        long_here = [place.name for place in long_roads if place.area_id == town.id]
        roads[town.id] = [*long_here, *small]
        yield from (Named(Kind.ROAD, name, town.id) for name in small)
        yield from _crossings(rng, town, roads[town.id])
        yield from _of_town(rng, town)
    yield from long_roads
    yield from _county_landmarks(rng, county)


def _long_roads(rng: Random, county: Spot, fresh: Iterator[str]) -> Iterator[Named]:
    """One for each town, through up to five neighbours; the numbers go on from town to town."""
    common = rng.sample(_words()["common_roads"], len(_words()["common_roads"]))
    for _ in county.below:
        stem = common.pop() if common and rng.random() < COMMON_SHARE else next(fresh)
        name = stem + rng.choice(("路", "路", "大道", "街"))
        towns = _neighbours(rng, county.below, rng.randint(1, 5))
        for number, town in enumerate(towns):
            first = number * NUMBERS_A_TOWN + 1
            yield Named(Kind.ROAD, name, town.id, first, first + NUMBERS_A_TOWN - 1)


def _neighbours(rng: Random, towns: Sequence[Spot], count: int) -> Sequence[Spot]:
    start = rng.randrange(max(1, len(towns) - count + 1))
    return towns[start : start + count]


def _crossings(rng: Random, town: Spot, roads: list[str]) -> Iterator[Named]:
    pairs = list(combinations(sorted(set(roads)), 2))
    for one, other in rng.sample(pairs, min(4, len(pairs))):
        yield Named(Kind.CROSSING, f"{one}/{other}", rng.choice(town.below).id)


def _of_town(rng: Random, town: Spot) -> Iterator[Named]:
    landmarks = [
        (Kind.SCHOOL, "中心小学"),
        (Kind.SCHOOL, "中学"),
        (Kind.HOSPITAL, "卫生院"),
        (Kind.MARKET, "农贸市场"),
        (Kind.PARK, "公园"),
        (Kind.STATION, "汽车站"),
    ]
    for kind, ending in rng.sample(landmarks, 4):
        yield Named(kind, town.stem + ending, rng.choice(town.below).id)
    for village in town.below:
        yield from _homes(rng, village)


def _homes(rng: Random, village: Spot) -> Iterator[Named]:
    """An estate or a hamlet for every grid, so that an address leads to one of them (O07)."""
    kind, named = (
        (Kind.ESTATE, _estate_name) if village.name.endswith("社区") else (Kind.HAMLET, _hamlet_name)
    )
    taken: set[str] = set()
    for grid in village.below:
        name = named(rng)
        while name in taken:
            name = named(rng)
        taken.add(name)
        yield Named(kind, name, grid.id)


def _estate_name(rng: Random) -> str:
    words = _words()
    common = rng.random() < COMMON_ESTATES
    first = rng.choice(words["estate_first"] if common else words["road_first"])
    second = "" if common else rng.choice(words["road_second"])
    return str(first + second + rng.choice(words["estate_second"]))


def _hamlet_name(rng: Random) -> str:
    words = _words()
    side, surname = rng.choice(words["hamlet_sides"]), rng.choice(words["surnames"])
    return str(side + surname + rng.choice(words["hamlet_endings"]))


def _county_landmarks(rng: Random, county: Spot) -> Iterator[Named]:
    centre = county.below[0].below
    for kind, name in (
        (Kind.HOSPITAL, county.name + "人民医院"),
        (Kind.SCHOOL, county.stem + "一中"),
        (Kind.STATION, county.stem + "火车站"),
        (Kind.PARK, county.stem + "体育公园"),
        (Kind.BUILDING, county.name + "政务服务大厅"),
    ):
        yield Named(kind, name, rng.choice(centre).id)
