"""Who may see which file, and what the server says with it (A09, S01, S02, Z34)."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dispatch import service as dispatch
from dispatch.states import WorkOrderState
from hotline import clock
from hotline.attachments import queries, store
from hotline.attachments.models import Attachment
from hotline.attachments.service import Giver, open_shelf
from hotline.db import transaction
from hotline.organisations.models import Organisation
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from tests.attachments import files
from tests.attachments.people import (
    CITIZEN,
    HOTLINE,
    at_the_organisation,
    facts,
    given,
    of_organisation,
    registered,
    sent,
    with_the_code,
)
from tests.conventions.test_pages_are_sound import Page
from tests.dispatch.people import DISPATCHER, firms_of_the_trade
from tests.support.people import signed_in_as, staff_with

PURPOSE = "核实现场情况"


def status(browser: FlaskClient, path: str) -> int:
    return browser.get(path).status_code


def files_of_everybody(ticket: Ticket, *givers: Giver) -> dict[str, int]:
    """Photos of each of these, each another one."""
    colours = ("navy", "green", "white", "black")
    return {g.party: given(ticket, g, files.jpeg(colour=c)) for g, c in zip(givers, colours, strict=False)}


def answered(ticket: Ticket, order_id: int) -> None:
    with transaction() as session:
        now = clock.now()
        dispatch.answer(session, order_id, public_reply="已修好", internal_note="", actor="staff:9", now=now)
        dispatch.release(session, tickets.get(session, ticket.id), actor=DISPATCHER, now=now)


# --- an ordinary ticket ----------------------------------------------------------------------------------


def test_the_matrix_of_an_ordinary_ticket(app: Flask) -> None:
    ticket = registered()
    order = sent(ticket)
    ids = files_of_everybody(ticket, CITIZEN, HOTLINE, of_organisation(order))
    citizen, office = with_the_code(app, ticket), at_the_organisation(app, order)
    other_office = at_the_organisation(app, sent(registered("0101")))
    other_citizen = with_the_code(app, registered())
    hotline = [signed_in_as(app, role) for role in ("agent", "dispatcher", "supervisor", "manager")]
    kept_out = [signed_in_as(app, role) for role in ("lawyer", "organisation")]
    for party, file in ids.items():
        at_the_hotline = f"/attachments/{file}"
        assert {status(browser, at_the_hotline) for browser in hotline} == {200}
        assert {status(browser, at_the_hotline) for browser in kept_out} == {403}
        assert status(app.test_client(), f"/attachments/{file}") == 303, "to the sign-in page"
        assert status(office, f"/work/{order.id}/files/{file}") == 200
        assert status(other_office, f"/work/{order.id}/files/{file}") == 404
        assert status(citizen, f"/p/ticket/{ticket.number}/files/{file}") == 404, party
        assert status(other_citizen, f"/p/ticket/{ticket.number}/files/{file}") == 303, "asked for the code"


def test_with_the_answer_the_citizen_sees_its_photos_and_never_what_was_sent_in(app: Flask) -> None:
    """A code has six digits: who guesses one must not get the citizen's own photos."""
    ticket = registered()
    order = sent(ticket)
    ids = files_of_everybody(ticket, CITIZEN, of_organisation(order))
    answered(ticket, order.id)
    citizen = with_the_code(app, ticket)
    path = f"/p/ticket/{ticket.number}/files"
    assert (
        status(citizen, f"{path}/{ids['organisation']}"),
        status(citizen, f"{path}/{ids['citizen']}"),
    ) == (200, 404)
    page = citizen.get(f"/p/ticket/{ticket.number}").text
    assert f"{path}/{ids['organisation']}?small=1" in page
    assert "张三" not in page
    assert Page(page).complaints() == []


def test_a_file_of_another_ticket_is_not_reached_through_ones_own(app: Flask) -> None:
    ticket, other = registered(), registered()
    order, elsewhere = sent(ticket), sent(other)
    file = given(other, of_organisation(elsewhere), files.jpeg())
    answered(other, elsewhere.id)
    assert status(at_the_organisation(app, order), f"/work/{order.id}/files/{file}") == 404
    assert status(with_the_code(app, ticket), f"/p/ticket/{ticket.number}/files/{file}") == 404


def test_once_the_ticket_was_taken_back_an_organisation_sees_its_files_no_more(app: Flask) -> None:
    ticket = registered()
    order = sent(ticket)
    file = given(ticket, CITIZEN, files.jpeg())
    office = at_the_organisation(app, order)
    assert status(office, f"/work/{order.id}/files/{file}") == 200
    with transaction() as session:
        it = tickets.get(session, ticket.id)
        dispatch.withdraw(session, it, reason="派错了", actor=DISPATCHER, now=clock.now())
    assert status(office, f"/work/{order.id}/files/{file}") == 404
    assert "附件" not in office.get(f"/work/{order.id}").text


