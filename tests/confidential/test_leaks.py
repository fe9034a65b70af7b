"""Who complained is nowhere where the unit complained of, a firm, a town or a village finds it (H10, Z35)."""

import io
import logging
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from dispatch import service as dispatch
from hotline import clock
from hotline.attachments.models import Party
from hotline.attachments.receiving import receive
from hotline.attachments.service import Giver, attach
from hotline.calls import service as calls
from hotline.calls.models import Recording
from hotline.db import transaction
from hotline.event_log import Event
from hotline.legal import service as legal
from hotline.organisations.models import Area, Organisation
from hotline.staff.models import Staff
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from tests.attachments.files import PDF, jpeg
from tests.dispatch.people import county
from tests.support.instance import configured
from tests.support.people import signed_in, signed_in_as
from tests.support.relay import deliver_all

NAME, NUMBER, HOME = "欧阳明澈", "+8613912340077", "银杏里9幢1203"
VOICE = "the sound of a voice that somebody knows"
SECRETS = (NAME, NUMBER, NUMBER[3:], HOME, VOICE)
SAID = f"我叫{NAME}，电话{NUMBER[3:]}，家住{HOME}，举报城管队员收受摊主香烟"
LINK = re.compile(r"""(?:href|src|action|data-src)=["'](/[^"']*)["']""")
MOST_PAGES = 400


@dataclass(frozen=True)
class Complaint:
    """Its ids, which an insider might guess, and the accounts that would like to know."""

    ids: dict[str, str]
    accused: str
    subordinate: str
    handler: str


@pytest.fixture
def recordings(seeded: str, settings_of: Callable[[str], dict[str, Any]], tmp_path: Path) -> Iterator[Path]:
    """Where this site keeps what was said on the telephone."""
    directory = tmp_path / "recordings"
    kept = {"telephony": {"recordings_dir": str(directory)}}
    with configured(tmp_path / "recordings.toml", settings_of(seeded) | kept):
        yield directory


@pytest.fixture
def complaint(recordings: Path) -> Complaint:
    """About a city bureau, confidential, at work in another department; everything an act of it wrote."""
    now = clock.now()
    with transaction() as session:
        bureau = _office(session, "城市管理局", "city")
        handling = _office(session, "市场监督管理局", "city")
        call = calls.open_call(
            session,
            hotline="12345",
            dialled="12345",
            number=NUMBER,
            system="terminal",
            system_id="leak",
            now=now,
        )
        assert call.caller
        call.caller.name = NAME
        recording = _recorded(session, call.id, recordings)
        ticket = tickets.open_ticket(
            session, _matter(session, call.id, call.caller.id), actor="staff:1", now=now
        )
        ticket.complained_of_id = bureau.id
        letter = receive(f"{NAME}的信.pdf", io.BytesIO(PDF.replace(b"Zhang San", SAID.encode())))
        photo = receive(f"{HOME}.jpg", io.BytesIO(jpeg(comment=SAID.encode())))
        giver = Giver(Party.CITIZEN, "staff:1")
        attached = attach(session, ticket, [letter, photo], giver, now=now)
        order = dispatch.dispatch(session, ticket, actor="staff:6", now=now, organisation_id=handling.id)
        assert order
        below = session.scalars(
            select(Organisation).where(Organisation.parent_id == bureau.id).limit(1)
        ).one()
        task = legal.ask(session, ticket, now=now, call_id=call.id)
        ids = {
            "ticket_id": str(ticket.id),
            "number": ticket.number,
            "call_id": str(call.id),
            "caller_id": str(call.caller.id),
            "order_id": str(order.id),
            "recording": str(recording.id),
            "task": str(task.id),
            "letter": str(attached[0].id),
            "photo": str(attached[1].id),
        }
        made = Complaint(ids, _user(session, bureau), _user(session, below), _user(session, handling))
    deliver_all()
    return made


