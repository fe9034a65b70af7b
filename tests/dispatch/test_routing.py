"""D01, D03: every item at every place has one way, and says by which principle."""

import pytest
from sqlalchemy import select

from dispatch import queries
from dispatch.routing import Action, Principle, Route, route
from hotline.catalogue.models import Item
from hotline.db import transaction
from hotline.organisations.models import Area
from hotline.tickets.models import Ticket


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


def test_every_item_in_every_county_has_a_way_and_a_principle(seeded: str) -> None:
    with transaction() as session:
        counties = session.scalars(select(Area).where(Area.level == "county")).all()
        items = session.scalars(select(Item)).all()
        assert len(items) == 240 + 60
        for item in items:
            for county in counties:
                plan = queries.suggestion(session, Ticket(item=item, area=county, area_id=county.id))
                if item.handler == "firm":
                    assert plan.route == Route(Action.OFFER, Principle.ROTATION)
                else:
                    assert plan.organisation is not None, item.code
                    assert plan.route.action is Action.SEND
                session.expunge_all()


def test_without_a_place_a_firm_job_waits_for_a_dispatcher_and_a_department_is_found_in_the_city(
    seeded: str,
) -> None:
    with transaction() as session, session.no_autoflush:
        drains = session.scalars(select(Item).where(Item.code == "1802")).one()
        street = session.scalars(select(Item).where(Item.code == "0801")).one()
        session.expunge_all()
        assert queries.suggestion(session, Ticket(item=drains)).route.action is Action.ASK
        plan = queries.suggestion(session, Ticket(item=street))
        assert plan.organisation is not None
        assert plan.organisation.level == "city"
        assert plan.route.principle is Principle.PORTFOLIO
        session.expunge_all()
