"""The review desk: who has a ticket, what goes back to the agent, what is not ours or taken back."""

import pytest
from sqlalchemy import select

from dispatch import handlers, outcomes, review, service
from dispatch.models import WorkOrder
from hotline.callbacks.models import CallBack
from hotline.db import transaction
from hotline.errors import InvalidInput, TransitionRefused
from hotline.event_log import Event
from hotline.surveys.models import Survey
from hotline.tickets import mending, notes
from hotline.tickets import outcomes as ends
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket, TicketClock
from hotline.tickets.states import TicketState
from sms import handlers as sms
from sms.models import SmsMessage
from tests.dispatch.people import DISPATCHER, NOW, STREET_ITEM, kinds, open_ticket, send_back, states
from tests.dispatch.test_reactions import tell

AGENT = "staff:1"
WANG, LI = 6, 7

pytestmark = pytest.mark.usefixtures("seeded")


def registered(**wish: object) -> int:
    with transaction() as session:
        return open_ticket(session, STREET_ITEM, **wish).id


def ticket_of(ticket_id: int) -> Ticket:
    with transaction() as session:
        return tickets.get(session, ticket_id)


def turned_away(code: str = "court", **wish: object) -> int:
    ticket_id = registered(**wish)
    with transaction() as session:
        ticket = tickets.get(session, ticket_id)
        review.name_legal_route(session, ticket, code, explanation="已代为查询。", actor=DISPATCHER, now=NOW)
    return ticket_id


def clocks(ticket_id: int) -> list[tuple[str, int, bool, bool | None]]:
    """(clock, round, stopped, met) of those the citizen waits by"""
    with transaction() as session:
        ours = TicketClock.clock.in_(["closing", "reply"])
        rows = session.scalars(select(TicketClock).where(TicketClock.ticket_id == ticket_id, ours))
        return sorted((row.clock, row.round, row.stopped_at is not None, row.met) for row in rows)


def test_a_reviewer_takes_a_ticket_and_another_takes_it_over_on_record() -> None:
    ticket_id = registered()
    for staff_id in (WANG, WANG, LI):
        with transaction() as session:
            review.take(session, tickets.get(session, ticket_id), staff_id=staff_id, now=NOW)
    ticket = ticket_of(ticket_id)
    assert (ticket.state, ticket.reviewer_id) == ("in_review", LI)
    with transaction() as session:
        taken = session.scalars(
            select(Event.data).where(Event.kind == "review_taken").order_by(Event.id)
        ).all()
    assert [(one["staff_id"], one["from_staff_id"]) for one in taken] == [(WANG, None), (LI, WANG)]


def test_what_was_dispatched_and_came_back_is_nobodys_again() -> None:
    ticket_id = registered()
    with transaction() as session:
        ticket = tickets.get(session, ticket_id)
        review.take(session, ticket, staff_id=WANG, now=NOW)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=NOW)
        assert order is not None
        send_back(session, order.id)
    assert (ticket_of(ticket_id).state, ticket_of(ticket_id).reviewer_id) == ("in_review", None)


def test_a_ticket_that_is_out_cannot_be_taken_into_review() -> None:
    ticket_id = registered()
    with transaction() as session:
        service.dispatch(session, tickets.get(session, ticket_id), actor=DISPATCHER, now=NOW)
    with pytest.raises(TransitionRefused), transaction() as session:
        review.take(session, tickets.get(session, ticket_id), staff_id=WANG, now=NOW)


def test_the_agent_reads_what_is_missing_mends_it_and_registers_again() -> None:
    ticket_id = registered()
    with transaction() as session:
        ticket = tickets.get(session, ticket_id)
        review.return_to_agent(session, ticket, missing=" 哪条路？ ", actor=DISPATCHER, now=NOW)
        assert notes.newest(session, [ticket_id], "return_to_agent")[ticket_id].note == "哪条路？"
    mended = mending.Mended(text="建设路占道经营", place="建设路8号", area_id=None, item_code="0804")
    with transaction() as session:
        ticket = tickets.get(session, ticket_id)
        assert mending.register_again(session, ticket, mended, reason="补充", actor=AGENT, now=NOW)
        told = session.scalars(select(Event.data).where(Event.kind == "ticket_mended")).one()
        before = notes.newest(session, [ticket_id], "said_before")[ticket_id]
    assert (ticket.state, ticket.text, ticket.place) == ("registered", "建设路占道经营", "建设路8号")
    assert (ticket.item.code, told["changed"], before.note) == ("0804", "text,place,item", "占道经营")


def test_registered_again_as_it_was_nothing_is_said_to_have_changed() -> None:
    ticket_id = registered()
    with transaction() as session:
        ticket = tickets.get(session, ticket_id)
        review.return_to_agent(session, ticket, missing="请核实", actor=DISPATCHER, now=NOW)
        same = mending.Mended(ticket.text, "", ticket.area_id, ticket.item.code)
        assert not mending.register_again(session, ticket, same, reason="补充", actor=AGENT, now=NOW)
        assert session.scalars(select(Event.data).where(Event.kind == "ticket_mended")).one()["changed"] == ""


def test_a_mended_ticket_needs_words_and_a_returned_one_a_reason() -> None:
    ticket_id = registered()
    with pytest.raises(InvalidInput), transaction() as session:
        review.return_to_agent(
            session, tickets.get(session, ticket_id), missing=" \n", actor=DISPATCHER, now=NOW
        )
    with transaction() as session:
        review.return_to_agent(
            session, tickets.get(session, ticket_id), missing="地点", actor=DISPATCHER, now=NOW
        )
    empty = mending.Mended(" ", "", None, STREET_ITEM)
    with pytest.raises(InvalidInput), transaction() as session:
        mending.register_again(
            session, tickets.get(session, ticket_id), empty, reason="补充", actor=AGENT, now=NOW
        )
    assert ticket_of(ticket_id).state == "with_agent"


