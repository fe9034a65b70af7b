"""D01, D03: every item at every place has one way, and says by which principle."""

import pytest
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from dispatch import queries
from dispatch.routing import Action, Principle, Route, route
from hotline.catalogue.files import UNSORTED
from hotline.catalogue.models import Item
from hotline.db import transaction
from hotline.organisations.models import Area, Organisation
from hotline.tickets.models import Ticket
from tests.dispatch.people import NOW


@pytest.mark.parametrize(
    ("handler", "county_known", "found", "expected"),
    [
        ("department", True, Principle.TERRITORIAL, Route(Action.SEND, Principle.TERRITORIAL)),
        ("department", True, Principle.PORTFOLIO, Route(Action.SEND, Principle.PORTFOLIO)),
        ("department", False, Principle.PORTFOLIO, Route(Action.SEND, Principle.PORTFOLIO)),
        ("department", True, None, Route(Action.ASK, Principle.DISPATCHER)),
        ("emergency", True, Principle.PORTFOLIO, Route(Action.SEND, Principle.PORTFOLIO)),
        ("legal", False, Principle.PORTFOLIO, Route(Action.SEND, Principle.PORTFOLIO)),
        ("mediation", True, Principle.TERRITORIAL, Route(Action.SEND, Principle.TERRITORIAL)),
        ("firm", True, None, Route(Action.OFFER, Principle.ROTATION)),
        ("firm", False, None, Route(Action.ASK, Principle.ROTATION)),
    ],
)
def test_the_route_of_a_handler(
    handler: str, county_known: bool, found: Principle | None, expected: Route
) -> None:
    assert route(handler, county_known=county_known, found=found) == expected


def test_territory_comes_before_everything_else() -> None:
    for handler in ("department", "firm", "legal"):
        reviewed = route(handler, county_known=False, found=None, territory_undecided=True)
        assert reviewed == Route(Action.REVIEW, Principle.TERRITORIAL)


def test_every_item_in_every_county_has_a_way_and_a_principle(seeded: str) -> None:
    with transaction() as session:
        counties = session.scalars(select(Area).where(Area.level == "county")).all()
        items = session.scalars(select(Item).where(Item.handler != UNSORTED)).all()
        assert len(items) == 240 + 60
        for item in items:
            for county in counties:
                plan = queries.suggestion(session, Ticket(item=item, area=county, area_id=county.id), NOW)
                if item.handler == "firm":
                    assert plan.route == Route(Action.OFFER, Principle.ROTATION)
                else:
                    assert plan.organisation is not None, item.code
                    assert plan.route.action is Action.SEND
                session.expunge_all()


def item(session: Session, wanted: ColumnElement[bool]) -> Item:
    return session.scalars(select(Item).where(wanted).order_by(Item.code).limit(1)).one()


def test_without_a_place_the_territory_is_reviewed_first(seeded: str) -> None:
    with transaction() as session, session.no_autoflush:
        drains, street = item(session, Item.code == "1802"), item(session, Item.code == "0801")
        session.expunge_all()
        for one in (drains, street):
            plan = queries.suggestion(session, Ticket(item=one, text="有人占道", place=None), NOW)
            assert plan.route == Route(Action.REVIEW, Principle.TERRITORIAL)
            assert plan.organisation and plan.organisation.role_name == "综治(网格化)中心"
            assert plan.organisation.level == "city", "nothing tells which county"
        session.expunge_all()


def test_words_that_point_to_a_county_name_its_centre(seeded: str) -> None:
    with transaction() as session, session.no_autoflush:
        street = item(session, Item.code == "0801")
        county = session.scalars(select(Area).where(Area.level == "county").order_by(Area.code)).all()[1]
        session.expunge_all()
        plan = queries.suggestion(
            session, Ticket(item=street, text=f"{county.name}有人占道", place=None), NOW
        )
        assert plan.organisation and plan.organisation.area_id == county.id
        session.expunge_all()


def test_an_emergency_does_not_wait_for_its_territory(seeded: str) -> None:
    with transaction() as session, session.no_autoflush:
        urgent = item(session, Item.handler == "emergency")
        session.expunge_all()
        plan = queries.suggestion(session, Ticket(item=urgent, text="", place=None), NOW)
        assert (plan.route.action, plan.route.principle) == (Action.SEND, Principle.PORTFOLIO)
        session.expunge_all()


def test_a_role_that_only_the_city_has_needs_no_territory(seeded: str) -> None:
    with transaction() as session, session.no_autoflush:
        local = select(Organisation.role_name).where(Organisation.level != "city")
        funds = item(session, (Item.handler == "department") & Item.department.not_in(local))
        session.expunge_all()
        plan = queries.suggestion(session, Ticket(item=funds, text="", place=None), NOW)
        assert (plan.route.action, plan.route.principle) == (Action.SEND, Principle.PORTFOLIO)
        session.expunge_all()
