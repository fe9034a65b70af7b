"""Every choice of an item is kept: the agent's, the web form's, the dialogue's, a correction."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from agents import intake
from dispatch import service as dispatch
from hotline.calls import service as calls
from hotline.db import transaction
from hotline.learning.decisions import sha256_of
from hotline.learning.models import Decision
from hotline.tickets import clocks
from hotline.tickets import service as tickets
from tests.dispatch.people import NOW, STREET_ITEM, kinds, open_ticket, send_back
from tests.support.people import signed_in_as, staff_with
from tests.support.relay import deliver_all

LAMP = "楼下路灯坏了三天，晚上看不见路"


def decided() -> list[Decision]:
    with transaction() as session:
        return list(session.scalars(select(Decision).order_by(Decision.id)))


def registered(item: str, *, shown: str = "") -> int:
    matter = intake.Matter(
        form_key="learning-1", hotline="12345", kind="complaint", item_code=item, text=LAMP, shown=shown
    )
    with transaction() as session:
        return intake.register(session, matter, staff_id=staff_with("agent").id, now=NOW).id


def test_an_agents_choice_is_kept_with_what_the_page_had_shown(seeded: str) -> None:
    ticket_id = registered("0903", shown="7@0801:0.61,0903:0.22;abstained")
    (kept,) = decided()
    assert (kept.source, kept.ticket_id, kept.chosen) == ("agent", ticket_id, "0903")
    assert kept.shown == [["0801", 0.61], ["0903", 0.22]]
    assert (kept.model_id, kept.abstained, kept.emergency) == (7, True, False)
    assert kept.text_sha256 == sha256_of(LAMP)
    assert kept.staff_id == staff_with("agent").id
    with transaction() as session:
        assert "item_suggested" in kinds(session, ticket_id)


def test_a_choice_without_any_suggestion_is_kept_too(seeded: str) -> None:
    ticket_id = registered("0903")
    assert [(one.ticket_id, one.shown) for one in decided()] == [(ticket_id, [])]
    with transaction() as session:
        assert "item_suggested" not in kinds(session, ticket_id)


def test_the_page_hands_the_form_what_it_has_to_bring_back(app: Flask) -> None:
    agent = signed_in_as(app, "agent")
    found = agent.get("/agent/suggest", query_string={"hotline": "12345", "text": LAMP}).get_json()
    agent.post(
        "/agent/tickets",
        data={
            "form_key": "0123456789abcdef",
            "hotline": "12345",
            "kind": "complaint",
            "text": LAMP,
            "item_code": STREET_ITEM,
            "contact_wish": "none",
            "shown": found["shown"],
        },
    )
    (kept,) = decided()
    assert [code for code, _ in kept.shown] == [item["code"] for item in found["items"]]
    assert [confidence for _, confidence in kept.shown] == [item["confidence"] for item in found["items"]]


def test_a_matter_sent_in_on_the_web_stands_under_the_best_suggestion(app: Flask) -> None:
    citizen = app.test_client()
    assert citizen.post("/p/new", data={"kind": "complaint", "text": LAMP}).status_code == 303
    (kept,) = decided()
    assert (kept.source, kept.staff_id) == ("web", None)
    assert kept.chosen == kept.shown[0][0]


def test_what_the_dialogue_understood_from_words_is_kept_once_and_keys_are_not(seeded: str) -> None:
    with transaction() as session:
        for number, source in enumerate(("speech", "keys")):
            call = calls.open_call(
                session,
                hotline="12345",
                dialled="12345",
                number="13800138000",
                system="simulated",
                system_id=f"learning-{number}",
                now=NOW,
            )
            calls.remember_words(call, LAMP, [{"code": "0801", "name": "路灯", "confidence": 0.9}])
            for _ in range(2):
                calls.understand(session, call, item_code="0801", confidence=0.9, source=source, now=NOW)
    deliver_all()
    (kept,) = decided()
    assert (kept.source, kept.ticket_id, kept.chosen) == ("ivr", None, "0801")
    assert (kept.shown, kept.text_sha256) == ([["0801", 0.9]], sha256_of(LAMP))


def test_a_dispatcher_gives_a_returned_ticket_the_right_item(app: Flask) -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
        order = dispatch.dispatch(session, ticket, actor="staff:6", now=NOW)
        assert order
        send_back(session, order.id, reason="不是占道", now=NOW)
        before = {clock.clock: clock.due_at for clock in ticket.clocks}
    desk = signed_in_as(app, "dispatcher")
    page = desk.get(f"/dispatch/tickets/{ticket.id}").text
    assert f'action="/dispatch/tickets/{ticket.id}/item"' in page
    assert f"现在是 {STREET_ITEM}" in page
    data = {"item_code": "0101 社保", "item_reason": "是社保问题"}
    assert desk.post(f"/dispatch/tickets/{ticket.id}/item", data=data).status_code == 303
    with transaction() as session:
        mended = tickets.get(session, ticket.id)
        assert mended.item.code == "0101"
        assert mended.tier == mended.item.tier
        after = {clock.clock: clock for clock in mended.clocks}
        limit = clocks.profile().limit("closing", mended.tier)
        assert after["closing"].started_at == NOW
        assert after["closing"].limit_text == str(limit)
        assert after["reply"].due_at == before["reply"]
        assert "item_changed" in kinds(session, ticket.id)
    assert [(one.source, one.chosen) for one in decided()] == [("correction", "0101")]
    assert "是社保问题" in desk.get(f"/agent/tickets/{mended.number}").text


def test_a_correction_that_changes_nothing_or_names_no_item_is_said_at_the_field(app: Flask) -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
    desk = signed_in_as(app, "dispatcher")
    for code, said in (
        (STREET_ITEM, "工单已经在这个事项之下"),
        ("9999", "目录中没有这个事项编码"),
        ("", "请填写或选择事项"),
    ):
        data = {"item_code": code, "item_reason": "试一试"}
        answer = desk.post(f"/dispatch/tickets/{ticket.id}/item", data=data)
        assert (answer.status_code, said in answer.text) == (400, True), code
    assert decided() == []


def test_nobody_changes_the_item_under_the_hands_of_a_department(app: Flask) -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
        dispatch.dispatch(session, ticket, actor="staff:6", now=NOW + timedelta(minutes=1))
    desk = signed_in_as(app, "dispatcher")
    answer = desk.post(
        f"/dispatch/tickets/{ticket.id}/item", data={"item_code": "0101", "item_reason": "是社保问题"}
    )
    assert (answer.status_code, "操作没有生效" in answer.text) == (409, True)
    assert decided() == []