def _recorded(session: Session, call_id: int, directory: Path) -> Recording:
    """The sound itself lies there, so that a way to it would be found."""
    recording = Recording(call_id=call_id, path="2026/leak.wav", recorded_at=clock.now())
    (directory / "2026").mkdir(parents=True)
    (directory / recording.path).write_bytes(b"RIFF\0\0\0\0WAVE" + VOICE.encode())
    session.add(recording)
    session.flush()
    return recording


def _office(session: Session, role: str, level: str) -> Organisation:
    offices = select(Organisation).where(Organisation.role_name == role, Organisation.level == level)
    return session.scalars(offices.limit(1)).one()


def _within(session: Session, level: str) -> Organisation:
    """An office of this level in the county where it happened."""
    inside = Area.path.startswith(f"{county(session).path}/")
    wanted = select(Organisation).join(Organisation.area).where(Organisation.level == level, inside)
    return session.scalars(wanted.limit(1)).one()


def _user(session: Session, organisation: Organisation) -> str:
    return session.scalars(select(Staff.username).where(Staff.organisation_id == organisation.id)).one()


def _matter(session: Session, call_id: int, caller_id: int) -> tickets.NewTicket:
    return tickets.NewTicket(
        hotline="12345",
        channel="phone",
        kind="complaint",
        item_code="0801",
        text=SAID,
        area_id=county(session).id,
        caller_id=caller_id,
        call_id=call_id,
        confidential=True,
    )


def crawl(app: Flask, username: str, ids: dict[str, str]) -> dict[str, str]:
    """Every page the account can reach by links, and every address it could guess: path > what came back."""
    browser = signed_in(app, username)
    waiting = deque(["/", "/work", *_guesses(app, ids)])
    seen: dict[str, str] = {}
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.popleft().split("#")[0].replace("&amp;", "&")
        if path not in seen and not path.startswith("/static"):
            seen[path] = _answer(browser, path)
            waiting.extend(LINK.findall(seen[path]))
    assert len(seen) < MOST_PAGES, "the crawl was cut short"
    return seen


def _answer(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path)
    return f"{answer.headers}\n{answer.get_data().decode('utf-8', 'replace')}"


def _guesses(app: Flask, ids: dict[str, str]) -> list[str]:
    """Each GET route filled with the complaint's own ids, as somebody would who counts upwards."""
    asked = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    return [path for rule in asked if rule.endpoint != "static" for path in _filled(rule, ids)]


def _filled(rule: Rule, ids: dict[str, str]) -> list[str]:
    if not rule.arguments:
        return [rule.rule]
    files = [
        re.sub(r"<int:attachment_id>", ids[file], re.sub(r"<int:order_id>", ids["order_id"], rule.rule))
        for file in ("letter", "photo")
    ]
    guessed = [re.sub(r"<[^>]+>", value, path) for path in files for value in ids.values()]
    return list(dict.fromkeys(guessed))


def leaks(pages: dict[str, str]) -> dict[str, list[str]]:
    found = {path: [secret for secret in SECRETS if secret in body] for path, body in pages.items()}
    return {path: secrets for path, secrets in found.items() if secrets}


@pytest.mark.parametrize("who", ["accused", "subordinate", "firm", "town", "village", "handler"])
def test_a_crawler_finds_nothing_of_who_complained(app: Flask, complaint: Complaint, who: str) -> None:
    with transaction() as session:
        others = {
            "firm": session.scalars(select(Organisation).where(Organisation.kind == "firm").limit(1)).one(),
            "town": _within(session, "town"),
            "village": _within(session, "village"),
        }
        username = _user(session, others[who]) if who in others else getattr(complaint, who)
    pages = crawl(app, username, complaint.ids)
    assert len(pages) > 30
    assert leaks(pages) == {}
    sees_it = any("举报城管队员" in body for body in pages.values())
    assert sees_it == (who == "handler")


