"""Some matters are not closed by words alone: the item asks for text and photos from the place (I04)."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import update

from dispatch import service as dispatch
from hotline import clock
from hotline.attachments.queries import evidence_missing
from hotline.catalogue.models import Item
from hotline.db import transaction
from hotline.tickets import service as tickets
from tests.attachments import files
from tests.attachments.people import (
    CITIZEN,
    HOTLINE,
    at_the_organisation,
    attached,
    given,
    of_organisation,
    registered,
    reload,
    sent,
    upload,
)
from tests.conventions.test_pages_are_sound import Page
from tests.dispatch.people import DISPATCHER, STREET_ITEM
from tests.support.people import signed_in_as

LONG_ENOUGH = "占道摊位已清理，路面恢复畅通。"


@pytest.fixture(autouse=True)
def asks_for_evidence(seeded: str) -> Iterator[None]:
    """Ten characters and two photos."""
    street = update(Item).where(Item.code == STREET_ITEM)
    with transaction() as session:
        session.execute(street.values(evidence_characters=10, evidence_photos=2))
    yield
    with transaction() as session:
        session.execute(street.values(evidence_characters=None, evidence_photos=None))


def missing(ticket_id: int, reply: str) -> list[tuple[str, int]]:
    with transaction() as session:
        return evidence_missing(session, tickets.get(session, ticket_id), reply)


def test_an_answer_without_evidence_says_what_is_missing_and_keeps_what_was_typed(app: Flask) -> None:
    ticket = registered()
    order = sent(ticket)
    office = at_the_organisation(app, order)
    assert "这类事项须附现场照片至少 2 张" in office.get(f"/work/{order.id}").text
    data = {"public_reply": "已 办", "internal_note": "老问题", "files": [upload()]}
    answer = office.post(f"/work/{order.id}/answer", data=data)
    assert answer.status_code == 400
    for said in ("还差 1 张", "还差 8 个字", "已 办", "老问题", "现场.jpg"):
        assert said in answer.text
    assert Page(answer.text).complaints() == []
    assert (reload(ticket).state, attached(ticket)) == ("in_hand", []), "nothing is half done"


def test_with_the_photos_the_answer_goes_through(app: Flask) -> None:
    ticket = registered()
    order = sent(ticket)
    both = [upload(), upload("b.png", files.png())]
    data = {"public_reply": LONG_ENOUGH, "files": both}
    assert at_the_organisation(app, order).post(f"/work/{order.id}/answer", data=data).status_code == 303
    assert reload(ticket).state == "answered"


def test_a_citizens_photos_a_video_or_a_paper_are_no_evidence(seeded: str) -> None:
    ticket = registered()
    order = sent(ticket)
    given(ticket, CITIZEN, files.jpeg())
    given(ticket, of_organisation(order), files.video())
    given(ticket, of_organisation(order), files.PDF)
    assert missing(ticket.id, LONG_ENOUGH) == [("photos", 2)]
    given(ticket, of_organisation(order), files.png())
    assert missing(ticket.id, LONG_ENOUGH) == [("photos", 1)]


def test_a_matter_opened_again_asks_for_new_photos(seeded: str) -> None:
    ticket = registered()
    order = sent(ticket)
    for content in (files.jpeg(), files.png()):
        given(ticket, of_organisation(order), content)
    assert missing(ticket.id, LONG_ENOUGH) == []
    with transaction() as session:
        now = clock.now()
        dispatch.answer(
            session, order.id, public_reply=LONG_ENOUGH, internal_note="", actor="staff:9", now=now
        )
        dispatch.release(session, tickets.get(session, ticket.id), actor=DISPATCHER, now=now)
        tickets.reopen(session, tickets.get(session, ticket.id), reason="又来了", actor=DISPATCHER, now=now)
    assert missing(ticket.id, LONG_ENOUGH) == [("photos", 2)]


def test_the_desk_cannot_answer_around_it_but_with_photos_of_its_own(app: Flask) -> None:
    ticket = registered()
    desk = signed_in_as(app, "dispatcher")
    path = f"/dispatch/tickets/{ticket.id}"
    refused = desk.post(f"{path}/answer", data={"direct_reply": LONG_ENOUGH})
    assert refused.status_code == 400
    assert "还差 2 张" in refused.text
    assert LONG_ENOUGH in refused.text
    for content in (files.jpeg(), files.png()):
        given(ticket, HOTLINE, content)
    assert desk.post(f"{path}/answer", data={"direct_reply": LONG_ENOUGH}).status_code == 303
    assert reload(ticket).released_at


@pytest.mark.parametrize(("kind", "status"), [("complaint", 400), ("consult", 303)])
def test_on_the_telephone_a_question_is_answered_at_once_and_a_complaint_is_not(
    app: Flask, kind: str, status: int
) -> None:
    typed = {
        "form_key": uuid4().hex,
        "hotline": "12345",
        "kind": kind,
        "text": "门口可以摆摊吗",
        "item_code": STREET_ITEM,
        "contact_wish": "none",
        "on_the_phone": "y",
        "reply": LONG_ENOUGH,
    }
    answer = signed_in_as(app, "agent").post("/agent/tickets", data=typed)
    assert answer.status_code == status, answer.text
    assert ("请不要当场办结" in answer.text) == (status == 400)


def test_other_matters_ask_for_nothing(seeded: str) -> None:
    assert missing(registered("0101").id, "好") == []
