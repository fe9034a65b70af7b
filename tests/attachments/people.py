"""A ticket with files of everybody, and everybody who might look at them."""

import io
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch import service as dispatch
from dispatch.models import WorkOrder
from hotline import clock
from hotline.attachments.models import Attachment, Party
from hotline.attachments.receiving import receive
from hotline.attachments.service import Giver, attach
from hotline.db import transaction
from hotline.event_log import Event
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from tests.attachments import files
from tests.dispatch.people import DISPATCHER, STREET_ITEM, open_ticket, sign_in_as, staff_of

CITIZEN = Giver(Party.CITIZEN, "caller:anonymous")
HOTLINE = Giver(Party.HOTLINE, DISPATCHER)


def upload(name: str = "现场.jpg", content: bytes = b"") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content or files.jpeg()), name


def registered(item: str = STREET_ITEM, **wish: Any) -> Ticket:
    with transaction() as session:
        return open_ticket(session, item, now=clock.now(), **wish)


def sent(ticket: Ticket, *, accepted: bool = True) -> WorkOrder:
    """To the department of its place."""
    with transaction() as session:
        now = clock.now()
        order = dispatch.dispatch(session, tickets.get(session, ticket.id), actor=DISPATCHER, now=now)
        assert order
        if accepted:
            dispatch.accept(session, order.id, responsible_person="王工", actor="staff:9", now=now)
            dispatch.begin(session, order.id, contact_note="约好周三上门", actor="staff:9", now=now)
        return order


def given(ticket: Ticket, giver: Giver, content: bytes, name: str = "张三家.jpg") -> int:
    """The attachment's id."""
    kept = receive(name, io.BytesIO(content))
    with transaction() as session:
        return attach(session, tickets.get(session, ticket.id), [kept], giver, now=clock.now())[0].id


def of_organisation(order: WorkOrder) -> Giver:
    return Giver(Party.ORGANISATION, "staff:9", order.organisation_id)


def at_the_organisation(app: Flask, order: WorkOrder) -> FlaskClient:
    browser = app.test_client()
    with transaction() as session:
        staff_id = staff_of(session, order.organisation_id)
    sign_in_as(browser, staff_id)
    return browser


def with_the_code(app: Flask, ticket: Ticket) -> FlaskClient:
    browser = app.test_client()
    assert browser.post("/p/ticket", data={"number": ticket.number, "code": ticket.query_code}).location
    return browser


def attached(ticket: Ticket) -> list[Attachment]:
    with transaction() as session:
        found = select(Attachment).where(Attachment.ticket_id == ticket.id).order_by(Attachment.id)
        return list(session.scalars(found))


def facts(ticket: Ticket, kind: str) -> list[dict[str, Any]]:
    with transaction() as session:
        found = select(Event).where(Event.ticket_id == ticket.id, Event.kind == kind).order_by(Event.id)
        return [{**event.data, "actor": event.actor} for event in session.scalars(found)]


def reload(ticket: Ticket) -> Ticket:
    with transaction() as session:
        return tickets.get(session, ticket.id)
