"""A made-up city's areas, from the city down to the grids. Pure; the same random source gives the same city.

Codes begin with 99, which no real division has. Every area's population rounds to 1,000 a grid.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from hotline.organisations.spec import Names, Preset

CITY_CODE = "9901"
PEOPLE_PER_GRID = 1000


@dataclass
class Place:
    """An area before it has an id."""

    code: str
    name: str
    level: str
    parent: "Place | None"
    population: int = 0

    @property
    def path(self) -> str:
        return f"{self.parent.path}/{self.code}" if self.parent else self.code


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """`total` in whole shares of at least 1, as near to the weights as that allows."""
    spare = total - len(weights)
    exact = [spare * weight / sum(weights) for weight in weights]
    shares = [1 + int(share) for share in exact]
    by_remainder = sorted(range(len(weights)), key=lambda i: exact[i] - int(exact[i]), reverse=True)
    for index in by_remainder[: total - sum(shares)]:
        shares[index] += 1
    return shares


def place_names(rng: Random, names: Names, count: int) -> Iterator[str]:
    """Two syllables, none twice."""
    pairs = [first + second for first in names.first for second in names.second]
    return iter(rng.sample(pairs, count))


def make(rng: Random, preset: Preset, names: Names, city_name: str) -> list[Place]:
    """All places, each after its parent."""
    fresh = place_names(rng, names, preset.counties + preset.towns + preset.villages)
    city = Place(CITY_CODE, city_name, "city", None)
    counties = _counties(preset.counties, city, fresh)
    zipf = [1 / (rank + 1) ** 0.5 for rank in range(len(counties))]  # largest : smallest stays below 4
    towns = _below(rng, counties, apportion(preset.towns, zipf), "town", fresh)
    villages = _below(rng, towns, apportion(preset.villages, _uneven(rng, len(towns))), "village", fresh)
    grid_counts = apportion(preset.grids, _uneven(rng, len(villages)))
    grids = [grid for village, n in zip(villages, grid_counts, strict=True) for grid in _grids(village, n)]
    _settle(rng, villages, grids)
    return [city, *counties, *towns, *villages, *grids]


def _uneven(rng: Random, count: int) -> list[float]:
    return [rng.uniform(0.5, 1.5) for _ in range(count)]


def _counties(count: int, city: Place, fresh: Iterator[str]) -> list[Place]:
    """The first third are urban districts, as in a city of this size."""
    urban = (count + 2) // 3
    return [
        Place(f"{city.code}{n + 1:02d}", next(fresh) + ("区" if n < urban else "县"), "county", city)
        for n in range(count)
    ]


def _below(
    rng: Random, parents: list[Place], counts: list[int], level: str, fresh: Iterator[str]
) -> list[Place]:
    return [
        Place(f"{parent.code}{n + 1:03d}", next(fresh) + _ending(rng, level, parent), level, parent)
        for parent, count in zip(parents, counts, strict=True)
        for n in range(count)
    ]


def _ending(rng: Random, level: str, parent: Place) -> str:
    if level == "village":
        return "社区" if parent.name.endswith("街道") else "村"
    if parent.name.endswith("区"):
        return rng.choice(("街道", "街道", "镇"))
    return rng.choice(("镇", "镇", "镇", "乡", "街道"))


def _grids(village: Place, count: int) -> list[Place]:
    return [
        Place(f"{village.code}{n + 1:03d}", f"{village.name}第{n + 1}网格", "grid", village)
        for n in range(count)
    ]


def _settle(rng: Random, villages: list[Place], grids: list[Place]) -> None:
    """People per grid: two and two grids of a village share 2,000, so that every sum stays round."""
    by_village: dict[str, list[Place]] = {village.code: [] for village in villages}
    for grid in grids:
        grid.population = PEOPLE_PER_GRID
        by_village[grid.code[:12]].append(grid)
    for members in by_village.values():
        for one, other in zip(members[::2], members[1::2], strict=False):
            shift = round(max(-300.0, min(300.0, rng.gauss(0, 150))))
            one.population += shift
            other.population -= shift
    for grid in grids:
        above = grid.parent
        while above:
            above.population += grid.population
            above = above.parent
