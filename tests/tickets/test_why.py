"""Whoever has a ticket reads why it is due then, in their language (lesson 12)."""

from datetime import datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch import service as dispatch
from hotline import clock
from hotline.config import settings
from hotline.db import transaction
from hotline.tickets import clocks
from hotline.tickets.models import TicketClock
from hotline.web.clocks import due_time
from hotline.web.labels import label
from tests.dispatch.people import NOW, STREET_ITEM, open_ticket, sign_in_as, staff_of
from tests.support.people import signed_in_as

DAY = timedelta(days=1)


def test_desk_organisation_and_agent_read_how_the_deadline_was_counted(
    app: Flask, client: FlaskClient
) -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
        order = dispatch.dispatch(session, ticket, actor="staff:1", now=NOW)
        assert order
        for act, days in (("put_on_long_term_list", 1), ("take_off_long_term_list", 3)):
            clocks.on_act(session, ticket, act, actor="staff:1", now=NOW + days * DAY)
        clocks.extend(session, ticket, 2, reason="需现场勘查", actor="staff:1", now=NOW + 3 * DAY)
        sign_in_as(client, staff_of(session, order.organisation_id))
    pages = (
        signed_in_as(app, "dispatcher").get(f"/dispatch/tickets/{ticket.id}"),
        client.get(f"/work/{order.id}"),
        signed_in_as(app, "agent").get(f"/agent/tickets/{ticket.number}"),
    )
    for page in pages:
        assert page.status_code == 200
        assert "为什么是这个时间？" in page.text
        assert "准予延期 2 个自然日" in page.text
        assert "（挂账）" in page.text
        assert "起算当日不计" in page.text
        assert "依据工作日历 2026/1" in page.text


def test_a_clock_that_stands_still_says_why_in_english_too(app: Flask) -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
        clocks.pause(session, ticket, "force_majeure", actor="staff:1", now=NOW + DAY)
    desk = signed_in_as(app, "dispatcher")
    assert "计时中止" in desk.get(f"/dispatch/tickets/{ticket.id}").text
    desk.set_cookie("language", "en")
    page = desk.get(f"/dispatch/tickets/{ticket.id}").text
    assert "Why is it due then?" in page
    assert "(force majeure); counted anew when it runs again" in page


def test_a_list_shows_the_clock_that_presses_most(app: Flask, client: FlaskClient) -> None:
    """E02, G02: what nobody claimed and nobody answered is seen without opening it."""
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM, now=clock.now() - timedelta(minutes=1))
        order = dispatch.dispatch(session, ticket, actor="staff:1", now=clock.now())
        assert order
        sign_in_as(client, staff_of(session, order.organisation_id))

    def line() -> str:
        page = client.get("/work").text
        return page[page.index(ticket.number) :].partition("</tr>")[0]

    assert "绿灯" in line()
    assert "认领" not in line()
    for name, days, shown in (("claim", 9, "黄灯"), ("reply", 1, "红灯")):
        with transaction() as session:
            late = select(TicketClock).where(TicketClock.ticket_id == ticket.id, TicketClock.clock == name)
            session.scalars(late).one().due_at = clock.now() - days * DAY
        assert shown in line()
        assert label(name, "clock") in line()


def test_what_ends_with_a_day_is_said_to_end_at_24_hours(seeded: str) -> None:
    """Nobody takes the end of the eighth for the ninth."""
    midnight = datetime(2026, 3, 9, tzinfo=settings().site.zone)
    assert due_time(midnight) == "2026-03-08 24:00"
    assert due_time(midnight - timedelta(hours=6, minutes=30)) == "2026-03-08 17:30"