def test_the_next_organisation_does_not_see_what_the_first_one_added(app: Flask) -> None:
    ticket = registered()
    order = sent(ticket)
    ids = files_of_everybody(ticket, CITIZEN, of_organisation(order))
    with transaction() as session:
        now = clock.now()
        dispatch.withdraw(
            session, tickets.get(session, ticket.id), reason="派错了", actor=DISPATCHER, now=now
        )
        other = (
            session.query(Organisation)
            .filter(
                Organisation.kind != "firm",
                Organisation.id != order.organisation_id,
                Organisation.level == "county",
            )
            .first()
        )
        assert other
        ticket_now = tickets.get(session, ticket.id)
        second = dispatch.dispatch(session, ticket_now, actor=DISPATCHER, now=now, organisation_id=other.id)
        assert second
    office = at_the_organisation(app, second)
    seen = {party: status(office, f"/work/{second.id}/files/{file}") for party, file in ids.items()}
    assert seen == {"citizen": 200, "organisation": 404}
    page = office.get(f"/work/{second.id}").text
    assert "另有 1 个附件不向贵单位提供" in page
    assert "张三" not in page, "the name a citizen gave a file tells who they are"


def test_a_firm_sees_photos_of_the_job_once_it_has_accepted_it(app: Flask) -> None:
    ticket = registered("1802")
    with transaction() as session:
        firms_of_the_trade(session, 5)
        order = dispatch.dispatch(session, tickets.get(session, ticket.id), actor=DISPATCHER, now=clock.now())
        assert order
        assert order.state == WorkOrderState.OFFERED
    file = given(ticket, CITIZEN, files.jpeg())
    firm = at_the_organisation(app, order)
    assert status(firm, f"/work/{order.id}/files/{file}") == 404
    answer = firm.post(
        f"/work/{order.id}/accept", data={"responsible_person": "王师傅", "price_estimate": "80 元"}
    )
    assert answer.status_code == 303
    assert status(firm, f"/work/{order.id}/files/{file}") == 200


def test_the_unit_complained_of_gets_no_file_even_where_it_has_the_order(app: Flask) -> None:
    """It was named only after the ticket was at work there; what it added itself stays its own."""
    ticket = registered()
    order = sent(ticket)
    ids = files_of_everybody(ticket, CITIZEN, HOTLINE, of_organisation(order))
    with transaction() as session:
        tickets.get(session, ticket.id).complained_of_id = order.organisation_id
        viewer = queries.HandlerViewer(1, order.organisation_id, ticket.id)
        seen = {p: queries.may_see(session, viewer, queries.one(session, file)) for p, file in ids.items()}
    assert seen == {"citizen": False, "hotline": False, "organisation": True}
    office = at_the_organisation(app, order)
    assert {status(office, f"/work/{order.id}/files/{file}") for file in ids.values()} == {404}


# --- a confidential one ----------------------------------------------------------------------------------


def test_a_confidential_tickets_files_are_seen_for_a_purpose_on_record(app: Flask) -> None:
    ticket = registered(confidential=True)
    file = given(ticket, CITIZEN, files.jpeg())
    desk, page = signed_in_as(app, "dispatcher"), f"/dispatch/tickets/{ticket.id}"
    assert status(desk, f"/attachments/{file}") == 404
    desk.post(f"/read/{ticket.id}", data={"purpose": "review", "next": page})
    closed = desk.get(page).text
    assert "<img" not in closed and "查看附件的用途" not in closed, "the purpose was given for the ticket"
    opened = desk.post(f"/attachments/tickets/{ticket.id}/open", data={"next": page})
    assert opened.location == page
    shown = desk.get(page).text
    assert "<img" in shown
    assert Page(shown).complaints() == []
    assert status(desk, f"/attachments/{file}") == 200
    dispatcher = staff_with("dispatcher").id
    assert facts(ticket, "attachments_opened") == [
        {"staff_id": dispatcher, "attachments": [file], "purpose": "review", "actor": f"staff:{dispatcher}"}
    ]
    assert status(signed_in_as(app, "agent"), f"/attachments/{file}") == 404, "each person gives a purpose"
    added_since = given(ticket, CITIZEN, files.png())
    assert status(desk, f"/attachments/{added_since}") == 404, "what was not there was not opened"


@pytest.mark.parametrize("purpose", ["", "   ", "长" * 201])
def test_without_a_purpose_nothing_is_opened(app: Flask, purpose: str) -> None:
    ticket = registered(confidential=True)
    file = given(ticket, CITIZEN, files.jpeg())
    desk = signed_in_as(app, "dispatcher")
    desk.post(f"/attachments/tickets/{ticket.id}/open", data={"purpose": purpose})
    assert status(desk, f"/attachments/{file}") == 404
    assert facts(ticket, "attachments_opened") == []


