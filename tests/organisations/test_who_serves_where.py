"""Whoever a citizen needs, wherever they live, somebody is found (A01, B01, D01)."""

import pytest
from sqlalchemy import func, select

from hotline import clock
from hotline.catalogue import queries as catalogue
from hotline.db import transaction
from hotline.errors import InvalidInput, NotFound
from hotline.event_log import Event
from hotline.organisations import generator, queries, service
from hotline.organisations.models import Organisation, ServiceArea
from hotline.organisations.queries import NoHandler
from hotline.wiring.seed import load_catalogues


def assert_every_item_has_a_handler_everywhere() -> None:
    with transaction() as session:
        counties = queries.areas(session, "county")
        items = [item for h in ("12345", "12348") for item in catalogue.items(session, h)]
        assert len(items) == 300
        for department, is_firm in {(item.department, item.handler == "firm") for item in items}:
            for county in counties:
                if is_firm:
                    assert queries.eligible_firms(session, department, county.id, clock.now()), (
                        department,
                        county.name,
                    )
                else:
                    assert queries.handler_for(session, department, county.id).organisation


def test_every_matter_has_a_handler_in_every_county_of_a_small_town(seeded: str) -> None:
    assert_every_item_has_a_handler_everywhere()


def test_a_city_of_nine_million_is_made_and_serves_everyone(database: str) -> None:
    with transaction() as session:
        made = generator.make(session, preset="xuzhou_like", seed=12345, now=clock.now())
    assert (made.areas, made.departments, made.firms, made.already) == (11871, 460, 2000, False)
    with transaction() as session:
        load_catalogues(session, clock.now())
    assert_every_item_has_a_handler_everywhere()


def test_making_organisations_again_touches_nothing(seeded: str) -> None:
    with transaction() as session:
        before = session.scalar(select(func.count()).select_from(Organisation))
        again = generator.make(session, preset="xuzhou_like", seed=5, now=clock.now())
        assert again.already
        assert session.scalar(select(func.count()).select_from(Organisation)) == before
        facts = session.scalars(select(Event).where(Event.kind == "organisations_made")).all()
    assert [fact.data["preset"] for fact in facts] == ["small"]


def test_a_street_lamp_goes_to_the_office_of_the_county_it_stands_in(seeded: str) -> None:
    with transaction() as session:
        for county in queries.areas(session, "county"):
            for place in (county, *queries.areas(session, "grid", county)):
                found = queries.handler_for(session, "城市管理局", place.id)
                assert (found.organisation.area_id, found.principle) == (county.id, "territorial")


def test_a_department_without_county_offices_answers_for_the_whole_city(seeded: str) -> None:
    with transaction() as session:
        county = queries.areas(session, "county")[0]
        found = queries.handler_for(session, "住房公积金管理中心", county.id)
    assert (found.organisation.level, found.principle) == ("city", "portfolio")


def test_a_matter_without_a_place_goes_to_the_city(seeded: str) -> None:
    with transaction() as session:
        found = queries.handler_for(session, "城市管理局", None)
    assert (found.organisation.name, found.principle) == ("演示市城市管理局", "portfolio")


def test_neighbours_of_one_village_find_their_own_mediators(seeded: str) -> None:
    with transaction() as session:
        village = queries.areas(session, "village")[0]
        found = queries.handler_for(session, "社区人民调解委员会", village.id)
        assert found.organisation.area_id == village.id
        town_office = queries.handler_for(session, "街道办事处(乡镇政府)", village.id).organisation
    assert town_office.area_id == village.parent_id
    assert town_office.name.endswith(("办事处", "人民政府"))


def test_an_office_knows_the_office_above_it(seeded: str) -> None:
    with transaction() as session:
        county = queries.areas(session, "county")[0]
        here = queries.handler_for(session, "城市管理局", county.id).organisation
        above = queries.handler_for(session, "城市管理局", None).organisation
    assert (here.parent_id, above.parent_id) == (above.id, None)


def test_a_role_nobody_has_is_said_to_have_no_handler(seeded: str) -> None:
    with transaction() as session:
        with pytest.raises(NoHandler):
            queries.handler_for(session, "太空局", None)
        with pytest.raises(NotFound, match="no area"):
            queries.handler_for(session, "城市管理局", 10**12)


def test_only_licensed_active_firms_of_the_class_that_serve_the_county_are_eligible(seeded: str) -> None:
    with transaction() as session:
        for county in queries.areas(session, "county"):
            serving = set(
                session.scalars(select(ServiceArea.organisation_id).where(ServiceArea.area_id == county.id))
            )
            for firm in queries.eligible_firms(session, "管道疏通企业", county.id, clock.now()):
                assert firm.licensed and not firm.suspended and firm.id in serving
                assert firm.role_name == "管道疏通企业"
            grid = queries.areas(session, "grid", county)[0]
            assert queries.eligible_firms(
                session, "管道疏通企业", grid.id, clock.now()
            ) == queries.eligible_firms(session, "管道疏通企业", county.id, clock.now())


def test_a_suspended_firm_gets_nothing_until_it_is_admitted_again(seeded: str) -> None:
    with transaction() as session:
        county = queries.areas(session, "county")[0]
        firm = queries.eligible_firms(session, "管道疏通企业", county.id, clock.now())[0]

    def eligible() -> bool:
        with transaction() as session:
            return firm.id in [
                f.id for f in queries.eligible_firms(session, "管道疏通企业", county.id, clock.now())
            ]

    for act, still_eligible in (
        (service.suspend, False),
        (service.suspend, False),
        (service.unsuspend, True),
    ):
        with transaction() as session:
            act(session, firm.id, reason="三次投诉", actor="staff:1", now=clock.now())
        assert eligible() is still_eligible
    with transaction() as session:
        facts = session.scalars(
            select(Event).where(Event.kind == "organisation_suspended").order_by(Event.id)
        ).all()
    assert [(f.data["suspended"], f.data["reason"]) for f in facts] == [
        (True, "三次投诉"),
        (False, "三次投诉"),
    ]


def test_only_firms_can_be_suspended_and_only_for_a_reason(seeded: str) -> None:
    with transaction() as session:
        county = queries.areas(session, "county")[0]
        department = queries.handler_for(session, "城市管理局", county.id).organisation
        firm = queries.eligible_firms(session, "管道疏通企业", county.id, clock.now())[0]
        for organisation_id, reason, error in (
            (department.id, "x", InvalidInput),
            (firm.id, " ", InvalidInput),
            (10**12, "x", NotFound),
        ):
            with pytest.raises(error):
                service.suspend(session, organisation_id, reason=reason, actor="staff:1", now=clock.now())


def test_a_grid_has_a_chain_of_five_levels(seeded: str) -> None:
    with transaction() as session:
        grid = queries.areas(session, "grid")[0]
        chain = queries.chain(session, grid)
        county, city = queries.county_of(session, grid), queries.areas(session, "city")[0]
        assert [area.level for area in chain] == ["grid", "village", "town", "county", "city"]
        assert (county, queries.county_of(session, city)) == (chain[3], None)
        assert queries.area(session, grid.id) is grid
        assert [len(queries.areas(session, level)) for level in ("county", "town", "village", "grid")] == [
            2,
            6,
            12,
            24,
        ]