def test_a_matter_for_the_court_ends_with_the_way_there_told_by_text_and_no_survey() -> None:
    ticket_id = turned_away()
    tell(sms.on_ticket_turned_away, "ticket_turned_away")
    ticket = ticket_of(ticket_id)
    assert (ticket.state, ticket.closures, ticket.released_at) == ("legal_route", 1, NOW)
    assert "人民法院" in (ticket.public_reply or "")
    assert (ticket.public_reply or "").endswith("已代为查询。")
    with transaction() as session:
        texts = session.scalars(select(SmsMessage).where(SmsMessage.ticket_id == ticket_id)).all()
        assert [text.template for text in texts] == ["outcome_notice"]
        assert ticket.number in texts[0].text
        assert "法院" not in texts[0].text  # Z40
        assert session.scalars(select(Survey)).all() == []
    assert clocks(ticket_id) == [("closing", 1, True, True), ("reply", 1, True, True)]


def test_who_wished_to_be_rung_is_rung_by_a_person() -> None:
    ticket_id = turned_away(contact_wish="phone")
    tell(sms.on_ticket_turned_away, "ticket_turned_away")
    with transaction() as session:
        task = session.scalars(select(CallBack)).one()
        assert (task.reason, task.ticket_id) == ("result", ticket_id)
        assert session.scalars(select(SmsMessage)).all() == []


def test_a_foreigner_reads_the_way_in_english() -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
        assert ticket.caller
        ticket.caller.language = "en"
        review.name_legal_route(session, ticket, "arbitration", actor=DISPATCHER, now=NOW)
        assert ticket.public_reply == outcomes.reason(TicketState.LEGAL_ROUTE, "arbitration").text_en


def test_a_secret_that_was_told_is_opened_for_a_purpose_only_from_then_on() -> None:
    """Z06: not processed, and its text is out of sight."""
    registered_id = registered()
    with transaction() as session:
        ticket = tickets.get(session, registered_id)
        review.not_accept(
            session, ticket, "secrets", explanation="请勿通过热线反映。", actor=DISPATCHER, now=NOW
        )
        assert ticket.confidential


def test_what_is_not_accepted_is_explained() -> None:
    ticket_id = registered()
    with transaction() as session:
        ticket = tickets.get(session, ticket_id)
        for explanation, code in ((" ", "no_matter"), ("说明", "because")):
            with pytest.raises(InvalidInput):
                review.not_accept(session, ticket, code, explanation=explanation, actor=DISPATCHER, now=NOW)
        review.not_accept(session, ticket, "no_matter", explanation="请写明地点。", actor=DISPATCHER, now=NOW)
    ticket = ticket_of(ticket_id)
    assert ticket.state == "not_accepted"
    assert (ticket.public_reply or "").endswith("请写明地点。")


def test_every_reason_has_a_name_and_words_in_both_languages() -> None:
    for outcome in outcomes.OUTCOMES:
        for one in outcomes.reasons(outcome).values():
            assert all((one.name, one.name_en, one.text, one.text_en)), one.code


@pytest.mark.parametrize("end", ["legal_route", "withdrawn"])
def test_the_desk_looks_again_and_the_clocks_start_anew(end: str) -> None:
    ticket_id = turned_away() if end == "legal_route" else taken_back()
    with transaction() as session:
        ends.reconsider(
            session, tickets.get(session, ticket_id), reason="有新材料", actor=DISPATCHER, now=NOW
        )
    ticket = ticket_of(ticket_id)
    assert (ticket.state, ticket.released_at, ticket.closed_at) == ("in_review", None, None)
    assert [row[:3] for row in clocks(ticket_id)] == [
        ("closing", 1, True),
        ("closing", 2, False),
        ("reply", 1, True),
        ("reply", 2, False),
    ]
    with transaction() as session:
        assert service.dispatch(session, tickets.get(session, ticket_id), actor=DISPATCHER, now=NOW)


def taken_back() -> int:
    """By the citizen, while a department works on it."""
    ticket_id = registered()
    with transaction() as session:
        ticket = tickets.get(session, ticket_id)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=NOW)
        assert order is not None
        service.accept(session, order.id, responsible_person="王工", actor="staff:9", now=NOW)
    with transaction() as session:
        ends.withdraw(session, tickets.get(session, ticket_id), reason="已自行解决", actor=AGENT, now=NOW)
    tell(handlers.on_ticket_withdrawn, "ticket_withdrawn")
    return ticket_id


def test_what_the_citizen_takes_back_is_taken_from_whoever_works_on_it() -> None:
    ticket_id = taken_back()
    ticket = ticket_of(ticket_id)
    assert (ticket.state, ticket.closed_at) == ("withdrawn", NOW)
    assert clocks(ticket_id) == [("closing", 1, True, None), ("reply", 1, True, None)]
    with transaction() as session:
        assert [state for _organisation, state in states(session, ticket_id)] == ["withdrawn"]
        order = session.scalars(select(WorkOrder)).one()
        assert kinds(session, ticket_id).count("work_order_declined") == 1
    with pytest.raises(TransitionRefused), transaction() as session:
        service.begin(session, order.id, contact_note="约好", actor="staff:9", now=NOW)


def test_what_was_answered_can_no_longer_be_taken_back() -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
        tickets.release(session, ticket, public_reply="已修好", actor=DISPATCHER, now=NOW)
    with pytest.raises(TransitionRefused), transaction() as session:
        ends.withdraw(session, tickets.get(session, ticket.id), reason="不用了", actor=AGENT, now=NOW)
