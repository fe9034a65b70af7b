"""S02: numbers are masked; a look at one needs a purpose, is on record, and lasts ten minutes."""

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select, text

from hotline.callers.queries import revealed_to
from hotline.db import transaction
from hotline.event_log import Event
from tests.agents.people import NOW, agent, sign_in_as, waiting_call

NUMBER = "+8613800138000"
MASKED = "138●●●●8000"


def _call_in_hand(client: FlaskClient) -> tuple[int, int]:
    """An agent whose telephone rings; (call, caller)."""
    from agents import service

    with transaction() as session:
        me = agent(session).id
        call = waiting_call(session, "call-1")
        service.become_available(session, me, NOW)
        service.ring(session, me, call, NOW)
    sign_in_as(client, me)
    assert call.caller_id
    return call.id, call.caller_id


def test_the_screen_pop_shows_a_masked_number_until_a_purpose_is_given(client: FlaskClient) -> None:
    call_id, caller_id = _call_in_hand(client)
    page = client.get("/agent").text
    assert MASKED in page
    assert NUMBER not in page and "13800138000" not in page
    data = {"purpose": "断线回拨", "call_id": str(call_id), "next": "/agent"}
    assert client.post(f"/reveal/{caller_id}", data=data).headers["Location"] == "/agent"
    assert NUMBER in client.get("/agent").text
    with transaction() as session:
        fact = session.scalars(select(Event).where(Event.kind == "contact_revealed")).one()
        assert (fact.data["purpose"], fact.call_id) == ("断线回拨", call_id)


def test_without_a_purpose_nothing_is_shown(client: FlaskClient) -> None:
    _call_id, caller_id = _call_in_hand(client)
    client.post(f"/reveal/{caller_id}", data={"purpose": "  ", "next": "/agent"})
    page = client.get("/agent").text
    assert NUMBER not in page
    assert "请写明查看号码的用途" in page


def test_one_persons_look_shows_the_number_to_nobody_else_and_not_for_long(client: FlaskClient) -> None:
    _call_id, caller_id = _call_in_hand(client)
    client.post(f"/reveal/{caller_id}", data={"purpose": "断线回拨"})
    with transaction() as session:
        me, other = agent(session, "1001").id, agent(session, "1002").id
        at = session.scalars(select(Event.at).where(Event.kind == "contact_revealed")).one()
        assert revealed_to(session, f"staff:{me}", at + timedelta(minutes=9)) == {caller_id}
        assert revealed_to(session, f"staff:{me}", at + timedelta(minutes=10)) == frozenset()
        assert revealed_to(session, f"staff:{other}", at) == frozenset()


def test_who_has_no_right_to_contacts_is_refused(client: FlaskClient) -> None:
    _call_id, caller_id = _call_in_hand(client)
    with transaction() as session:
        manager = agent(session, "manager").id
    sign_in_as(client, manager)
    assert client.post(f"/reveal/{caller_id}", data={"purpose": "x"}).status_code == 403


def test_impossible_ids_are_a_clear_refusal(client: FlaskClient) -> None:
    _call_in_hand(client)
    assert client.post("/reveal/999999", data={"purpose": "x"}).status_code == 404
    assert client.post(f"/reveal/{10**30}", data={"purpose": "x"}).status_code == 400
    with transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM event_log WHERE kind = 'contact_revealed'")) == 0
