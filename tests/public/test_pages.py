"""Citizens send a matter in, follow it and rate it: without an account, without losing a word they typed."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hotline import clock
from hotline.callbacks.models import CallBack
from hotline.db import transaction
from hotline.event_log import Event
from hotline.organisations.models import Area, Organisation
from hotline.public.service import TRIES_PER_HOUR
from hotline.surveys import service as surveys
from hotline.surveys.models import Survey
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket, TicketClock
from hotline.tickets.states import TicketState
from tests.tickets.matters import AGENT, NOW, closed, opened

NUMBER = "13800138000"
TEXT = "小区门口的路灯坏了三天, 晚上很黑"


def form(**changes: str) -> dict[str, str]:
    return {"kind": "complaint", "text": TEXT, "area_id": "0", "place": "中山路", "number": ""} | changes


def newest_ticket() -> Ticket:
    with transaction() as session:
        ticket = session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()
        assert ticket.caller or not ticket.caller_id
        return ticket


def tickets_kept() -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(Ticket)) or 0


def new_ticket(**changes: Any) -> Ticket:
    with transaction() as session:
        return opened(session, now=clock.now(), **changes)


def look_up(browser: FlaskClient, number: str, code: str) -> Any:
    return browser.post("/p/ticket", data={"number": number, "code": code})


def wrong(code: str) -> str:
    return "222222" if code != "222222" else "333333"


# --- sending a matter in ---------------------------------------------------------------------------------


def test_the_way_in_names_emergencies_first(client: FlaskClient) -> None:
    page = client.get("/p").text
    assert page.index("119") < page.index("我要反映")
    assert 'content="width=device-width' in page


def test_a_matter_without_a_number_is_accepted_and_followed_by_its_code(client: FlaskClient) -> None:
    answer = client.post("/p/new", data=form())
    ticket = newest_ticket()
    assert (answer.status_code, answer.location) == (303, f"/p/ticket/{ticket.number}")
    assert (ticket.caller_id, ticket.channel, ticket.contact_wish) == (None, "web", "none")
    page = client.get(answer.location).text
    assert ticket.number in page
    assert ticket.query_code in page


def test_a_matter_with_a_number_belongs_to_that_caller(client: FlaskClient) -> None:
    with transaction() as session:
        area = session.scalars(select(Area).where(Area.level == "county").limit(1)).one()
    wishes = {"share_contact": "y", "confidential": "y"}
    assert client.post("/p/new", data=form(number="138 0013 8000", area_id=str(area.id), **wishes)).location
    ticket = newest_ticket()
    assert ticket.caller
    assert ticket.caller.number == "+8613800138000"
    assert (ticket.area_id, ticket.contact_wish) == (area.id, "sms")
    assert ticket.share_contact
    assert ticket.confidential


def test_what_is_like_nothing_in_the_catalogue_waits_for_a_person_to_say_what_it_is(
    client: FlaskClient,
) -> None:
    """B02; its clocks run all the same."""
    assert client.post("/p/new", data=form(text="qwertz uiop")).status_code == 303
    ticket = newest_ticket()
    with transaction() as session:
        assert session.get_one(Ticket, ticket.id).item.code == "9901"
        assert session.scalar(select(func.count()).where(TicketClock.ticket_id == ticket.id))


def test_who_ticks_nothing_has_consented_to_nothing(client: FlaskClient) -> None:
    client.post("/p/new", data=form(number=NUMBER))
    assert not newest_ticket().share_contact


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": ""}, "请选择类型"),
        ({"kind": "rumour"}, "kind-error"),
        ({"number": "abc"}, "请填 11 位手机号"),
        ({"number": "12"}, "请填 11 位手机号"),
        ({"place": "路" * 201}, "最多 200 个字"),
        ({"area_id": "99999999"}, "area_id-error"),
        ({"area_id": "moon"}, "area_id-error"),
    ],
)
def test_a_mistake_is_named_where_it_is_and_the_words_stay(
    client: FlaskClient, changes: dict[str, str], said: str
) -> None:
    before = tickets_kept()
    answer = client.post("/p/new", data=form(**changes))
    assert answer.status_code == 400
    assert said in answer.text
    assert "还没有保存" in answer.text
    assert TEXT in unescape(answer.text)
    assert tickets_kept() == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "请写下您要反映的事情"),
        ("  ", "请写下您要反映的事情"),
        ("灯" * 5001, "最多 5000 个字"),
        ("@@@@", "拨打 12345"),
    ],
)
def test_too_few_or_too_many_words_are_answered_with_what_to_do(
    client: FlaskClient, text: str, said: str
) -> None:
    answer = client.post("/p/new", data=form(text=text))
    assert answer.status_code == 400
    assert said in answer.text
    assert "中山路" in answer.text


def test_a_citizen_typing_an_emergency_is_told_whom_to_ring_and_may_still_send_it(
    client: FlaskClient,
) -> None:
    """Z05: before the ticket is filed, and without JavaScript."""
    before = tickets_kept()
    answer = client.post("/p/new", data=form(text="隔壁着火了,烟进来了"))
    assert answer.status_code == 400 and tickets_kept() == before
    assert 'role="alert"' in answer.text and 'href="tel:119"' in answer.text
    assert "隔壁着火了,烟进来了" in answer.text

    told = re.search(r'name="told"[^>]*value="(\w+)"', answer.text)
    assert told
    other = client.post("/p/new", data=form(text="我爸没呼吸了", told=told[1]))
    assert other.status_code == 400 and 'href="tel:120"' in other.text
    assert client.post("/p/new", data=form(text="隔壁着火了,烟进来了", told=told[1])).status_code == 303
    assert tickets_kept() == before + 1


def test_a_cry_for_help_that_names_no_matter_is_kept_as_an_emergency(client: FlaskClient) -> None:
    assert client.post("/p/new", data=form(text="救命啊!!", told="cry_for_help")).status_code == 303
    with transaction() as session:
        newest = session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()
        assert newest.item.code == "1601"


def test_words_that_look_like_a_page_are_shown_as_words(client: FlaskClient) -> None:
    answer = client.post("/p/new", data=form(text="<script>alert(1)</script>路灯", kind=""))
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text


def test_a_form_from_elsewhere_is_refused(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    before = tickets_kept()
    answer = app.test_client().post("/p/new", data=form())
    assert answer.status_code == 400
    assert tickets_kept() == before


# --- following it ----------------------------------------------------------------------------------------


def test_number_and_code_open_the_ticket_however_they_are_typed(client: FlaskClient) -> None:
    ticket = new_ticket()
    wide = ticket.query_code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    typed = [
        (ticket.number, ticket.query_code),
        (f" {ticket.number.lower()} ", f" {ticket.query_code[:3]} {ticket.query_code[3:]} "),
        (ticket.number, wide),
    ]
    for number, code in typed:
        answer = look_up(client, number, code)
        assert (answer.status_code, answer.location) == (303, f"/p/ticket/{ticket.number}")


def test_the_citizen_sees_stages_unit_and_answer_and_nobodys_data(client: FlaskClient) -> None:
    with transaction() as session:
        now = clock.now()
        ticket = opened(session, text="住在3栋502, 电话13800138000", place="幸福小区3栋", now=now)
        unit = session.scalars(select(Organisation).limit(1)).one()
        tickets.move(session, ticket, TicketState.DISPATCHED, actor=AGENT, now=now, reason="territory")
        tickets.assign(ticket, unit.id)
        tickets.move(session, ticket, TicketState.CLAIMED, actor=AGENT, now=now)
        tickets.move(session, ticket, TicketState.IN_HAND, actor=AGENT, now=now)
        tickets.answer(session, ticket, actor=AGENT, now=now)
        ticket.public_reply = "还在审核的答复"
    look_up(client, ticket.number, ticket.query_code)
    page = client.get(f"/p/ticket/{ticket.number}").text
    assert [page.count(word) for word in ("已受理</li>", "办理中</li>", "已办结</li>")] == [1, 1, 0]
    assert unit.name in page
    for hidden in ("13800138000", "138●", "502", "幸福小区", "还在审核", "territory", "staff"):
        assert hidden not in page
    with transaction() as session:
        tickets.release(
            session, tickets.get(session, ticket.id), public_reply="灯修好了", actor=AGENT, now=now
        )
    page = client.get(f"/p/ticket/{ticket.number}").text
    assert "已答复</li>" in page and "已办结</li>" not in page
    assert "灯修好了" in page


def test_without_the_code_a_ticket_is_asked_for_not_shown(client: FlaskClient) -> None:
    ticket = new_ticket()
    for number in (ticket.number, "GD20260310999999"):
        answer = client.get(f"/p/ticket/{number}")
        assert (answer.status_code, answer.location) == (303, f"/p?number={number}")
    assert f'value="{ticket.number}"' in client.get(f"/p?number={ticket.number}").text


def test_another_browser_does_not_see_what_this_one_opened(app: Flask) -> None:
    ticket = new_ticket()
    mine, other = app.test_client(), app.test_client()
    look_up(mine, ticket.number, ticket.query_code)
    assert mine.get(f"/p/ticket/{ticket.number}").status_code == 200
    assert other.get(f"/p/ticket/{ticket.number}").status_code == 303


def test_a_wrong_code_and_a_wrong_number_get_the_same_answer(client: FlaskClient) -> None:
    ticket = new_ticket()
    pages = []
    for number, code in ((ticket.number, wrong(ticket.query_code)), ("GD20260310999999", "222222")):
        answer = look_up(client, number, code)
        assert answer.status_code == 404
        assert f'value="{number}"' in answer.text
        pages.append(re.sub(r'value="[^"]*"', "", answer.text))
    assert pages[0] == pages[1]


def test_guessing_codes_is_stopped_and_each_guess_is_on_record(client: FlaskClient) -> None:
    ticket, other = new_ticket(), new_ticket()
    for _ in range(TRIES_PER_HOUR):
        assert look_up(client, ticket.number, wrong(ticket.query_code)).status_code == 404
    stopped = look_up(client, ticket.number, ticket.query_code)
    assert stopped.status_code == 429
    assert "一小时后再试" in stopped.text
    assert look_up(client, other.number, other.query_code).status_code == 303
    with transaction() as session:
        refused = select(Event).where(Event.kind == "ticket_look_up_refused", Event.ticket_id == ticket.id)
        assert len(session.scalars(refused).all()) == TRIES_PER_HOUR


def test_after_an_hour_the_right_code_opens_it_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = new_ticket()
    for _ in range(TRIES_PER_HOUR):
        look_up(client, ticket.number, wrong(ticket.query_code))
    later = clock.now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert look_up(client, ticket.number, ticket.query_code).status_code == 303


@pytest.mark.parametrize("data", [{}, {"number": "", "code": ""}, {"number": "GD1"}, {"code": "222222"}])
def test_an_empty_question_says_what_to_fill_in(client: FlaskClient, data: dict[str, str]) -> None:
    answer = client.post("/p/ticket", data=data)
    assert answer.status_code == 400
    assert "请填写短信里的" in answer.text


# --- rating it -------------------------------------------------------------------------------------------


@pytest.fixture
def asked(app: Flask) -> Survey:
    with transaction() as session:
        survey = surveys.invite(session, closed(session, now=clock.now()), clock.now())
        assert survey
        return survey


def test_the_link_shows_the_result_and_asks_two_questions(client: FlaskClient, asked: Survey) -> None:
    page = client.get(f"/p/s/{asked.token}").text
    assert "已修好" in page
    assert page.count('type="radio"') == 7
    assert "13800138000" not in page


def test_the_link_is_answered_once(client: FlaskClient, asked: Survey) -> None:
    link = f"/p/s/{asked.token}"
    first = client.post(link, data={"solved": "yes", "satisfaction": "very_satisfied"})
    assert (first.status_code, first.location) == (303, link)
    client.post(link, data={"solved": "no", "satisfaction": "very_dissatisfied"})
    page = client.get(link).text
    assert "谢谢您的评价" in page
    assert "非常满意" in page
    assert '<input type="radio"' not in page
    with transaction() as session:
        survey = surveys.get(session, asked.id)
        assert (survey.solved, survey.satisfaction, survey.mode) == (True, "very_satisfied", "link")


def test_the_unhappy_are_told_that_somebody_will_ring(client: FlaskClient, asked: Survey) -> None:
    client.post(f"/p/s/{asked.token}", data={"solved": "no", "satisfaction": "satisfied"})
    assert "专人给您回电" in client.get(f"/p/s/{asked.token}").text
    with transaction() as session:
        asked_for = select(CallBack.reason).where(CallBack.ticket_id == asked.ticket_id)
        assert session.scalars(asked_for).all() == ["dissatisfied"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "请选择是否解决"),
        ({"solved": "yes"}, "请选择满意程度"),
        ({"satisfaction": "satisfied"}, "请选择是否解决"),
        ({"solved": "perhaps", "satisfaction": "satisfied"}, "solved-error"),
        ({"solved": "yes", "satisfaction": "ecstatic"}, "satisfaction-error"),
    ],
)
def test_half_an_answer_is_asked_for_the_other_half(
    client: FlaskClient, asked: Survey, data: dict[str, str], said: str
) -> None:
    answer = client.post(f"/p/s/{asked.token}", data=data)
    assert answer.status_code == 400
    assert said in answer.text
    assert ("checked" in answer.text) == (
        data.get("solved") == "yes" or data.get("satisfaction") == "satisfied"
    )
    with transaction() as session:
        assert surveys.get(session, asked.id).state == "invited"


def test_an_expired_link_says_so_and_takes_nothing(client: FlaskClient, asked: Survey) -> None:
    with transaction() as session:
        surveys.advance_due(session, asked.expires_at)
    client.post(f"/p/s/{asked.token}", data={"solved": "yes", "satisfaction": "satisfied"})
    page = client.get(f"/p/s/{asked.token}").text
    assert "评价时间已过" in page
    with transaction() as session:
        assert surveys.get(session, asked.id).satisfaction is None


@pytest.mark.parametrize("token", ["guess", "x" * 500, "../../etc", "%00"])
def test_a_link_nobody_was_sent_opens_nothing(client: FlaskClient, token: str) -> None:
    for status in (
        client.get(f"/p/s/{token}").status_code,
        client.post(f"/p/s/{token}", data={}).status_code,
    ):
        assert status in (400, 404)


def test_the_pages_are_there_in_english_and_fit_a_telephone(client: FlaskClient, asked: Survey) -> None:
    client.set_cookie("language", "en")
    ticket = new_ticket()
    look_up(client, ticket.number, ticket.query_code)
    for path in ("/p", "/p/new", f"/p/ticket/{ticket.number}", f"/p/s/{asked.token}"):
        page = client.get(path).text
        assert '<html lang="en">' in page
        assert 'name="viewport" content="width=device-width, initial-scale=1"' in page
        assert "<table" not in page  # nothing that cannot wrap
        assert not re.search(r"width:\s*\d{3,}px", page)
    assert ticket.accepted_at > NOW


def test_guessing_with_many_hands_at_once_is_counted_too(app: Flask) -> None:
    ticket = new_ticket()

    def guess(_: int) -> int:
        status: int = look_up(app.test_client(), ticket.number, wrong(ticket.query_code)).status_code
        return status

    with ThreadPoolExecutor(8) as hands:
        answers = Counter(hands.map(guess, range(3 * TRIES_PER_HOUR)))
    assert answers == {404: TRIES_PER_HOUR, 429: 2 * TRIES_PER_HOUR}