def test_the_desk_finds_it_all_for_a_purpose_so_the_crawler_had_something_to_find(
    app: Flask, complaint: Complaint
) -> None:
    desk, page = signed_in_as(app, "dispatcher"), f"/dispatch/tickets/{complaint.ids['ticket_id']}"
    asked = desk.get(page)
    assert asked.status_code == 303
    assert SAID not in desk.get("/dispatch?tab=out").text
    assert SAID not in desk.get(asked.headers["Location"]).text
    desk.post(f"/read/{complaint.ids['ticket_id']}", data={"purpose": "review", "next": page})
    shown = desk.get(page).text
    assert SAID in shown
    assert "watermark" in shown and "dispatcher 20" in shown
    with transaction() as session:
        reading = session.scalars(select(Event).where(Event.kind == "ticket_read")).one()
        assert reading.data["purpose"] == "review"


def test_the_voice_is_there_for_the_lawyer_so_the_crawler_had_something_to_hear(
    app: Flask, complaint: Complaint
) -> None:
    address = f"/legal/{complaint.ids['task']}/recordings/{complaint.ids['recording']}"
    assert VOICE in signed_in_as(app, "lawyer").get(address).text
    assert signed_in(app, complaint.handler).get(address).status_code == 403


def test_the_unit_complained_of_had_it_before_and_sees_it_no_longer(app: Flask, complaint: Complaint) -> None:
    """Named only after it was at work: the order and the page are gone."""
    with transaction() as session:
        ticket = session.get_one(Ticket, int(complaint.ids["ticket_id"]))
        before = ticket.organisation_id
        ticket.complained_of_id = before
    browser = signed_in(app, complaint.handler)
    assert browser.get(f"/work/{complaint.ids['order_id']}").status_code == 404
    assert complaint.ids["number"] not in browser.get("/work").text


def test_texts_facts_and_logs_name_nobody(complaint: Complaint, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    now = clock.now()
    with transaction() as session:
        order_id, ticket_id = int(complaint.ids["order_id"]), int(complaint.ids["ticket_id"])
        dispatch.accept(session, order_id, responsible_person="王科长", actor="staff:9", now=now)
        dispatch.begin(session, order_id, contact_note="保密件，不联系", actor="staff:9", now=now)
        dispatch.answer(
            session, order_id, public_reply="已查实处理", internal_note="", actor="staff:9", now=now
        )
        dispatch.release(session, tickets.get(session, ticket_id), actor="staff:6", now=now)
    deliver_all()
    with transaction() as session:
        facts = " ".join(str(data) for data in session.scalars(select(Event.data)))
        texts = " ".join(session.scalars(text("SELECT text FROM sms_message")))
        others = session.scalar(
            text("SELECT count(*) FROM sms_message WHERE recipient <> :own").bindparams(own=NUMBER)
        )
    assert others == 0
    assert [secret for secret in SECRETS if secret in facts + texts + caplog.text] == []


def test_an_anonymous_citizen_follows_and_rates_with_number_and_code(app: Flask, seeded: str) -> None:
    now = clock.now()
    with transaction() as session:
        new = tickets.NewTicket(
            hotline="12345",
            channel="web",
            kind="complaint",
            item_code="0801",
            text="顶楼违建",
            contact_wish="none",
        )
        ticket = tickets.open_ticket(session, new, actor="caller:unknown", now=now)
    browser = app.test_client()
    browser.post("/p/ticket", data={"number": ticket.number, "code": ticket.query_code})
    early = browser.post(f"/p/ticket/{ticket.number}/rate", follow_redirects=True)
    assert "答复发布后才能评价" in early.text
    with transaction() as session:
        tickets.release(
            session, tickets.get(session, ticket.id), public_reply="已拆除", actor="staff:6", now=now
        )
    assert browser.post(f"/p/ticket/{ticket.number}/rate").status_code == 303
    page = browser.post(f"/p/ticket/{ticket.number}/rate")
    link = page.headers["Location"]
    browser.post(link, data={"solved": "no", "satisfaction": "dissatisfied"})
    browser.post(link, data={"solved": "yes", "satisfaction": "satisfied"})
    with transaction() as session:
        rated = session.execute(text("SELECT caller_id, solved, satisfaction FROM survey")).one()
        assert tuple(rated) == (None, False, "dissatisfied")
        assert session.scalar(text("SELECT count(*) FROM callback")) == 0
