"""A matter from its first word to its last answer: what is refused, which clocks run, who comes too late."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm.exc import StaleDataError

from hotline.callers.service import caller_for
from hotline.catalogue.models import Item
from hotline.db import transaction
from hotline.errors import HotlineError, InvalidInput, NotFound, TransitionRefused
from hotline.event_log import Event
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket, TicketClock
from hotline.tickets.queries import by_number
from hotline.tickets.states import MOVES, PUBLIC_STATE, TicketState
from tests.tickets.matters import AGENT, NOW, closed, facts, last_fact, matter, opened

SECOND = timedelta(seconds=1)
BAD: list[tuple[dict[str, Any], str]] = [
    ({"text": ""}, "text"),
    ({"text": " \n\u3000"}, "text"),
    ({"text": "灯" * 5001}, "text"),
    ({"text": "路灯\0不亮"}, "text"),
    ({"place": "路" * 201}, "place"),
    ({"place": "中山路\0"}, "place"),
    ({"channel": "pigeon"}, "channel"),
    ({"kind": ""}, "kind"),
    ({"kind": "rumour"}, "kind"),
    ({"contact_wish": "letter"}, "contact_wish"),
    ({"area_id": 987654321}, "area_id"),
]


def clocks(ticket_id: int) -> dict[tuple[str, int], TicketClock]:
    with transaction() as session:
        rows = session.scalars(select(TicketClock).where(TicketClock.ticket_id == ticket_id)).all()
    return {(row.clock, row.round): row for row in rows}


def count(table: type[Any]) -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_what_is_wrong_is_named_and_nothing_is_kept(seeded: str) -> None:
    before = (count(Ticket), count(TicketClock), count(Event))
    for changes, field in BAD:
        with pytest.raises(InvalidInput) as refused, transaction() as session:
            opened(session, **changes)
        assert refused.value.field == field
    assert (count(Ticket), count(TicketClock), count(Event)) == before


def test_a_ticket_needs_an_item_of_its_hotlines_live_catalogue(seeded: str) -> None:
    before = count(Ticket)
    for hotline, code in (("12345", "9999"), ("12345", "L0101"), ("12348", "0801"), ("99999", "0801")):
        with pytest.raises(HotlineError, match="has no") as refused, transaction() as session:
            opened(session, hotline=hotline, item_code=code)
        assert refused.value.code == "unknown_item"
    assert count(Ticket) == before


def test_an_open_ticket_has_a_number_a_code_and_two_running_clocks(seeded: str) -> None:
    with transaction() as session:
        ticket = opened(session, text="  路灯不亮\n", place=" 中山路 ")
        assert facts(session, ticket.id) == ["ticket_opened", "clock_started", "clock_started"]
        assert last_fact(session, "ticket_opened")["category_code"] == "08"
    assert ticket.state == TicketState.REGISTERED
    assert (ticket.text, ticket.place) == ("路灯不亮", "中山路")
    assert len(ticket.query_code) == 6
    running = clocks(ticket.id)
    closing, reply = running["closing", 1], running["reply", 1]
    assert closing.limit_text.endswith("calendar days")
    assert closing.calendar == "2026/1"
    assert (reply.due_at, reply.limit_text) == (NOW + timedelta(hours=72), "72 hours")
    assert not closing.stopped_at
    assert not reply.stopped_at


def test_the_number_carries_the_citizens_date_not_the_servers(seeded: str) -> None:
    late = datetime(2026, 3, 10, 16, 30, tzinfo=UTC)  # half past midnight on the 11th
    with transaction() as session:
        assert opened(session, now=late).number.startswith("GD20260311")


def test_somebody_without_a_number_gets_no_messages_and_consents_to_nothing(seeded: str) -> None:
    with transaction() as session:
        ticket = opened(session, number=None, contact_wish="sms", share_contact=True)
        assert (ticket.contact_wish, ticket.share_contact) == ("none", False)
        assert "contact_consent_given" not in facts(session, ticket.id)


def test_consent_to_pass_the_contact_on_is_a_fact_of_its_own(seeded: str) -> None:
    with transaction() as session:
        ticket = opened(session, share_contact=True)
        assert "contact_consent_given" in facts(session, ticket.id)


def test_some_matters_are_confidential_whether_asked_or_not(seeded: str) -> None:
    with transaction() as session:
        delicate = session.scalars(select(Item).where(Item.confidential_default).limit(1)).one()
        hotline = delicate.version.hotline
        assert opened(session, hotline=hotline, item_code=delicate.code).confidential
        assert not opened(session).confidential
        assert opened(session, confidential=True).confidential


@pytest.mark.parametrize("old", list(TicketState))
def test_only_the_moves_of_the_table_are_made(seeded: str, old: TicketState) -> None:
    for new in TicketState:
        with transaction() as session:
            ticket = opened(session)
            ticket.state, ticket.organisation_id = old, 1
            session.flush()
            before = facts(session, ticket.id).count("ticket_state_changed")
            if new in MOVES[old]:
                tickets.move(session, ticket, new, actor=AGENT, now=NOW, reason="why")
                told = last_fact(session, "ticket_state_changed")
                assert (told["old"], told["new"], told["reason"]) == (old, new, "why")
            else:
                with pytest.raises(TransitionRefused):
                    tickets.move(session, ticket, new, actor=AGENT, now=NOW)
            moved = new in MOVES[old]
            assert ticket.state == (new if moved else old)
            assert facts(session, ticket.id).count("ticket_state_changed") == before + moved


def test_every_state_can_be_reached_has_a_way_to_the_end_and_words_for_the_citizen() -> None:
    def reachable(start: TicketState) -> set[TicketState]:
        reached, frontier = {start}, [start]
        while frontier:
            fresh = MOVES[frontier.pop()] - reached
            reached |= fresh
            frontier += fresh
        return reached

    assert reachable(TicketState.REGISTERED) == set(TicketState)
    assert all(TicketState.CLOSED in reachable(state) for state in TicketState)
    assert set(PUBLIC_STATE) == set(TicketState)


def test_the_database_itself_refuses_a_state_nobody_knows(seeded: str) -> None:
    with pytest.raises(Exception, match="ck_ticket_state"), transaction() as session:
        ticket = opened(session)
        session.execute(text("UPDATE ticket SET state = 'lost' WHERE id = :id"), {"id": ticket.id})


def test_the_database_itself_refuses_a_ticket_at_work_that_nobody_answers_for(seeded: str) -> None:
    with pytest.raises(Exception, match="ck_ticket_held_by_one"), transaction() as session:
        ticket = opened(session)
        session.execute(text("UPDATE ticket SET state = 'in_hand' WHERE id = :id"), {"id": ticket.id})


def test_a_move_tells_which_organisation_answers_for_the_ticket(seeded: str) -> None:
    with transaction() as session:
        ticket = opened(session)
        tickets.move(session, ticket, TicketState.DISPATCHED, actor=AGENT, now=NOW)
        assert last_fact(session, "ticket_state_changed")["organisation_id"] is None
        tickets.assign(ticket, 1)
        tickets.move(session, ticket, TicketState.CLAIMED, actor=AGENT, now=NOW)
        assert last_fact(session, "ticket_state_changed")["organisation_id"] == 1


def test_who_looks_at_the_ticket_again_in_the_same_act_sees_what_its_facts_say(seeded: str) -> None:
    """A refresh drops what is not in the tables yet: a fact may not stand alone."""
    with transaction() as session:
        ticket = opened(session)
        tickets.move(session, ticket, TicketState.DISPATCHED, actor=AGENT, now=NOW)
        session.refresh(ticket, with_for_update=True)
        assert ticket.state == TicketState.DISPATCHED


def test_a_ticket_closes_only_with_an_answer_the_citizen_can_read(seeded: str) -> None:
    with transaction() as session:
        ticket = opened(session)
        with pytest.raises(InvalidInput, match="public_reply"):
            tickets.close_on_the_phone(session, ticket, reply=" \n", actor=AGENT, now=NOW)
        assert ticket.state == TicketState.REGISTERED
        assert "ticket_closed" not in facts(session, ticket.id)


@pytest.mark.parametrize(
    ("after", "on_time"), [(-SECOND, True), (0 * SECOND, True), (SECOND / 1_000_000, False), (SECOND, False)]
)
def test_the_second_it_is_due_is_in_time_and_the_next_moment_is_late(
    seeded: str, after: timedelta, on_time: bool
) -> None:
    with transaction() as session:
        ticket = opened(session)
        due = next(clock.due_at for clock in ticket.clocks if clock.clock == "closing")
        tickets.close_on_the_phone(session, ticket, reply="已修好", actor=AGENT, now=due + after)
        assert last_fact(session, "ticket_closed") == {"closure": 1, "on_time": on_time}
    stopped = clocks(ticket.id)["closing", 1]
    assert (stopped.stopped_at, stopped.met) == (due + after, on_time)


def test_the_answer_stops_the_reply_clock_and_a_second_answer_does_not_mend_it(seeded: str) -> None:
    with transaction() as session:
        ticket = opened(session)
        tickets.assign(ticket, 1)
        for state in (TicketState.DISPATCHED, TicketState.CLAIMED, TicketState.IN_HAND):
            tickets.move(session, ticket, state, actor=AGENT, now=NOW)
        late = NOW + timedelta(hours=72) + SECOND
        tickets.answer(session, ticket, actor="organisation:1", now=late)
        tickets.move(session, ticket, TicketState.IN_HAND, actor=AGENT, now=late)
        tickets.answer(session, ticket, actor="organisation:1", now=late + SECOND)
        stopped = select(Event.data).where(Event.ticket_id == ticket.id, Event.kind == "clock_stopped")
        assert [data["clock"] for data in session.scalars(stopped)].count("reply") == 1
    reply = clocks(ticket.id)["reply", 1]
    assert (reply.stopped_at, reply.met) == (late, False)
    assert clocks(ticket.id)["closing", 1].stopped_at is None


def test_a_matter_answered_on_the_phone_closes_at_once_and_says_so(seeded: str) -> None:
    with transaction() as session:
        ticket = opened(session)
        tickets.close_on_the_phone(session, ticket, reply=" 请带身份证。 ", actor=AGENT, now=NOW)
        assert (ticket.state, ticket.public_reply, ticket.closed_at) == ("closed", "请带身份证。", NOW)
        assert last_fact(session, "ticket_state_changed")["reason"] == "answered_on_the_phone"
    assert all(clock.met for clock in clocks(ticket.id).values())


def test_opened_again_the_ticket_has_new_clocks_and_the_old_results_stay(seeded: str) -> None:
    again, end = NOW + timedelta(days=9), NOW + timedelta(days=40)
    with transaction() as session:
        ticket = closed(session)
        tickets.reopen(session, ticket, reason="又坏了", actor=AGENT, now=again)
        assert (ticket.state, ticket.closed_at, ticket.closures) == (TicketState.REOPENED, None, 1)
        tickets.close_on_the_phone(session, ticket, reply="换了灯泡", actor=AGENT, now=end)
        assert last_fact(session, "ticket_closed") == {"closure": 2, "on_time": False}
    found = clocks(ticket.id)
    assert set(found) == {("closing", 1), ("reply", 1), ("closing", 2), ("reply", 2)}
    assert found["closing", 1].met
    assert found["closing", 2].started_at == again
    assert not found["closing", 2].met


def test_opening_again_needs_a_reason_and_a_closed_ticket(seeded: str) -> None:
    with transaction() as session:
        done, still_open = closed(session), opened(session)
        with pytest.raises(InvalidInput, match="reason"):
            tickets.reopen(session, done, reason=" ", actor=AGENT, now=NOW)
        with pytest.raises(TransitionRefused):
            tickets.reopen(session, still_open, reason="又坏了", actor=AGENT, now=NOW)
        assert len(clocks(done.id)) <= 2


def test_of_two_people_who_close_the_same_ticket_one_is_told(seeded: str) -> None:
    with transaction() as session:
        ticket_id = opened(session).id
    with pytest.raises(StaleDataError), transaction() as slow:
        mine = tickets.get(slow, ticket_id)
        with transaction() as quick:
            theirs = tickets.get(quick, ticket_id)
            tickets.close_on_the_phone(quick, theirs, reply="先办结", actor="staff:2", now=NOW)
        tickets.close_on_the_phone(slow, mine, reply="后办结", actor=AGENT, now=NOW)
    with transaction() as session:
        assert tickets.get(session, ticket_id).public_reply == "先办结"
        assert facts(session, ticket_id).count("ticket_closed") == 1


def test_the_page_of_whoever_came_second_says_that_it_changed_meanwhile(own_app: Flask) -> None:
    with transaction() as session:
        ticket_id = opened(session).id

    def slow() -> str:
        with transaction() as session:
            mine = tickets.get(session, ticket_id)
            with transaction() as quick:
                tickets.assign(tickets.get(quick, ticket_id), 1)
            tickets.assign(mine, 2)
        return "saved"

    own_app.add_url_rule("/slow", view_func=slow)
    answer = own_app.test_client().get("/slow")
    assert answer.status_code == 409
    assert "changed_meanwhile" in answer.text or "修改" in answer.text


def test_a_ticket_nobody_has_is_not_found(seeded: str) -> None:
    with transaction() as session:
        for look in (lambda: tickets.get(session, 404), lambda: by_number(session, "GD404")):
            with pytest.raises(NotFound):
                look()


def test_the_caller_of_a_ticket_is_kept_once(seeded: str) -> None:
    with transaction() as session:
        first, second = opened(session), opened(session)
        assert first.caller_id == second.caller_id == caller_for(session, "+8613800138000", NOW).id
        assert matter().caller_id is None
