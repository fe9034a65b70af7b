"""Supervisors at their pages, the unit at its own, and everybody else before a closed door."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import clock
from hotline.db import transaction
from hotline.permissions import ROLES, SIX_POWERS, Permission, allows
from hotline.supervision import jobs
from hotline.supervision.models import Mark, Paper
from hotline.supervision.rules import LADDER, PAPERS, PaperKind
from hotline.tickets.models import Ticket
from hotline.web.access import ACCESS
from tests.conventions.test_pages_are_sound import Page
from tests.dispatch.people import sign_in_as, staff_of
from tests.supervision.people import DAY, dissatisfied, in_hand, issued, late, red_light
from tests.support.people import signed_in_as, staff_with

K = PaperKind
HOME = "/manage/supervision"
REASON = {"reason": "逾期未办，请说明原因"}


@pytest.fixture
def the_past(app: Flask) -> dict[str, int]:
    """A unit with red lights, dissatisfied citizens and a whole ladder about one ticket."""
    now = clock.now() - 10 * DAY
    with transaction() as session:
        for _ in range(3):
            red_light(session, now - 20 * DAY)
        dissatisfied(session, 5, now)
        order = in_hand(session, now)
        late(session, now + 9 * DAY)
        papers = [issued(session, kind, order.ticket, now) for kind in (K.YELLOW, K.RED, *LADDER, K.REFERRAL)]
        made = {
            "ticket": order.ticket_id,
            "unit": order.organisation_id,
            "staff": staff_of(session, order.organisation_id),
            "yellow": papers[0].id,
            "referral": papers[-1].id,
            "mark": session.scalars(select(Mark.id).where(Mark.kind == "rating").limit(1)).one(),
        }
    jobs.escalate_unanswered(now + 9 * DAY)
    return made


def pages(made: dict[str, int]) -> list[str]:
    looks = ["", "/units", "/waiting", "/papers", "/targets", f"/units/{made['unit']}"]
    looks += [f"/tickets/{made['ticket']}", f"/tickets/{made['ticket']}/yellow"]
    return [HOME + path for path in looks + [f"/{made[name]}/document" for name in ("yellow", "referral")]]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_supervision_is_sound_with_rows_in_it(
    app: Flask, the_past: dict[str, int], language: str
) -> None:
    supervisor = signed_in_as(app, "supervisor")
    unit = app.test_client()
    sign_in_as(unit, the_past["staff"])
    theirs = ["/work/cards", f"/work/cards/{the_past['yellow']}"]
    for browser, paths in ((supervisor, pages(the_past)), (unit, theirs)):
        browser.set_cookie("language", language)
        for path in paths:
            answer = browser.get(path)
            assert (answer.status_code, Page(answer.text).complaints()) == (200, []), path


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_without_a_power_gets_403_for_every_act_of_it(app: Flask, role: str) -> None:
    """The matrix of H07: each view that names one of the six powers, once for each role."""
    browser, found = signed_in_as(app, role), set()
    for rule in app.url_map.iter_rules():
        needed = getattr(app.view_functions[rule.endpoint], ACCESS, "")
        if needed not in SIX_POWERS:
            continue
        found.add(Permission(needed))
        path = rule.rule
        for argument in rule.arguments:
            path = path.replace(f"<int:{argument}>", "999999999")
        status = browser.post(path).status_code
        assert (status == 403) == (not allows(role, Permission(needed))), (role, path, status)
    assert found == SIX_POWERS


def test_a_card_is_issued_seen_answered_and_filed(app: Flask) -> None:
    with transaction() as session:
        order = in_hand(session, clock.now())
        ticket_id, number = order.ticket_id, order.ticket.number
        staff_id = staff_of(session, order.organisation_id)
    supervisor, unit = signed_in_as(app, "supervisor"), app.test_client()
    sign_in_as(unit, staff_id)
    day = (clock.now() + 3 * DAY).date().isoformat()
    issue = f"{HOME}/tickets/{ticket_id}/yellow"
    assert supervisor.post(issue, data=REASON).status_code == 400
    assert supervisor.post(issue, data={"reason": "联系13800138000", "answer_by": day}).status_code == 400
    assert "期限要在今天" in supervisor.post(issue, data=REASON | {"answer_by": "2020-01-01"}).text
    answer = supervisor.post(issue, data=REASON | {"answer_by": day})
    assert answer.status_code == 303
    document = supervisor.get(answer.location).text
    assert number in document
    assert REASON["reason"] in document
    assert supervisor.post(issue, data=REASON | {"answer_by": day}).status_code == 409
    skipped = supervisor.post(f"{HOME}/tickets/{ticket_id}/order", data=REASON | {"answer_by": day})
    assert skipped.status_code == 409
    assert "催办函" in skipped.text
    with transaction() as session:
        paper_id = session.scalars(select(Paper.id)).one()
    assert REASON["reason"] in unit.get("/work/cards").text
    assert unit.post(f"/work/cards/{paper_id}", data={"answer": "好"}).status_code == 400
    assert unit.post(f"/work/cards/{paper_id}", data={"answer": "已到现场处理"}).status_code == 303
    assert "已到现场处理" in supervisor.get(answer.location).text


def test_the_documents_name_nobody_who_complained(app: Flask, the_past: dict[str, int]) -> None:
    with transaction() as session:
        session.get_one(Ticket, the_past["ticket"]).text = "我家住在三单元"
    supervisor, unit = signed_in_as(app, "supervisor"), app.test_client()
    sign_in_as(unit, the_past["staff"])
    theirs = ["/work/cards", f"/work/cards/{the_past['yellow']}"]
    for browser, paths in ((supervisor, pages(the_past)), (unit, theirs)):
        for path in paths:
            shown = browser.get(path).text
            assert not {said for said in ("13800138000", "8000", "三单元") if said in shown}, path


def test_nobody_of_the_unit_sees_its_referral_or_a_page_of_supervision(
    app: Flask, the_past: dict[str, int]
) -> None:
    unit = app.test_client()
    sign_in_as(unit, the_past["staff"])
    for path in pages(the_past):
        assert unit.get(path).status_code == 403, path
    assert unit.get(f"/work/cards/{the_past['referral']}").status_code == 404
    assert unit.post(f"/work/cards/{the_past['referral']}", data={"answer": "没有问题"}).status_code == 404
    cards = unit.get("/work/cards").text
    assert "提请纪检检查" not in cards
    assert "呈请领导协调" not in cards
    assert "黄牌警示" in cards
    # nor does a supervisor who belongs to the unit
    with transaction() as session:
        session.merge(staff_with("supervisor")).organisation_id = the_past["unit"]
    insider = signed_in_as(app, "supervisor")
    for path in pages(the_past):
        assert insider.get(path).status_code == 403, path


def test_another_unit_does_not_know_of_the_card(app: Flask, the_past: dict[str, int]) -> None:
    with transaction() as session:
        other = staff_of(session, the_past["unit"] + 1)
    browser = app.test_client()
    sign_in_as(browser, other)
    assert browser.get(f"/work/cards/{the_past['yellow']}").status_code == 404
    assert "没有督办件" in browser.get("/work/cards").text


def test_a_referral_is_signed_with_the_trail_before_ones_eyes(app: Flask, the_past: dict[str, int]) -> None:
    supervisor = signed_in_as(app, "supervisor")
    path = f"{HOME}/{the_past['referral']}/document"
    assert "待签署" in supervisor.get(f"{HOME}/papers").text
    assert "承办单位接单" in supervisor.get(path).text
    assert supervisor.post(f"{HOME}/{the_past['referral']}/sign").status_code == 303
    assert staff_with("supervisor").name in supervisor.get(path).text
    assert "已签署" in supervisor.get(f"{HOME}/papers").text


def test_what_is_proposed_is_dropped_with_a_reason_and_what_a_count_led_to_is_dealt_with(
    app: Flask, the_past: dict[str, int]
) -> None:
    supervisor = signed_in_as(app, "supervisor")
    home = supervisor.get(HOME).text
    for said in ("约谈", "责任追究", "累计红灯", "累计不满意"):
        assert said in home
    assert "取消评先资格" in supervisor.get(f"{HOME}/units").text
    supervisor.post(f"{HOME}/tasks/1/end", data={"note": ""})
    assert supervisor.get(HOME).text.count("处理完毕") == home.count("处理完毕")
    supervisor.post(f"{HOME}/tasks/1/end", data={"note": "已召开约谈会"})
    assert supervisor.get(HOME).text.count("处理完毕") == home.count("处理完毕") - 1


def test_a_rating_is_corrected_by_another_office_with_a_code(app: Flask, the_past: dict[str, int]) -> None:
    supervisor = signed_in_as(app, "supervisor")
    correct = f"{HOME}/marks/{the_past['mark']}/correct"
    supervisor.post(correct, data={"because": "we like it not"})
    assert "评价无效" in supervisor.get(f"{HOME}/units/{the_past['unit']}").text
    assert "不计" not in supervisor.get(f"{HOME}/units/{the_past['unit']}").text.replace("不再计数", "")
    assert supervisor.post(correct, data={"because": "invalid"}).status_code == 303
    page = supervisor.get(f"{HOME}/units/{the_past['unit']}").text
    assert "次数减少，已撤销" in page  # the bar


def test_what_waits_is_one_click_from_the_next_act(app: Flask) -> None:
    with transaction() as session:
        ticket_id = in_hand(session, clock.now() - timedelta(days=60)).ticket_id
    supervisor = signed_in_as(app, "supervisor")
    listed = supervisor.get(f"{HOME}/waiting").text
    assert f"{HOME}/tickets/{ticket_id}" in listed
    assert (
        supervisor.post(
            f"{HOME}/tickets/{ticket_id}/take-back", data={"why": "久拖不办，收回改派"}
        ).status_code
        == 303
    )
    assert f"{HOME}/tickets/{ticket_id}" not in supervisor.get(f"{HOME}/waiting").text


def test_empty_pages_say_so(app: Flask) -> None:
    supervisor = signed_in_as(app, "supervisor")
    for path in ("", "/units", "/waiting", "/papers", "/targets"):
        assert 'class="empty"' in supervisor.get(HOME + path).text, path
    assert all(rule.power in SIX_POWERS for rule in PAPERS.values())
