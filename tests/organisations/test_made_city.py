"""The made-up city is like a real one of its size, and nobody real can be mistaken for a part of it."""

from collections import Counter
from random import Random
from statistics import fmean, median

import phonenumbers
import pytest

from hotline.errors import InvalidInput
from hotline.organisations import credit_code, firms, spec, territory
from hotline.organisations.firms import Firm
from hotline.organisations.territory import Place


def city(seed: int = 1, preset: str = "xuzhou_like") -> tuple[list[Place], list[Firm]]:
    rng, plan = Random(seed), spec.preset(preset)
    places = territory.make(rng, plan, spec.names(), "演示市")
    counties = [place for place in places if place.level == "county"]
    return places, firms.make(rng, plan.firms, counties, spec.names())


PLACES, FIRMS = city()


def test_the_city_has_the_levels_it_was_asked_for() -> None:
    levels = Counter(place.level for place in PLACES)
    assert levels == {"city": 1, "county": 10, "town": 160, "village": 2700, "grid": 9000}


def test_the_largest_county_has_at_most_four_times_the_towns_of_the_smallest() -> None:
    towns = Counter(place.parent.code for place in PLACES if place.level == "town" and place.parent)
    assert max(towns.values()) / min(towns.values()) <= 4


def test_every_area_has_a_thousand_people_a_grid() -> None:
    grids: Counter[str] = Counter()
    for place in PLACES:
        if place.level == "grid":
            grids.update([place.code, *(place.code[:length] for length in (4, 6, 9, 12))])
    assert all(grids[place.code] == round(place.population / 1000) for place in PLACES)


def test_no_two_places_share_a_code_or_path_and_all_hang_together() -> None:
    assert len({place.path for place in PLACES}) == len({place.code for place in PLACES}) == len(PLACES)
    assert all(p.path.startswith("9901") and len(p.path) <= 80 and len(p.code) <= 20 for p in PLACES)
    named = [place.name for place in PLACES if place.level != "grid"]
    assert len(set(named)) == len(named)


def test_the_same_seed_makes_the_same_city_and_another_seed_another() -> None:
    assert city(seed=1) == (PLACES, FIRMS)
    assert city(seed=2) != (PLACES, FIRMS)


def test_there_are_2000_firms_in_31_classes() -> None:
    assert len(FIRMS) == 2000
    assert len(Counter(firm.role_name for firm in FIRMS)) == 31


def test_firms_are_spread_as_the_rules_say() -> None:
    assert sum(firm.suspended for firm in FIRMS) == 60
    assert sum(not firm.licensed for firm in FIRMS) == 20
    counties_served = Counter(len(firm.counties) for firm in FIRMS)
    assert counties_served.keys() == {1, 2, 3}
    assert 0.66 <= counties_served[1] / 2000 <= 0.74
    assert 5 <= median(firm.capacity_per_day for firm in FIRMS) <= 7
    assert 0.88 <= fmean(firm.rating for firm in FIRMS) <= 0.92


@pytest.mark.parametrize("preset", ["xuzhou_like", "small", "yuxi_like", "gaoming_like"])
@pytest.mark.parametrize("seed", range(5))
def test_every_class_serves_every_county_by_a_firm_that_may_be_offered_jobs(preset: str, seed: int) -> None:
    places, made = city(seed, preset)
    counties = {place.code for place in places if place.level == "county"}
    for role_name in spec.preset(preset).firms:
        offered = [firm for firm in made if firm.role_name == role_name and firm.offered]
        assert {county.code for firm in offered for county in firm.counties} == counties, role_name
    assert all(len(firm.counties) == len({county.code for county in firm.counties}) for firm in made)


def test_nobody_can_be_rung_by_the_numbers_of_the_made_up_city() -> None:
    for number in {firm.phone for firm in FIRMS}:
        parsed = phonenumbers.parse(number)
        assert phonenumbers.is_possible_number(parsed)
        assert not phonenumbers.is_valid_number(parsed)


def test_every_firm_has_its_own_name_number_and_credit_code() -> None:
    for field in ("name", "phone", "credit_code"):
        assert len({getattr(firm, field) for firm in FIRMS}) == 2000, field
    for code in (firm.credit_code for firm in FIRMS):
        assert code == credit_code.make(division=code[2:8], body=code[8:16])


def test_an_unknown_preset_is_refused_naming_those_there_are() -> None:
    with pytest.raises(InvalidInput, match="xuzhou_like"):
        spec.preset("atlantis")


def test_twenty_departments_have_no_office_in_the_counties() -> None:
    departments = [role for role in spec.roles() if role.kind == "department"]
    assert len(departments) == 60
    assert sum(role.levels == ("city",) for role in departments) == 20


def test_shares_add_up_whatever_the_weights() -> None:
    for total in range(7, 60):
        shares = territory.apportion(total, [5, 1, 1, 0.1, 3, 3, 9])
        assert sum(shares) == total
        assert min(shares) >= 1
