"""The places of a made-up city are like a real city's, unclear names included."""

from collections import Counter, defaultdict

import pytest

from hotline.places import mentions, weighing
from hotline.places.kinds import PlaceKind
from tests.places.city import City, city

PRESETS = ("xuzhou_like", "yuxi_like", "gaoming_like", "small")


def counties_by_road(made: City) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for place in made.places:
        if place.kind == PlaceKind.ROAD:
            found[place.name].add(made.areas[place.area_id].chain[1].id)
    return found


@pytest.mark.parametrize("preset", PRESETS)
def test_every_demonstration_has_places_of_every_kind_in_every_county(preset: str) -> None:
    made = city(preset)
    kinds = defaultdict(set)
    for place in made.places:
        kinds[made.areas[place.area_id].chain[1].id].add(place.kind)
    assert set(kinds) == {area.id for area in made.areas.values() if area.level == "county"}
    assert set().union(*kinds.values()) == set(PlaceKind)
    for county in kinds.values():
        assert county >= {PlaceKind.ROAD, PlaceKind.CROSSING, PlaceKind.SCHOOL, PlaceKind.HOSPITAL}


@pytest.mark.parametrize("preset", PRESETS)
def test_no_place_stands_twice_in_one_area_and_the_same_seed_makes_the_same_places(preset: str) -> None:
    made = city(preset)
    seen = Counter((place.kind, place.name, place.area_id) for place in made.places)
    assert set(seen.values()) == {1}
    assert city.__wrapped__(preset).places == made.places
    assert city(preset, seed=2).places != made.places


@pytest.mark.parametrize("preset", PRESETS)
def test_a_crossing_lies_in_a_town_that_both_its_roads_cross(preset: str) -> None:
    made = city(preset)
    towns: dict[str, set[int]] = defaultdict(set)
    for place in made.places:
        if place.kind == PlaceKind.ROAD:
            towns[place.name].add(place.area_id)
    for place in made.places:
        if place.kind == PlaceKind.CROSSING:
            town = made.areas[place.area_id].chain[2].id
            assert all(town in towns[road] for road in place.name.split("/")), place


@pytest.mark.parametrize("preset", ["gaoming_like", "small"])
def test_every_grid_has_an_address_that_leads_to_it_alone(preset: str) -> None:
    made = city(preset)
    grids = [area for area in made.areas.values() if area.level == "grid"]
    homes = {p.area_id: p for p in made.places if p.kind in (PlaceKind.ESTATE, PlaceKind.HAMLET)}
    assert homes.keys() == {grid.id for grid in grids}
    assert preset == "small" or len(grids) == 700  # O07
    for grid in grids:
        _city, county, town, village, _grid = grid.chain
        address = f"{county.name}{town.name}{village.name}{homes[grid.id].name}"
        best = weighing.weigh(mentions.find(made.gazetteer, address))[0]
        assert weighing.deepest(best.area) is grid, address
        assert best.confidence > 0.9


def test_some_roads_have_the_same_name_in_two_counties_and_most_have_not() -> None:
    spread = Counter(len(counties) for counties in counties_by_road(city("xuzhou_like")).values())
    assert spread[1] > 10 * sum(times for counties, times in spread.items() if counties > 1) / 2
    assert spread[2] + spread[3] >= 10


def test_house_numbers_of_a_long_road_go_on_from_town_to_town() -> None:
    made = city("xuzhou_like")
    stretches = defaultdict(list)
    for place in made.places:
        if place.first_number and place.last_number:
            county = made.areas[place.area_id].chain[1].id
            stretches[county, place.name].append((place.first_number, place.last_number))
    assert any(len(parts) == 5 for parts in stretches.values())
    for parts in stretches.values():
        assert [first for first, _last in sorted(parts)] == [1 + 200 * n for n in range(len(parts))]
