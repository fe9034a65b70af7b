"""D03: where a ticket without a recognisable place belongs is decided, on record, before whose it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch import handlers, queries, service, territory
from dispatch.models import WorkOrder
from dispatch.territory import TerritoryUndecided
from hotline.db import transaction
from hotline.errors import NotFound, TransitionRefused
from hotline.event_log import Event
from hotline.organisations.models import Area, Organisation
from hotline.tickets.models import Ticket
from tests.dispatch.people import (
    DISPATCHER,
    NOW,
    STREET_ITEM,
    county,
    kinds,
    open_ticket,
    sign_in_as,
    staff_of,
)
from tests.dispatch.test_reactions import suggested
from tests.support.instance import configured

CENTRE = "综治(网格化)中心"
pytestmark = pytest.mark.usefixtures("seeded")


def without_place(**wish: Any) -> int:
    with transaction() as session:
        ticket = open_ticket(session, **{"item": STREET_ITEM} | wish)
        ticket.area_id = None
        return ticket.id


def office(role_name: str, area: Area) -> Organisation:
    with transaction() as session:
        return session.scalars(
            select(Organisation).where(Organisation.role_name == role_name, Organisation.area_id == area.id)
        ).one()


def some_county() -> Area:
    with transaction() as session:
        return county(session)


def sent_to_the_centre(ticket_id: int) -> int:
    with transaction() as session:
        order = service.dispatch(session, session.get_one(Ticket, ticket_id), actor=DISPATCHER, now=NOW)
        assert order and order.organisation.role_name == CENTRE
        return order.id


def test_the_territory_is_on_record_before_the_body_in_charge_gets_the_ticket() -> None:
    ticket_id = without_place()
    area = some_county()
    order_id = sent_to_the_centre(ticket_id)
    with transaction() as session:
        territory.decide_at_centre(session, order_id, area.id, actor="staff:77", now=NOW)
    with transaction() as session:
        ticket = session.get_one(Ticket, ticket_id)
        assert (ticket.state, ticket.area_id) == ("in_review", area.id)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=NOW)
        assert order and order.organisation_id == office("城市管理局", area).id
        assert order.principle == "territorial"
        fact = session.scalars(select(Event).where(Event.kind == "territory_decided")).one()
        centre = session.get_one(WorkOrder, order_id).organisation_id
        assert (fact.actor, fact.data["area_id"], fact.data["organisation_id"]) == (
            "staff:77",
            area.id,
            centre,
        )
        told = [
            kind for kind in kinds(session, ticket_id) if kind in ("territory_decided", "work_order_sent")
        ]
        assert told == ["work_order_sent", "territory_decided", "work_order_sent"]


def test_the_hotline_may_decide_it_too_and_the_whole_city_is_an_answer() -> None:
    ticket_id = without_place()
    with transaction() as session:
        city = session.scalars(select(Area).where(Area.level == "city")).one()
        territory.decide(session, session.get_one(Ticket, ticket_id), city.id, actor=DISPATCHER, now=NOW)
    with transaction() as session:
        plan = queries.suggestion(session, session.get_one(Ticket, ticket_id), NOW)
        assert plan.organisation and plan.organisation.level == "city"
        assert plan.route.principle == "portfolio"


def test_a_body_of_a_county_is_not_given_a_ticket_nobody_knows_the_place_of() -> None:
    ticket_id = without_place()
    bureau = office("城市管理局", some_county())
    with transaction() as session, pytest.raises(TerritoryUndecided):
        service.dispatch(
            session,
            session.get_one(Ticket, ticket_id),
            actor=DISPATCHER,
            now=NOW,
            organisation_id=bureau.id,
        )
    with transaction() as session:
        assert queries.last_round(session, ticket_id) == 0
        territory.decide(
            session, session.get_one(Ticket, ticket_id), bureau.area_id, actor=DISPATCHER, now=NOW
        )
        assert service.dispatch(
            session,
            session.get_one(Ticket, ticket_id),
            actor=DISPATCHER,
            now=NOW,
            organisation_id=bureau.id,
        )


def test_a_territory_is_decided_once_at_the_centre_and_only_where_it_was_asked() -> None:
    area = some_county()
    order_id = sent_to_the_centre(without_place())
    with transaction() as session, pytest.raises(NotFound):
        territory.decide_at_centre(session, order_id, 10**9, actor="staff:77", now=NOW)
    with transaction() as session:
        territory.decide_at_centre(session, order_id, area.id, actor="staff:77", now=NOW)
    with transaction() as session, pytest.raises(TransitionRefused):
        territory.decide_at_centre(session, order_id, area.id, actor="staff:77", now=NOW)


def test_a_ticket_somebody_works_on_keeps_its_territory() -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
        service.dispatch(session, ticket, actor=DISPATCHER, now=NOW)
        ticket_id, area_id = ticket.id, ticket.area_id
    with transaction() as session, pytest.raises(TransitionRefused):
        territory.decide(session, session.get_one(Ticket, ticket_id), 1, actor=DISPATCHER, now=NOW)
    with transaction() as session:
        assert session.get_one(Ticket, ticket_id).area_id == area_id


def test_without_such_a_centre_the_hotline_decides() -> None:
    ticket_id = without_place()
    with transaction() as session:
        for centre in session.scalars(select(Organisation).where(Organisation.role_name == CENTRE)):
            centre.role_name = "别的单位"
    with transaction() as session, pytest.raises(TerritoryUndecided):
        service.dispatch(session, session.get_one(Ticket, ticket_id), actor=DISPATCHER, now=NOW)


def test_where_tickets_go_out_by_themselves_the_decision_sends_it_on_once(
    seeded: str, settings_of: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    area = some_county()
    with configured(tmp_path / "auto.toml", settings_of(seeded) | {"dispatch": {"auto_confidence": 0.8}}):
        ticket_id = without_place()
        with transaction() as session:
            suggested(session, session.get_one(Ticket, ticket_id), 0.9)
        order_id = sent_to_the_centre(ticket_id)
        with transaction() as session:
            territory.decide_at_centre(session, order_id, area.id, actor="staff:77", now=NOW)
        for _ in range(2):
            with transaction() as session:
                for event in session.scalars(select(Event).where(Event.kind == "territory_decided")).all():
                    handlers.on_territory_decided(session, event)
        with transaction() as session:
            orders = queries.orders_of(session, ticket_id)
            assert [order.organisation_id for order in orders] == [
                office("城市管理局", area).id,
                orders[1].organisation_id,
            ]


def test_a_matter_nobody_has_sorted_may_have_its_place_decided_first(client: FlaskClient) -> None:
    """D03: first the territory, then the type."""
    sign_in_as(client, int(DISPATCHER.removeprefix("staff:")))
    ticket_id, area = without_place(item="9901"), some_county()
    address = f"/dispatch/tickets/{ticket_id}"
    page = client.get(address).text
    assert "交给中心审定属地" in page and "请先在下面选定事项" in page
    assert client.post(f"{address}/dispatch").status_code == 303
    with transaction() as session:
        order_id = queries.last_order(session, ticket_id).id
        territory.decide_at_centre(session, order_id, area.id, actor="staff:77", now=NOW)
    page = client.get(address).text
    assert "请先在下面选定事项" in page and "按建议派单" not in page
    assert client.post(f"{address}/dispatch").status_code == 409


# --- at the pages -------------------------------------------------------------------------------------------


def test_a_dispatcher_decides_the_territory_at_the_desk(client: FlaskClient) -> None:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "zh"
    sign_in_as(client, int(DISPATCHER.removeprefix("staff:")))
    ticket_id, area = without_place(), some_county()
    address = f"/dispatch/tickets/{ticket_id}"
    page = client.get(address).text
    assert "属地审定" in page and "交给中心审定属地" in page and area.name in page
    bureau = office("城市管理局", area)
    refused = client.post(f"{address}/choose", data={"organisation_id": bureau.id})
    assert refused.status_code == 409 and "请先审定属地" in refused.text
    assert client.post(f"{address}/territory", data={}).status_code == 400
    assert client.post(f"{address}/territory", data={"area_id": area.id}).status_code == 303
    page = client.get(address).text
    assert bureau.name in page and "按建议派单" in page
    with transaction() as session:
        town = session.scalars(select(Area).where(Area.level == "town").order_by(Area.code)).first()
        assert town
    assert town.name in client.get(address, query_string={"place": town.name}).text


def test_the_centre_decides_it_in_its_own_tray_and_others_are_not_asked(client: FlaskClient) -> None:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "zh"
    order_id, area = sent_to_the_centre(without_place()), some_county()
    with transaction() as session:
        clerk = staff_of(session, session.get_one(WorkOrder, order_id).organisation_id)
        stranger = staff_of(session, office("城市管理局", area).id)
    sign_in_as(client, stranger)
    assert client.post(f"/work/{order_id}/territory", data={"area_id": area.id}).status_code == 404
    sign_in_as(client, clerk)
    assert "属地审定" in client.get(f"/work/{order_id}").text
    assert client.post(f"/work/{order_id}/territory", data={"area_id": "moon"}).status_code == 400
    done = client.post(f"/work/{order_id}/territory", data={"area_id": area.id}, follow_redirects=True)
    assert "属地已审定" in done.text
    assert 'id="territory"' not in done.text
