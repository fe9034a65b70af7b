"""Citizens, agents and organisations add photos: several at once, without losing a word they typed (A09)."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch import supplements
from hotline import clock, quota
from hotline.attachments import jobs, store
from hotline.attachments.models import Attachment
from hotline.config import settings
from hotline.db import transaction
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from tests.attachments import files
from tests.attachments.people import (
    at_the_organisation,
    attached,
    facts,
    registered,
    reload,
    sent,
    upload,
    with_the_code,
)
from tests.attachments.test_receiving import aged, no_file_longer_than
from tests.conventions.test_pages_are_sound import Page
from tests.support.people import signed_in_as

TEXT = "小区门口的路灯坏了三天, 晚上很黑"


def matter(**changes: object) -> dict[str, object]:
    return {
        "kind": "complaint",
        "text": TEXT,
        "area_id": "0",
        "place": "",
        "number": "",
        "asked": "1",
    } | changes


def newest() -> Ticket:
    with transaction() as session:
        return session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()


def kept_notes(page: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'name="files" value="([^"]+)" checked', page)]


def added_by(citizen: FlaskClient, ticket: Ticket, *several: object) -> str:
    """The page a citizen sees after it."""
    path = f"/p/ticket/{ticket.number}/files"
    return citizen.post(path, data={"files": list(several)}, follow_redirects=True).text


# --- a citizen -------------------------------------------------------------------------------------------


def test_a_citizen_sends_photo_video_and_paper_with_the_matter(client: FlaskClient) -> None:
    several = [upload("灯.jpg"), upload("夜.mp4", files.video()), upload("信.pdf", files.PDF)]
    answer = client.post("/p/new", data=matter(files=several))
    assert answer.status_code == 303, answer.text
    ticket = newest()
    rows = attached(ticket)
    assert [(row.suffix, row.party, row.name) for row in rows] == [
        ("jpg", "citizen", "灯.jpg"), ("mp4", "citizen", "夜.mp4"), ("pdf", "citizen", "信.pdf"),
    ]  # fmt: skip
    assert [fact["sha256"] for fact in facts(ticket, "attachment_added")] == [row.sha256 for row in rows]
    for row in rows:
        assert store.path_of(row.sha256).stat().st_size == row.size
    page = client.get(answer.location).text
    assert "已收到您的 3 个附件" in page
    assert "灯.jpg" not in page, "the page of a guessable code shows nothing a citizen wrote"


def test_a_matter_without_a_file_is_sent_as_ever(client: FlaskClient) -> None:
    assert client.post("/p/new", data=matter(files=[upload("", b" ")])).status_code == 303
    assert attached(newest()) == []


def test_a_wrong_file_is_named_and_neither_words_nor_good_files_are_lost(client: FlaskClient) -> None:
    before = newest().id
    several = [upload("好.jpg"), upload("坏.jpg", files.EXE), upload("动.jpg", files.gif())]
    answer = client.post("/p/new", data=matter(files=several))
    page = unescape(answer.text)
    assert (answer.status_code, newest().id) == (400, before)
    assert TEXT in page
    assert "“坏.jpg”不是可以接收的文件" in page
    assert "“动.jpg”是 GIF 动图" in page
    assert Page(answer.text).complaints() == []
    notes = kept_notes(answer.text)
    assert len(notes) == 1
    assert client.post("/p/new", data=matter(files=notes)).status_code == 303
    assert [row.name for row in attached(newest())] == ["好.jpg"]


def test_files_stay_through_every_question_the_form_asks(client: FlaskClient) -> None:
    """The kind was forgotten, then there was an emergency to be told of: chosen once is enough."""
    page = client.post("/p/new", data=matter(kind="", text="煤气泄漏了，味道很大", files=[upload()])).text
    page = client.post("/p/new", data=matter(text="煤气泄漏了，味道很大", files=kept_notes(page))).text
    told = re.search(r'name="told"[^>]*value="([^"]+)"', page)
    assert told, "the emergency must be told"
    last = matter(text="煤气泄漏了，味道很大", told=told.group(1), files=kept_notes(page))
    assert client.post("/p/new", data=last).status_code == 303
    assert len(attached(newest())) == 1


@pytest.mark.parametrize("forged", ["x", "WyJhYSIsImpwZyIsMSwiYS5qcGciXQ.aaa.bbb"])
def test_nobody_names_a_file_that_is_not_theirs(client: FlaskClient, forged: str) -> None:
    answer = client.post("/p/new", data=matter(files=[forged]))
    assert answer.status_code == 400
    assert "请重新选择" in answer.text


def test_who_unticks_a_kept_file_does_not_send_it(client: FlaskClient) -> None:
    page = client.post(
        "/p/new", data=matter(kind="", files=[upload("a.jpg"), upload("b.png", files.png())])
    ).text
    client.post("/p/new", data=matter(files=kept_notes(page)[:1]))
    assert [row.name for row in attached(newest())] == ["a.jpg"]


def test_a_full_disk_keeps_the_ticket_and_says_what_is_missing(client: FlaskClient) -> None:
    with no_file_longer_than(500):
        answer = client.post("/p/new", data=matter(files=[upload("灯.jpg")]))
    assert answer.status_code == 303
    ticket = newest()
    assert attached(ticket) == []
    page = client.get(answer.location).text
    assert "“灯.jpg”没有存下：服务器空间不足" in page
    assert ticket.query_code in page


def test_more_than_a_ticket_may_have_is_refused_with_nothing_lost(client: FlaskClient) -> None:
    most = settings().attachments.files_per_ticket
    several = [upload(f"{n}.jpg", files.jpeg(colour=f"#{8 * n:02x}0000")) for n in range(most + 1)]
    answer = client.post("/p/new", data=matter(files=several))
    assert answer.status_code == 400
    assert "附件太多" in answer.text
    assert len(kept_notes(answer.text)) == most + 1
    assert client.post("/p/new", data=matter(files=kept_notes(answer.text)[1:])).status_code == 303
    full = newest()
    browser = with_the_code(client.application, full)
    assert "附件太多" in added_by(browser, full, upload("z.png", files.png()))
    assert len(attached(full)) == most


def test_a_citizen_adds_to_the_own_ticket_with_its_code_and_to_no_other(app: Flask) -> None:
    mine, other = registered(), registered()
    browser = with_the_code(app, mine)
    page = browser.post(
        f"/p/ticket/{mine.number}/files", data={"files": [upload()]}, follow_redirects=True
    ).text
    assert "已添加 1 个附件" in page
    assert Page(page).complaints() == []
    answer = browser.post(f"/p/ticket/{other.number}/files", data={"files": [upload()]})
    assert answer.location.endswith(f"/p?number={other.number}")
    assert attached(other) == []


def test_what_is_over_takes_no_more_files_and_says_so(app: Flask) -> None:
    ticket = registered()
    browser, follow = with_the_code(app, ticket), f"/p/ticket/{ticket.number}"
    with transaction() as session:
        tickets.release(
            session,
            tickets.get(session, ticket.id),
            public_reply="已修好。",
            actor="staff:6",
            now=clock.now(),
        )
    assert "补充照片或视频" in browser.get(follow).text, "answered, and the citizen may say it is not solved"
    with transaction() as session:
        it = tickets.get(session, ticket.id)
        tickets.told(session, it, 1, "sms", actor="system:sms", now=clock.now())
    assert "补充照片或视频" not in browser.get(follow).text
    assert "不再接收附件" in added_by(browser, ticket, upload())
    assert attached(ticket) == []


def test_one_address_without_an_account_uploads_so_much_an_hour(app: Flask) -> None:
    somewhere = {"REMOTE_ADDR": "192.0.2.7"}
    quota.used("uploads:192.0.2.7", 3600, settings().attachments.citizens_mb_per_hour * store.MB)
    stranger, neighbour, agent = app.test_client(), app.test_client(), signed_in_as(app, "agent")
    one = {"environ_base": somewhere}
    refused = stranger.post("/p/new", data=matter(files=[upload()]), **one)
    assert refused.status_code == 429 and "稍候再试" in refused.text
    assert neighbour.post("/p/new", data=matter(files=[upload()])).status_code == 303
    form = {"files": [upload()], "next": "/agent"}
    assert agent.post(f"/attachments/tickets/{registered().id}", data=form, **one).status_code == 303


def test_what_a_citizen_is_asked_for_comes_with_photos_and_nothing_typed_is_lost(app: Flask) -> None:
    ticket = registered()
    order = sent(ticket)
    with transaction() as session:
        now = clock.now()
        supplements.ask(session, order.id, code="place", question="哪个路口？", actor="staff:9", now=now)
    citizen = with_the_code(app, ticket)
    there = f"/p/ticket/{ticket.number}"
    several = [upload("路口.jpg"), upload("x.jpg", files.EXE)]
    wrong = citizen.post(f"{there}/supplement", data={"answer": "北门口", "files": several})
    assert wrong.status_code == 400
    assert "北门口" in wrong.text
    assert Page(wrong.text).complaints() == []
    again = {"answer": "北门口", "files": kept_notes(wrong.text)}
    assert citizen.post(f"{there}/supplement", data=again).location == there
    assert [(row.name, row.party) for row in attached(ticket)] == [("路口.jpg", "citizen")]
    assert reload(ticket).state == "in_hand"


def test_the_same_photo_twice_is_told_and_kept_once(app: Flask) -> None:
    ticket = registered()
    browser = with_the_code(app, ticket)
    for said in ("已添加 1 个附件", "工单里已经有这些文件"):
        page = browser.post(
            f"/p/ticket/{ticket.number}/files", data={"files": [upload()]}, follow_redirects=True
        )
        assert said in page.text
    assert len(attached(ticket)) == 1


def test_only_pages_that_take_files_take_large_ones(client: FlaskClient) -> None:
    large = {"number": "x" * 3_000_000, "code": "1"}
    assert client.post("/p/ticket", data=large).status_code == 413
    film = files.video() + (3_000_000).to_bytes(4, "big") + b"free" + bytes(2_999_992)
    assert client.post("/p/new", data=matter(files=[upload("a.mp4", film)])).status_code == 303


def test_an_upload_of_a_thousand_little_files_is_refused_at_the_door(client: FlaskClient) -> None:
    many = [upload(f"{n}.jpg", b"x") for n in range(900)]
    assert client.post("/p/new", data=matter(files=many)).status_code == 413


def test_the_sweep_deletes_what_never_got_a_ticket_and_nothing_else(client: FlaskClient) -> None:
    client.post("/p/new", data=matter(files=[upload("a.jpg", files.jpeg(colour="gold"))]))
    client.post("/p/new", data=matter(kind="", files=[upload("b.jpg", files.jpeg(colour="pink"))]))
    kept = attached(newest())[0].sha256
    on_disk = {path.name for path in store.directory().glob("??/*") if not path.suffix}
    for sha256 in on_disk:
        aged(sha256)
    with transaction() as session:
        known = set(session.scalars(select(Attachment.sha256))) & on_disk
    assert jobs.sweep(clock.now()) == len(on_disk - known) > 0
    assert {path.name for path in store.directory().glob("??/*") if not path.suffix} == known
    assert kept in known


# --- the hotline -----------------------------------------------------------------------------------------


def test_an_agent_files_a_visitors_photos_with_the_ticket(app: Flask) -> None:
    agent = signed_in_as(app, "agent")
    typed = {
        "form_key": "0123456789abcdef", "hotline": "12345", "kind": "complaint", "text": "路灯坏了",
        "item_code": "0801", "contact_wish": "none",
    }  # fmt: skip
    wrong = agent.post("/agent/tickets", data={**typed, "files": [upload(), upload("x.jpg", files.HTML)]})
    assert wrong.status_code == 400
    assert "路灯坏了" in wrong.text
    answer = agent.post("/agent/tickets", data={**typed, "files": kept_notes(wrong.text)})
    assert answer.status_code == 303
    ticket = newest()
    assert [row.party for row in attached(ticket)] == ["citizen"]
    assert facts(ticket, "attachment_added")[0]["actor"].startswith("staff:")
    page = agent.get(f"/agent/tickets/{ticket.number}").text
    assert "附件：市民添加 jpg" in page
    assert Page(page).complaints() == []


def test_looking_up_a_place_without_javascript_keeps_the_files(app: Flask) -> None:
    agent = signed_in_as(app, "agent")
    page = agent.post("/agent/place", data={"text": "路灯坏了", "place": "中山路", "files": [upload()]}).text
    assert len(kept_notes(page)) == 1


def test_a_dispatcher_says_whose_a_file_is(app: Flask) -> None:
    ticket = registered()
    desk = signed_in_as(app, "dispatcher")
    path = f"/dispatch/tickets/{ticket.id}"
    for whose, content in (("hotline", files.jpeg()), ("citizen", files.png())):
        data = {"whose": whose, "next": path, "files": [upload("a.jpg", content)]}
        assert desk.post(f"/attachments/tickets/{ticket.id}", data=data).location == path
    assert [row.party for row in attached(ticket)] == ["hotline", "citizen"]
    page = desk.get(path).text
    assert page.count("<img src=") == 2
    assert Page(page).complaints() == []


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", ""])
def test_nobody_is_led_astray_after_an_upload(app: Flask, elsewhere: str) -> None:
    desk = signed_in_as(app, "dispatcher")
    answer = desk.post(f"/attachments/tickets/{registered().id}", data={"next": elsewhere})
    assert answer.location == "/"


# --- an organisation -------------------------------------------------------------------------------------


def test_an_organisation_adds_photos_while_it_works_and_with_its_answer(app: Flask) -> None:
    ticket = registered()
    order = sent(ticket)
    office = at_the_organisation(app, order)
    page = office.post(f"/work/{order.id}/files", data={"files": [upload("前.jpg")]}, follow_redirects=True)
    assert "已添加 1 个附件" in page.text
    assert Page(page.text).complaints() == []
    data = {"public_reply": "已修好", "files": [upload("后.jpg", files.jpeg(colour="white"))]}
    assert office.post(f"/work/{order.id}/answer", data=data).status_code == 303
    assert [(row.party, row.organisation_id) for row in attached(ticket)] == [
        ("organisation", order.organisation_id)
    ] * 2
    assert reload(ticket).state == "answered"


def test_a_wrong_photo_leaves_the_answer_as_it_was_typed(app: Flask) -> None:
    ticket = registered()
    order = sent(ticket)
    office = at_the_organisation(app, order)
    data = {"public_reply": "已修好", "files": [upload("好.jpg"), upload("坏.jpg", files.HTML)]}
    answer = office.post(f"/work/{order.id}/answer", data=data)
    assert answer.status_code == 400
    assert "“坏.jpg”" in answer.text
    assert "已修好" in answer.text
    assert Page(answer.text).complaints() == []
    again = {"public_reply": "已修好", "files": kept_notes(answer.text)}
    assert office.post(f"/work/{order.id}/answer", data=again).status_code == 303
    assert [row.name for row in attached(ticket)] == ["好.jpg"]


def test_before_it_accepts_and_after_it_answered_an_organisation_adds_nothing(app: Flask) -> None:
    ticket = registered()
    order = sent(ticket, accepted=False)
    office = at_the_organisation(app, order)
    assert office.post(f"/work/{order.id}/files", data={"files": [upload()]}).status_code == 409
    assert attached(ticket) == []


def test_another_organisation_adds_nothing_to_an_order_that_is_not_its_own(app: Flask) -> None:
    order, others = sent(registered()), sent(registered("0101"))
    assert order.organisation_id != others.organisation_id
    stranger = at_the_organisation(app, others)
    assert stranger.post(f"/work/{order.id}/files", data={"files": [upload()]}).status_code == 404
