"""One agent's day: available, a call, wrap-up, a pause."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from agents import jobs, service
from agents.states import AgentState, Disposition, PauseReason
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.db import transaction
from hotline.errors import InvalidInput, TransitionRefused
from hotline.event_log import Event
from tests.agents.people import NOW, agent, presence, react, waiting_call


def _moves(staff_id: int) -> list[tuple[str, str]]:
    with transaction() as session:
        facts = session.scalars(
            select(Event).where(Event.kind == "agent_state_changed").order_by(Event.id)
        ).all()
        return [(f.data["old"], f.data["new"]) for f in facts if f.data["staff_id"] == staff_id]


def _on_a_call(staff_id: int, name: str = "call-1") -> int:
    """The agent's telephone rang and they talk; returns the call's id."""
    with transaction() as session:
        call = waiting_call(session, name)
        calls.ring_agent(session, call, staff_id=staff_id, system_id="leg", now=NOW)
    react()
    with transaction() as session:
        call = calls.get(session, call.id)
        calls.answer(session, call, staff_id=staff_id, system_id="leg", now=NOW + timedelta(seconds=4))
    react()
    return call.id


def _hang_up(call_id: int) -> None:
    with transaction() as session:
        calls.end(session, calls.get(session, call_id), NOW + timedelta(minutes=3))
    react()


def test_an_agent_takes_a_call_wraps_it_up_and_takes_the_next(database: str) -> None:
    with transaction() as session:
        me = agent(session).id
        service.become_available(session, me, NOW)
    call_id = _on_a_call(me)
    assert presence(me) == ("talking", None, call_id)
    _hang_up(call_id)
    assert presence(me) == ("wrap_up", None, call_id)
    with transaction() as session:
        service.finish_wrap_up(session, me, Disposition.TICKET, NOW + timedelta(minutes=4))
    assert presence(me) == ("available", None, None)
    with transaction() as session:
        assert session.get_one(Call, call_id).disposition == "ticket"
    assert _moves(me) == [
        ("signed_out", "available"),
        ("available", "ringing"),
        ("ringing", "talking"),
        ("talking", "wrap_up"),
        ("wrap_up", "available"),
    ]


def test_facts_told_twice_change_nothing(database: str) -> None:
    with transaction() as session:
        me = agent(session).id
        service.become_available(session, me, NOW)
    call_id = _on_a_call(me)
    react()
    _hang_up(call_id)
    react()
    assert presence(me) == ("wrap_up", None, call_id)
    assert len(_moves(me)) == 4


def test_after_wrap_up_an_agent_may_pause_at_once(database: str) -> None:
    with transaction() as session:
        me = agent(session).id
        service.become_available(session, me, NOW)
    _hang_up(_on_a_call(me))
    with transaction() as session:
        service.finish_wrap_up(session, me, Disposition.ANSWERED, NOW, then_pause=PauseReason.MEAL)
    assert presence(me) == ("paused", "meal", None)


def test_wrap_up_needs_a_disposition_and_a_call(database: str) -> None:
    with transaction() as session:
        me = agent(session).id
        service.become_available(session, me, NOW)
    with pytest.raises(TransitionRefused), transaction() as session:
        service.finish_wrap_up(session, me, Disposition.TICKET, NOW)
    _hang_up(_on_a_call(me))
    with pytest.raises(InvalidInput), transaction() as session:
        service.finish_wrap_up(session, me, Disposition.NOT_GIVEN, NOW)
    assert presence(me)[0] == "wrap_up"


def test_wrap_up_that_lasts_too_long_ends_by_itself(database: str) -> None:
    with transaction() as session:
        me = agent(session).id
        service.become_available(session, me, NOW)
    call_id = _on_a_call(me)
    _hang_up(call_id)
    hung_up = NOW + timedelta(minutes=3)
    assert jobs.end_overdue_wrap_ups(hung_up + timedelta(seconds=119)) == 0
    assert jobs.end_overdue_wrap_ups(hung_up + timedelta(seconds=120)) == 1
    assert presence(me) == ("available", None, None)
    with transaction() as session:
        assert session.get_one(Call, call_id).disposition == "not_given"


def test_nobody_pauses_or_leaves_while_talking(database: str) -> None:
    with transaction() as session:
        me = agent(session).id
        service.become_available(session, me, NOW)
    call_id = _on_a_call(me)
    with pytest.raises(TransitionRefused), transaction() as session:
        service.pause(session, me, PauseReason.BREAK, NOW)
    with transaction() as session:
        service.leave(session, me, NOW)
    assert presence(me) == ("talking", None, call_id)


def test_an_agent_who_does_not_answer_is_paused_and_the_caller_goes_on_waiting(database: str) -> None:
    with transaction() as session:
        me = agent(session).id
        service.become_available(session, me, NOW)
        call = waiting_call(session, "call-1")
        calls.ring_agent(session, call, staff_id=me, system_id="leg", now=NOW)
    react()
    assert presence(me)[0] == "ringing"
    with transaction() as session:
        calls.miss_ring(
            session, calls.get(session, call.id), system_id="leg", now=NOW + timedelta(seconds=20)
        )
    react()
    assert presence(me) == ("paused", "no_answer", None)
    with transaction() as session:
        assert calls.get(session, call.id).state == "queued"


def test_a_caller_who_hangs_up_during_the_ring_frees_the_agent(database: str) -> None:
    with transaction() as session:
        me = agent(session).id
        service.become_available(session, me, NOW)
        call = waiting_call(session, "call-1")
        calls.ring_agent(session, call, staff_id=me, system_id="leg", now=NOW)
    react()
    with transaction() as session:
        calls.end(session, calls.get(session, call.id), NOW + timedelta(seconds=5))
    react()
    assert presence(me) == ("available", None, None)


def test_who_signs_out_of_the_site_leaves_the_line(database: str) -> None:
    from hotline.staff.service import sign_out

    with transaction() as session:
        me = agent(session).id
        service.become_available(session, me, NOW)
        sign_out(session, me, NOW)
    react()
    assert presence(me)[0] == AgentState.SIGNED_OUT