def test_what_was_opened_closes_again(app: Flask) -> None:
    ticket = registered(confidential=True)
    file = given(ticket, CITIZEN, files.jpeg())
    me = staff_with("dispatcher")
    with transaction() as session:
        viewer = queries.HotlineViewer(me.id, me.role)
        it = tickets.get(session, ticket.id)
        too_long_ago = clock.now() - queries.SHOWN_FOR - timedelta(seconds=1)
        open_shelf(session, viewer, it, purpose=PURPOSE, now=too_long_ago)
        assert not queries.open_now(session, viewer, queries.of_ticket(session, it.id), clock.now())
    assert status(signed_in_as(app, "dispatcher"), f"/attachments/{file}") == 404


def test_the_organisation_gives_a_purpose_and_gets_no_paper_of_a_confidential_citizen(app: Flask) -> None:
    """A paper names its author inside."""
    ticket = registered(confidential=True)
    order = sent(ticket)
    photo, paper = given(ticket, CITIZEN, files.jpeg()), given(ticket, CITIZEN, files.PDF)
    own = given(ticket, of_organisation(order), files.png(), "现场.png")
    office = at_the_organisation(app, order)
    paths = [f"/work/{order.id}/files/{file}" for file in (photo, paper, own)]
    assert [status(office, path) for path in paths] == [404, 404, 200]
    office.post(f"/work/{order.id}/files/open", data={"purpose": PURPOSE})
    assert [status(office, path) for path in paths] == [200, 404, 200]
    page = office.get(f"/work/{order.id}").text
    assert "另有 1 个附件不向贵单位提供" in page
    assert "张三" not in page
    assert Page(page).complaints() == []


def test_an_anonymous_citizens_paper_stays_with_the_hotline(app: Flask) -> None:
    ticket = registered(number=None, share_contact=False)
    order = sent(ticket)
    photo, paper = given(ticket, CITIZEN, files.jpeg()), given(ticket, CITIZEN, files.PDF)
    office = at_the_organisation(app, order)
    assert status(office, f"/work/{order.id}/files/{photo}") == 200
    assert status(office, f"/work/{order.id}/files/{paper}") == 404
    assert status(signed_in_as(app, "agent"), f"/attachments/{paper}") == 200


def test_nothing_that_leaves_tells_where_a_confidential_photo_was_taken(app: Flask) -> None:
    ticket = registered(confidential=True)
    order = sent(ticket)
    office = at_the_organisation(app, order)
    photo, film = (
        given(ticket, CITIZEN, files.jpeg(orientation=6)),
        given(ticket, CITIZEN, files.video("mov")),
    )
    office.post(f"/work/{order.id}/files/open", data={"purpose": PURPOSE})
    for file in (photo, film):
        for path in (f"/work/{order.id}/files/{file}", f"/work/{order.id}/files/{file}?small=1"):
            answer = office.get(path)
            sent_out = answer.data + str(answer.headers).encode()
            for trace in (files.MAKER, files.PLACE, files.DAY, "GPS", "张三", "%E5%BC%A0"):
                assert trace.encode() not in sent_out, path


# --- over the wire ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "media_type", "way"),
    [
        (files.jpeg(), "image/jpeg", "inline"),
        (files.png(), "image/png", "inline"),
        (files.webp(), "image/webp", "inline"),
        (files.video(), "video/mp4", "inline"),
        (files.PDF, "application/pdf", "attachment"),
    ],
    ids=["jpeg", "png", "webp", "video", "pdf"],
)
def test_a_browser_is_told_what_it_is_and_may_run_nothing(
    app: Flask, content: bytes, media_type: str, way: str
) -> None:
    file = given(registered(), CITIZEN, content, "照片<b>.html")
    answer = signed_in_as(app, "agent").get(f"/attachments/{file}")
    headers = answer.headers
    assert (answer.mimetype, headers["X-Content-Type-Options"]) == (media_type, "nosniff")
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert headers["Content-Disposition"].startswith(way)
    assert ".html" not in headers["Content-Disposition"]
    assert headers["Cache-Control"] == "private, no-store"


def test_a_player_fetches_a_video_in_parts(app: Flask) -> None:
    file = given(registered(), CITIZEN, files.video())
    agent = signed_in_as(app, "agent")
    whole = agent.get(f"/attachments/{file}").data
    part = agent.get(f"/attachments/{file}", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.data) == (206, whole[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole)}"
    assert agent.get(f"/attachments/{file}", headers={"Range": f"bytes={len(whole)}-"}).status_code == 416


def test_a_picture_has_a_small_copy_and_nothing_else_has(app: Flask) -> None:
    agent = signed_in_as(app, "agent")
    out = given(registered(), CITIZEN, files.png())
    small = agent.get(f"/attachments/{out}?small=1")
    assert (small.status_code, small.mimetype) == (200, "image/jpeg")
    assert agent.get(f"/attachments/{given(registered(), CITIZEN, files.PDF)}?small=1").status_code == 404


def test_a_file_that_is_missing_from_the_disk_is_told_as_missing(app: Flask) -> None:
    file = given(registered(), CITIZEN, files.jpeg(colour="orange"))
    with transaction() as session:
        store.path_of(session.get_one(Attachment, file).sha256).unlink()
    assert status(signed_in_as(app, "agent"), f"/attachments/{file}") == 404
