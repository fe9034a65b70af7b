"""A made-up city and its gazetteer in memory, as the database would give them."""

from dataclasses import dataclass
from functools import cache
from random import Random

from hotline.organisations import spec, territory
from hotline.places import made_up
from hotline.places.gazetteer import AreaNode, Gazetteer, NamedPlace
from hotline.places.made_up import Named, Spot


@dataclass(frozen=True)
class City:
    gazetteer: Gazetteer
    places: list[Named]

    @property
    def areas(self) -> dict[int, AreaNode]:
        return self.gazetteer.areas


@cache
def city(preset: str, seed: int = 12345) -> City:
    """Ids count from 1 in the order of the territory."""
    spots: dict[str, Spot] = {}
    nodes: dict[str, AreaNode] = {}
    for number, area in enumerate(
        territory.make(Random(seed), spec.preset(preset), spec.names(), "演示市"), start=1
    ):
        above = nodes[area.parent.code] if area.parent else None
        nodes[area.code] = AreaNode(number, area.name, area.level, above)
        if above:
            above.below.append(nodes[area.code])
        spots[area.code] = Spot(number, area.name, area.level)
        if area.parent:
            spots[area.parent.code].below.append(spots[area.code])
    places = made_up.make(Random(seed), next(iter(spots.values())))
    rows = (NamedPlace(p.kind, p.name, p.area_id, p.first_number, p.last_number) for p in places)
    return City(Gazetteer(nodes.values(), rows), places)
