"""Z09: every abandoned call with a number yields one call-back, cancelled when the caller gets through."""

from datetime import timedelta

from sqlalchemy import select

from agents import service
from hotline.callbacks.models import CallBack
from hotline.calls import service as calls
from hotline.calls.states import EndReason
from hotline.db import transaction
from tests.agents.people import NOW, agent, react, waiting_call

LATER = NOW + timedelta(minutes=5)


def _tasks() -> list[tuple[str, str]]:
    with transaction() as session:
        return [(t.reason, t.state) for t in session.scalars(select(CallBack).order_by(CallBack.id))]


def _abandon(name: str, number: str | None = "13800138000", reason: EndReason | None = None) -> None:
    with transaction() as session:
        calls.end(session, waiting_call(session, name, number=number), NOW + timedelta(minutes=1), reason)


def test_a_caller_who_hung_up_waiting_is_rung_back_once(database: str) -> None:
    _abandon("call-1")
    react()
    react()
    assert _tasks() == [("abandoned", "open")]


def test_a_caller_who_hung_up_in_the_menu_is_rung_back_too(database: str) -> None:
    with transaction() as session:
        call = calls.open_call(
            session,
            hotline="12345",
            dialled="12345",
            number="13800138000",
            system="simulated",
            system_id="call-1",
            now=NOW,
        )
        calls.enter_ivr(session, call, NOW)
        calls.end(session, call, NOW + timedelta(seconds=9))
    react()
    assert _tasks() == [("abandoned", "open")]


def test_a_withheld_number_cannot_be_rung_back(database: str) -> None:
    _abandon("call-1", number=None)
    react()
    assert _tasks() == []


def test_a_caller_who_was_answered_or_heard_busy_is_not_rung_back(database: str) -> None:
    with transaction() as session:
        me = agent(session).id
        call = waiting_call(session, "call-1")
        calls.answer(session, call, staff_id=me, system_id="leg", now=NOW)
        calls.end(session, call, LATER)
    _abandon("call-2", number="13800138001", reason=EndReason.BLOCKED)
    react()
    assert _tasks() == []


def test_the_task_is_cancelled_when_the_caller_gets_through_later(database: str) -> None:
    _abandon("call-1")
    seen = react()
    with transaction() as session:
        call = waiting_call(session, "call-2", at=LATER)
        calls.answer(session, call, staff_id=agent(session).id, system_id="leg", now=LATER)
    react(seen)
    assert _tasks() == [("abandoned", "cancelled")]


def test_no_task_is_made_for_who_got_through_before_we_looked(database: str) -> None:
    _abandon("call-1")
    with transaction() as session:
        call = waiting_call(session, "call-2", at=LATER)
        calls.answer(session, call, staff_id=agent(session).id, system_id="leg", now=LATER)
    react()
    assert _tasks() == []


def test_who_was_reached_is_not_rung_again_for_another_lost_call(database: str) -> None:
    _abandon("call-1")
    _abandon("call-2")
    react()
    with transaction() as session:
        first = session.scalars(select(CallBack).order_by(CallBack.id)).first()
        assert first
        service.end_callback(
            session, first.id, staff_id=agent(session).id, outcome="reached", note="", now=LATER
        )
    assert _tasks() == [("abandoned", "done"), ("abandoned", "cancelled")]
