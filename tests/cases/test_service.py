"""One matter on two hotlines: the call and the ticket keep one case number, and cannot go in circles."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import select

from agents import intake
from agents import service as agents
from agents.handlers import on_call_answered, on_call_ended
from agents.intake import Matter
from hotline.callbacks.models import CallBack
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.calls.states import CallState
from hotline.cases import queries, service
from hotline.db import transaction
from hotline.errors import TransitionRefused
from hotline.event_log import Event
from hotline.legal.queries import is_with_a_lawyer
from hotline.staff.models import Staff
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from tests.tickets.matters import opened

NOW = datetime(2026, 3, 10, 2, tzinfo=UTC)
_numbers = count(1)


def agent(extension: str) -> int:
    with transaction() as session:
        return session.scalars(select(Staff.id).where(Staff.extension == extension)).one()


def wish(staff_id: int, now: datetime = NOW) -> service.Wish:
    return service.Wish(staff_id, "属于另一条热线", now)


def told(kind: str, call_id: int) -> None:
    """The newest fact of this kind reaches the agents."""
    handlers = {"call_answered": on_call_answered, "call_ended": on_call_ended}
    with transaction() as session:
        facts = select(Event).where(Event.kind == kind, Event.call_id == call_id).order_by(Event.id.desc())
        handlers[kind](session, session.scalars(facts.limit(1)).one())


def answered(staff_id: int, call_id: int) -> None:
    with transaction() as session:
        calls.answer(
            session,
            calls.get(session, call_id),
            staff_id=staff_id,
            system_id=f"leg-{next(_numbers)}",
            now=NOW + timedelta(seconds=20),
        )
    told("call_answered", call_id)


def talking(staff_id: int, hotline: str = "12348") -> int:
    """A citizen talks to this agent; the call's id."""
    number = next(_numbers)
    with transaction() as session:
        call = calls.open_call(
            session,
            hotline=hotline,
            dialled=hotline,
            number=f"1370000{number:04d}",
            system="simulated",
            system_id=f"case-{number}",
            now=NOW,
        )
        calls.enqueue(session, call, f"hotline_{hotline}", NOW)
        agents.become_available(session, staff_id, NOW)
    answered(staff_id, call.id)
    return call.id


def put_through(call_id: int, staff_id: int) -> Call:
    with transaction() as session:
        return agents.transfer(session, call_id, wish(staff_id))


def filed(call_id: int, staff_id: int, hotline: str, code: str) -> Ticket:
    matter = Matter(
        form_key=f"{next(_numbers):08d}",
        hotline=hotline,
        kind="consult",
        item_code=code,
        text="房东不退押金",
        call_id=call_id,
    )
    with transaction() as session:
        return intake.register(session, matter, staff_id=staff_id, now=NOW)


def state_of(staff_id: int) -> str:
    with transaction() as session:
        return agents.presence_of(session, staff_id, NOW).state


def kept(call_id: int) -> Call:
    with transaction() as session:
        return calls.get(session, call_id)


@pytest.mark.parametrize("files_first", [True, False])
def test_tickets_of_both_hotlines_share_the_case(seeded: str, files_first: bool) -> None:
    first, second = agent("1001"), agent("1002")
    call_id = talking(first)
    tickets_ = [filed(call_id, first, "12348", "L0402")] if files_first else []
    call = put_through(call_id, first)
    assert (call.state, call.queue, state_of(first)) == (CallState.QUEUED, "hotline_12345", "wrap_up")
    with transaction() as session:
        agents.become_available(session, second, NOW)
    answered(second, call_id)
    assert state_of(second) == "talking"
    tickets_.append(filed(call_id, second, "12345", "0801"))
    assert {ticket.case_number for ticket in tickets_} == {kept(call_id).case_number}
    if files_first:
        assert kept(call_id).case_number == tickets_[0].number
    with transaction() as session:
        moves = queries.moves(session, kept(call_id).case_number)
        assert [(m.from_hotline, m.to_hotline, m.staff_id) for m in moves] == [("12348", "12345", first)]


def test_a_call_put_through_counts_as_answered_once_when_it_was_answered_first(seeded: str) -> None:
    first, second = agent("1001"), agent("1002")
    call_id = talking(first)
    before = kept(call_id)
    put_through(call_id, first)
    with transaction() as session:
        agents.become_available(session, second, NOW)
    answered(second, call_id)
    after = kept(call_id)
    assert (after.queued_at, after.answered_at) == (before.queued_at, before.answered_at)
    assert (after.staff_id, after.hotline, service.serving(after)) == (second, "12348", "12345")


def test_who_hangs_up_between_two_agents_is_rung_back_and_still_counts_as_answered(seeded: str) -> None:
    first = agent("1001")
    call_id = talking(first)
    put_through(call_id, first)
    with transaction() as session:
        calls.end(session, calls.get(session, call_id), NOW + timedelta(minutes=2))
    told("call_ended", call_id)
    assert kept(call_id).end_reason == "answered"
    with transaction() as session:
        assert session.scalars(select(CallBack.reason).where(CallBack.call_id == call_id)).all() == [
            "abandoned"
        ]


def test_when_the_telephone_refuses_both_talk_on_as_before(seeded: str) -> None:
    first = agent("1001")
    call_id = talking(first)
    put_through(call_id, first)
    with transaction() as session:
        agents.keep_talking(session, call_id, "hotline_12348", wish(first))
    call = kept(call_id)
    assert (call.state, call.staff_id, call.queue, state_of(first)) == (
        CallState.ANSWERED,
        first,
        "hotline_12348",
        "talking",
    )


def test_nobody_puts_through_the_caller_of_another(seeded: str) -> None:
    call_id = talking(agent("1001"))
    with pytest.raises(TransitionRefused):
        put_through(call_id, agent("1002"))


def test_a_case_that_goes_in_circles_stays_and_is_the_supervisors(seeded: str) -> None:
    with transaction() as session:
        ticket = opened(session, now=NOW, item_code="2009")
    for code in ("L1202", "2009", "L1202"):
        with transaction() as session:
            service.refer_ticket(session, tickets.get(session, ticket.id), code, wish(agent("1001")))
    with pytest.raises(service.CaseIsStuck), transaction() as session:
        service.refer_ticket(session, tickets.get(session, ticket.id), "2009", wish(agent("1001")))
    with transaction() as session:
        service.report_stuck(session, tickets.get(session, ticket.id), wish(agent("1001")))
        assert session.scalars(queries.stuck()).one().case_number == ticket.number


def test_a_ticket_for_the_other_hotline_keeps_its_number_and_stays_open(seeded: str) -> None:
    with transaction() as session:
        ticket = opened(session, now=NOW, item_code="2009")
        service.refer_ticket(session, ticket, "L0402", wish(agent("1001")))
        assert (ticket.hotline, ticket.item.code, ticket.state) == ("12348", "L0402", "registered")
        assert ticket.case_number == ticket.number
        assert not is_with_a_lawyer(session, ticket.id)
