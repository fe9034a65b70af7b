"""Events put on record: doubled, late and out of turn; what was missed; writes that fail."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from hotline.calls import service as calls
from hotline.calls.models import Call, CallLeg
from hotline.db import transaction
from hotline.event_log import Event
from hotline.staff.models import Staff
from hotline.telephony.asterisk import call_events, reconcile
from hotline.telephony.asterisk.ami import AmiMessage
from hotline.telephony.asterisk.conf import WANTED_EVENTS
from hotline.telephony.asterisk.ordered_writes import Write, write_all

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
CALL, LEG = "hotline-1795308050.0", "hotline-1795308050.1"
VARIABLES = [f"HOTLINE_CALL={CALL}", "HOTLINE_DIALLED=+8612345"]
AGENT = {"Interface": "PJSIP/1001", "DestUniqueid": LEG, "DestChannel": "PJSIP/1001-00000001"}

JOIN = {"Event": "QueueCallerJoin", "Queue": "hotline_12345"}
CALLED = {"Event": "AgentCalled", "Queue": "hotline_12345", **AGENT}
NO_ANSWER = {"Event": "AgentRingNoAnswer", "Queue": "hotline_12345", **AGENT}
CONNECT = {"Event": "AgentConnect", "Queue": "hotline_12345", **AGENT}
HANGUP = {"Event": "Hangup", "Cause": "16"}
BLOCKED = {"Event": "UserEvent", "UserEvent": "HotlineBlocked", "Reason": "lines_taken", "Exten": "12345"}


def message(headers: dict[str, Any]) -> AmiMessage:
    usual = {"Uniqueid": CALL, "CallerIDNum": "13800138000", "ChanVariable": VARIABLES}
    return AmiMessage(usual | headers)


def tell(*events: dict[str, Any]) -> None:
    """Each a second after the one before, each in a transaction of its own."""
    for second, event in enumerate(events):
        with transaction() as session:
            call_events.apply(session, message(event), NOW + timedelta(seconds=second))


def the_call() -> Call:
    with transaction() as session:
        return session.scalars(select(Call)).one()


def facts() -> Counter[str]:
    with transaction() as session:
        return Counter(session.scalars(select(Event.kind).where(Event.call_id.is_not(None))))


def test_a_call_the_dialogue_never_saw_is_opened_by_its_events(seeded: str) -> None:
    tell(JOIN, CALLED, CONNECT, HANGUP)
    call = the_call()
    assert (call.hotline, call.dialled, call.end_reason) == ("12345", "+8612345", "answered")
    once = ("call_received", "call_queued", "agent_rung", "call_answered", "call_ended")
    assert facts() == dict.fromkeys(once, 1)


def test_asterisk_is_asked_for_every_event_that_means_something() -> None:
    assert set(call_events.EVENTS) <= set(WANTED_EVENTS)


def test_every_event_told_twice_counts_once(seeded: str) -> None:
    tell(JOIN, JOIN, CALLED, CALLED, CONNECT, CONNECT, HANGUP, HANGUP)
    assert set(facts().values()) == {1}


def test_events_that_come_after_the_end_change_nothing(seeded: str) -> None:
    tell(JOIN, HANGUP)
    before = facts()
    tell(CALLED, NO_ANSWER, CONNECT, JOIN, HANGUP)
    assert facts() == before
    assert the_call().end_reason == "abandoned_queue"
    with transaction() as session:
        assert session.scalars(select(CallLeg)).all() == []


def test_an_answer_whose_earlier_events_were_lost_is_an_answer(seeded: str) -> None:
    tell(CONNECT)
    call = the_call()
    assert (call.state, call.queue) == ("answered", "hotline_12345")


def test_a_caller_who_hangs_up_before_the_dialogue_began_is_counted(seeded: str) -> None:
    tell(HANGUP)
    assert the_call().end_reason == "abandoned_ivr"


def test_lines_taken_is_a_blocked_call_and_a_strange_number_is_none(seeded: str) -> None:
    tell(BLOCKED | {"Reason": "unknown_number", "Exten": "12399"})
    assert facts() == {}
    tell(BLOCKED, BLOCKED)
    assert facts() == {"call_received": 1, "call_blocked": 1, "call_ended": 1}


def test_only_events_of_our_calls_concern_us() -> None:
    assert call_events.concerns_us(message(JOIN))
    assert call_events.concerns_us(message(BLOCKED | {"ChanVariable": []}))
    assert not call_events.concerns_us(message(HANGUP | {"Uniqueid": LEG}))  # the agent's own channel
    assert not call_events.concerns_us(message(HANGUP | {"ChanVariable": []}))  # desk to desk
    assert not call_events.concerns_us(message({"Event": "Newchannel"}))


# --- what was missed -------------------------------------------------------------------------------------


def compare(live: frozenset[int], *, booted_at: datetime = NOW - timedelta(days=1), **found: Any) -> None:
    channels = tuple(message({"Event": "CoreShowChannel"} | c) for c in found.get("channels", ()))
    waiting = tuple(message({"Event": "QueueEntry"} | c) for c in found.get("waiting", ()))
    truth = reconcile.Truth(live, channels, waiting, booted_at, NOW + timedelta(seconds=60))
    with transaction() as session:
        reconcile.apply(session, truth, NOW + timedelta(seconds=60))


CALLER_CHANNEL = {"Channel": "PJSIP/trunk-00000000"}
AGENT_CHANNEL = {"Channel": "PJSIP/1001-00000001", "Uniqueid": LEG}


def test_a_call_whose_channel_is_gone_ends_from_where_it_stood(seeded: str) -> None:
    tell(JOIN)
    compare(reconcile.live_calls())
    assert the_call().end_reason == "abandoned_queue"


def test_a_call_from_before_asterisks_restart_has_failed(seeded: str) -> None:
    tell(JOIN, CALLED, CONNECT)
    compare(reconcile.live_calls(), booted_at=NOW + timedelta(seconds=30))
    assert the_call().end_reason == "failed"


def test_a_call_still_on_the_line_goes_on(seeded: str) -> None:
    tell(JOIN)
    compare(reconcile.live_calls(), channels=[CALLER_CHANNEL])
    assert the_call().state == "queued"


def test_a_call_opened_after_the_question_is_not_ended_by_the_answer(seeded: str) -> None:
    live = reconcile.live_calls()
    tell(JOIN)
    compare(live)
    assert the_call().state == "queued"


def test_a_waiting_caller_nobody_knew_has_waited_since_they_came(seeded: str) -> None:
    waiting = {"Queue": "hotline_12345", "Wait": "40"}
    compare(frozenset(), channels=[CALLER_CHANNEL], waiting=[waiting])
    assert the_call().queued_at == NOW + timedelta(seconds=20)


def test_who_was_answered_unheard_is_found_talking(seeded: str) -> None:
    tell(JOIN)
    together = [CALLER_CHANNEL | {"BridgeId": "b1"}, AGENT_CHANNEL | {"BridgeId": "b1"}]
    compare(reconcile.live_calls(), channels=together)
    with transaction() as session:
        agent = session.scalars(select(Staff.id).where(Staff.extension == "1001")).one()
    assert (the_call().state, the_call().staff_id) == ("answered", agent)


@pytest.mark.parametrize(("size", "kept"), [(0, 0), (44, 0), (16044, 1)])
def test_a_recording_with_sound_in_it_is_kept_once(seeded: str, tmp_path: Path, size: int, kept: int) -> None:
    tell(JOIN, CONNECT, HANGUP)
    (tmp_path / f"{CALL}.wav").write_bytes(b"\0" * size)
    for _ in range(2):
        with transaction() as session:
            reconcile.keep_recordings(session, tmp_path, NOW, NOW + timedelta(seconds=60))
    assert facts()["call_recorded"] == kept


# --- writing ---------------------------------------------------------------------------------------------


def opening(system_id: str) -> Callable[[Session], object]:
    def write(session: Session) -> object:
        return calls.open_call(
            session,
            hotline="12345",
            dialled="12345",
            number=None,
            system="asterisk",
            system_id=system_id,
            now=NOW,
        )

    return write


def breaking(session: Session) -> None:
    opening("undone")(session)
    session.execute(text("SELECT no_such_column FROM call"))


def test_one_event_that_fails_loses_no_other(seeded: str) -> None:
    write_all([Write("one", opening("one")), Write("bad", breaking), Write("two", opening("two"))])
    with transaction() as session:
        assert set(session.scalars(select(Call.system_id))) == {"one", "two"}


def test_an_event_that_another_process_got_in_the_way_of_is_tried_again(seeded: str) -> None:
    tries: list[int] = []

    def at_second_try(session: Session) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("the row has changed")
        opening("late")(session)

    write_all([Write("late", at_second_try)])
    assert the_call().system_id == "late"


def test_events_wait_for_a_database_that_lost_its_connections(seeded: str) -> None:
    lost: list[int] = []

    def lose(session: Session) -> None:
        if not lost:
            lost.append(1)
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    write_all([Write("one", opening("one")), Write("lost", lose), Write("two", opening("two"))])
    with transaction() as session:
        assert set(session.scalars(select(Call.system_id))) == {"one", "two"}
