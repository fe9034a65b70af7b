"""B03: a service centre offers a part of the catalogue; who asks elsewhere is told where the nearest is."""

import pytest
from sqlalchemy import select

from hotline import clock
from hotline.db import transaction
from hotline.errors import ChangedMeanwhile, InvalidInput
from hotline.event_log import Event
from hotline.organisations import queries, service
from hotline.organisations.models import Area

CODE = "0401"


def area(level: str, number: int = 0, below: Area | None = None) -> Area:
    with transaction() as session:
        return queries.areas(session, level, below)[number]


def offer(site: Area, *codes: str, seen: tuple[str, ...] = ()) -> None:
    with transaction() as session:
        service.offer(session, site, "12345", codes, seen=seen, actor="staff:2", now=clock.now())


def nearest(place: Area, code: str = CODE) -> str | None:
    with transaction() as session:
        found = queries.offered(session, place, "12345", code)
        return found.code if found else None


def test_a_site_that_offers_the_matter_is_the_nearest_to_itself(seeded: str) -> None:
    here = area("town")
    offer(here, CODE, "0101")
    offer(area("county"), CODE)
    assert nearest(here) == here.code
    assert nearest(area("grid", below=here)) == here.code


def test_what_the_town_does_not_offer_is_had_from_the_county_before_the_neighbour(seeded: str) -> None:
    county = area("county")
    here, neighbour = area("town", 0, county), area("town", 1, county)
    offer(neighbour, CODE)
    assert nearest(here) == neighbour.code
    offer(county, CODE)
    assert nearest(here) == county.code


def test_a_neighbour_in_the_same_county_is_nearer_than_one_in_another(seeded: str) -> None:
    first, second = area("county", 0), area("county", 1)
    here = area("town", 1, second)
    offer(area("town", 0, first), CODE)
    assert nearest(here) == area("town", 0, first).code
    offer(area("town", 2, second), CODE)
    assert nearest(here) == area("town", 2, second).code


def test_what_nobody_offers_is_nowhere(seeded: str) -> None:
    offer(area("town"), "0101")
    assert nearest(area("town")) is None
    assert nearest(area("town"), "9999") is None


def test_a_list_is_replaced_as_a_whole_and_is_on_record(seeded: str) -> None:
    here = area("town")
    offer(here, CODE, "0101")
    offer(here, "0102", seen=(CODE, "0101"))
    with transaction() as session:
        assert queries.offered_codes(session, here, "12345") == {"0102"}
        assert queries.offered_codes(session, here, "12348") == set()
        assert [(site.id, count) for site, count in queries.sites(session, "12345")] == [(here.id, 1)]
        facts = session.scalars(select(Event).where(Event.kind == "offered_items_published")).all()
    assert [fact.data["items"] for fact in facts] == [2, 1]


def test_of_two_who_change_one_list_the_second_is_told(seeded: str) -> None:
    here = area("town")
    offer(here, CODE)
    with pytest.raises(ChangedMeanwhile):
        offer(here, "0101")


def test_only_sites_have_lists_and_only_of_matters_in_force(seeded: str) -> None:
    with pytest.raises(InvalidInput, match="service centre"):
        offer(area("grid"), CODE)
    with pytest.raises(InvalidInput, match="9999"):
        offer(area("town"), CODE, "9999")
