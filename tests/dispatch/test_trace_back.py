"""Whoever asks later learns who answered for a ticket, from when to when, and who it was in person (H06)."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from dispatch import queries, service, trace_back
from dispatch.models import WorkOrder
from hotline.db import transaction
from hotline.organisations.models import Organisation
from tests.dispatch.people import NOW, STREET_ITEM, open_ticket, send_back
from tests.support.people import signed_in_as

HOUR = timedelta(hours=1)
DESK = "staff:6"


def handled() -> int:
    """Opened; after 1 h at an office, accepted after 2, given back after 5; another accepts it after 7."""
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
        first = service.dispatch(session, ticket, actor=DESK, now=NOW + HOUR)
        assert isinstance(first, WorkOrder)
        service.accept(session, first.id, responsible_person="王强", actor=DESK, now=NOW + 2 * HOUR)
        send_back(session, first.id, now=NOW + 5 * HOUR)
        departments = select(Organisation.id).where(
            Organisation.kind == "department", Organisation.id != first.organisation_id
        )
        second = service.dispatch(
            session,
            ticket,
            actor=DESK,
            now=NOW + 6 * HOUR,
            organisation_id=session.scalar(departments.limit(1)),
        )
        assert isinstance(second, WorkOrder)
        service.accept(session, second.id, responsible_person="李敏", actor=DESK, now=NOW + 7 * HOUR)
        return ticket.id


def test_every_office_and_person_stands_there_with_how_long(seeded: str) -> None:
    """Who gave it back answers for it until another accepts (Z42)."""
    ticket_id = handled()
    with transaction() as session:
        orders = queries.orders_of(session, ticket_id)
        second, first = (order.organisation.name for order in orders)
        lines = trace_back.lines(session, ticket_id, orders, NOW + 8 * HOUR)
    assert [(line.organisation, line.since, line.until, line.seconds) for line in lines] == [
        ("", NOW, NOW + HOUR, 3600),
        (first, NOW + HOUR, NOW + 7 * HOUR, 6 * 3600),
        (second, NOW + 7 * HOUR, None, 3600),
    ]
    assert [line.persons[0] for line in lines[1:]] == ["王强", "李敏"]


def test_only_who_supervises_sees_the_table(app: Flask) -> None:
    ticket_id = handled()
    with transaction() as session:
        office = queries.orders_of(session, ticket_id)[0].organisation.name
    page = signed_in_as(app, "supervisor").get(f"/dispatch/tickets/{ticket_id}").text
    table = page[page.index("责任倒查") :]
    assert office in table
    assert "王强" in table
    assert "责任倒查" not in signed_in_as(app, "dispatcher").get(f"/dispatch/tickets/{ticket_id}").text
