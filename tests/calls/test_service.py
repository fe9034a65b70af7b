"""A call told twice is one call; every end has one reason; the counters sum."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline import clock
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.calls.states import MOVES, CallState, EndReason
from hotline.db import transaction
from hotline.errors import TransitionRefused
from hotline.event_log import Event

NOW = clock.now()


def opened(system_id: str = "c1", number: str | None = "13800138000") -> int:
    with transaction() as session:
        call = calls.open_call(
            session,
            hotline="12345",
            dialled="12345",
            number=number,
            system="asterisk",
            system_id=system_id,
            now=NOW,
        )
        return call.id


def test_a_call_the_system_tells_us_of_twice_is_one_call(database: str) -> None:
    assert opened() == opened()
    with transaction() as session:
        assert len(session.scalars(select(Event).where(Event.kind == "call_received")).all()) == 1


def test_a_withheld_number_is_served_like_any_other(database: str) -> None:
    with transaction() as session:
        call = calls.get(session, opened(number="anonymous"))
        calls.enter_ivr(session, call, NOW)
        assert call.caller_id is None


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (("enter_ivr",), EndReason.ABANDONED_IVR),
        (("enter_ivr", "queue"), EndReason.ABANDONED_QUEUE),
        (("enter_ivr", "queue", "answer"), EndReason.ANSWERED),
        ((), EndReason.ABANDONED_IVR),
    ],
)
def test_a_hang_up_gets_its_reason_from_where_the_call_stood(
    database: str, steps: tuple[str, ...], reason: EndReason
) -> None:
    with transaction() as session:
        call = calls.get(session, opened())
        for step in steps:
            if step == "enter_ivr":
                calls.enter_ivr(session, call, NOW)
            elif step == "queue":
                calls.enqueue(session, call, "hotline_12345", NOW)
            else:
                calls.answer(session, call, staff_id=1, system_id="leg", now=NOW)
        calls.end(session, call, NOW + timedelta(seconds=9))
        calls.end(session, call, NOW + timedelta(seconds=10))
        assert call.end_reason == reason
        assert call.ended_at == NOW + timedelta(seconds=9)


def test_an_ended_call_cannot_be_answered(database: str) -> None:
    with transaction() as session:
        call = calls.get(session, opened())
        calls.end(session, call, NOW)
        with pytest.raises(TransitionRefused):
            calls.answer(session, call, staff_id=1, system_id="leg", now=NOW)


def test_an_agent_who_does_not_pick_up_leaves_the_caller_waiting(database: str) -> None:
    with transaction() as session:
        call = calls.get(session, opened())
        calls.enqueue(session, call, "hotline_12345", NOW)
        calls.ring_agent(session, call, staff_id=7, system_id="leg", now=NOW)
        calls.miss_ring(session, call, system_id="leg", now=NOW)
        assert call.state == CallState.QUEUED
        kinds = session.scalars(select(Event.kind).order_by(Event.id)).all()
        assert kinds[-2:] == ["agent_rung", "agent_missed_ring"]


def test_every_state_of_a_call_is_reachable_and_every_path_ends() -> None:
    reached, frontier = {CallState.RINGING}, [CallState.RINGING]
    while frontier:
        for state in MOVES[frontier.pop()]:
            if state not in reached:
                reached.add(state)
                frontier.append(state)
    assert reached == set(CallState)
    assert all(MOVES[state] for state in CallState if state is not CallState.ENDED)


def test_the_log_of_facts_cannot_be_changed(database: str) -> None:
    opened()
    for statement in ("UPDATE event_log SET kind = 'x'", "DELETE FROM event_log", "TRUNCATE event_log"):
        with pytest.raises(Exception, match="permission denied"), transaction() as session:
            session.connection().exec_driver_sql(statement)
    with transaction() as session:
        assert session.scalars(select(Call)).one()
