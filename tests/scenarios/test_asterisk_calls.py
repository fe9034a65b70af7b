"""Whole calls over real SIP: what the caller and the agent did stands in the database, once."""

import wave
from collections import Counter
from functools import partial

import pytest
from sqlalchemy import select

from hotline.calls.models import Call, Recording
from hotline.config import settings
from hotline.db import transaction
from hotline.event_log import Event
from hotline.telephony.asterisk.sipp import Rate, Step, hang_up, key, keys, pause, talk, wait_for_hang_up
from hotline.telephony.ports import Member, telephony
from tests.support.line import QUEUE, Line, ended, events_of, facts_of
from tests.support.surveys import call_due, invited_survey, survey_of
from tests.support.waiting import eventually

OPERATOR = keys("0#", after=0.4)
ITEM = keys("0101#", after=0.4)


def test_a_caller_is_understood_answered_and_recorded_and_the_agent_wraps_up(line: Line) -> None:
    with line.agent("1001") as staff_id:
        line.called("12345", talk(), *ITEM, pause(2.5), hang_up(), caller="13800000001").succeeds()
        call = eventually(lambda: ended("13800000001"))
        assert (call.end_reason, call.staff_id) == ("answered", staff_id)
        assert (call.item_code, call.understood_by, call.dialled) == ("0101", "keys", "12345")
        eventually(lambda: "call_recorded" in facts_of(call))
        assert [fact for fact in facts_of(call) if not fact.startswith("call_back")] == [
            "call_received",
            "call_entered_ivr",
            "ivr_step_taken",
            "call_understood",
            "call_queued",
            "agent_rung",
            "call_answered",
            "call_ended",
            "call_recorded",
        ]
        eventually(lambda: line.presence(staff_id).state == "wrap_up")
        eventually(lambda: Member("1001", True, "wrap_up") in telephony().members(QUEUE))
    with transaction() as session:
        path = session.scalars(select(Recording.path).where(Recording.call_id == call.id)).one()
    with wave.open(str(settings().telephony.recordings_dir / path)) as sound:
        assert sound.getnframes() > 8000


@pytest.mark.parametrize(
    ("caller", "steps", "reason", "step"),
    [
        ("13800000010", [], "abandoned_ivr", "hang_up"),
        ("13800000011", [pause(0.5)], "abandoned_ivr", "hang_up"),
        ("13800000012", [key("1", 0.6), pause(0.3)], "abandoned_ivr", "hang_up"),
        ("13800000013", [*keys("9999#", 0.4), pause(0.2)], "abandoned_ivr", "hang_up"),
        ("13800000014", [*OPERATOR, pause(0.7)], "abandoned_queue", "hang_up"),
        ("13800000015", [*OPERATOR, pause(2.5)], "abandoned_queue", "keys"),
        ("13800000016", [pause(5)], "abandoned_queue", "silence"),
    ],
    ids=["at once", "greeting", "after a key", "asked again", "transfer prompt", "queue", "silent, queue"],
)
def test_a_caller_may_hang_up_at_any_step_and_is_counted_once(
    line: Line, caller: str, steps: list[Step], reason: str, step: str
) -> None:
    line.called("12345", talk(), *steps, hang_up(), caller=caller).succeeds()
    call = eventually(lambda: ended(caller))
    assert call.end_reason == reason, [(f.at.isoformat(), f.kind, f.data) for f in events_of(call)]
    facts = Counter(facts_of(call))
    assert facts["call_ended"] == facts["call_received"] == 1
    eventually(lambda: "call_back_requested" in facts_of(call))
    eventually(lambda: any(fact.data.get("input") == step for fact in events_of(call)))


def test_a_caller_who_hangs_up_while_the_agents_telephone_rings_leaves_the_agent_free(line: Line) -> None:
    with line.agent("1001", ring_seconds=20) as staff_id:
        phone = line.called("12345", talk(), *OPERATOR, pause(4), hang_up(), caller="13800000020")
        eventually(lambda: line.presence(staff_id).state == "ringing")
        phone.succeeds()
        call = eventually(lambda: ended("13800000020"))
        assert call.end_reason == "abandoned_queue"
        assert "agent_missed_ring" not in facts_of(call)
        eventually(lambda: line.presence(staff_id).state == "available")
        assert Member("1001", False) in telephony().members(QUEUE)


def test_an_agent_who_does_not_answer_is_paused_and_the_next_one_gets_the_caller(line: Line) -> None:
    with line.agent("1001", ring_seconds=20) as absent:
        phone = line.called("12345", talk(), *OPERATOR, wait_for_hang_up(), caller="13800000021")
        eventually(lambda: line.presence(absent).reason == "no_answer")
        eventually(lambda: Member("1001", True, "no_answer") in telephony().members(QUEUE))
        with line.agent("1002", talk(), pause(1), hang_up()) as present:
            phone.succeeds()
            call = eventually(lambda: ended("13800000021"))
            assert (call.end_reason, call.staff_id) == ("answered", present)
    rung = [fact.kind for fact in events_of(call) if fact.kind.startswith(("agent", "call_answered"))]
    assert rung == ["agent_rung", "agent_missed_ring", "agent_rung", "call_answered"]


def test_a_citizen_answers_the_survey_by_keys_when_we_ring(line: Line) -> None:
    survey_id = invited_survey("+8613800000030")
    port = int(settings().asterisk.trunk.rpartition(":")[2])
    with line.sipp.answer_calls(port, talk(), key("1", 0.8), key("2", 0.8), wait_for_hang_up()):
        call_due()
        eventually(lambda: survey_of(survey_id).state == "answered")
        call = eventually(lambda: ended("13800000030"))
    survey = survey_of(survey_id)
    assert (survey.solved, survey.satisfaction, survey.mode) == (True, "satisfied", "ivr")
    assert (call.direction, call.purpose, call.end_reason) == ("outbound", "survey", "served")


def test_a_citizen_we_ring_reaches_a_person_by_zero(line: Line) -> None:
    invited_survey("+8613800000031")
    port = int(settings().asterisk.trunk.rpartition(":")[2])
    with line.agent("1003", talk(), pause(1), hang_up()) as staff_id:
        with line.sipp.answer_calls(port, talk(), key("0", 0.8), wait_for_hang_up()):
            call_due()
            call = eventually(lambda: ended("13800000031"))
        assert (call.end_reason, call.staff_id) == ("answered", staff_id)


def test_fifty_callers_at_once_lose_nothing(line: Line) -> None:
    callers = [f"139{n:08d}" for n in range(50)]
    rate = Rate(50, per_second=25)
    with line.agent("1004") as first, line.agent("1005") as second:
        phones = line.sipp.call("12348", talk(), *ITEM, pause(6), hang_up(), callers=callers, rate=rate)
        phones.succeeds()
        found = [eventually(partial(ended, caller)) for caller in callers]
        assert Counter(call.end_reason for call in found) == {"answered": 2, "abandoned_queue": 48}
        assert {call.staff_id for call in found if call.answered_at} == {first, second}
    assert max(call.started_at for call in found) < min(call.ended_at for call in found if call.ended_at)
    for call in found:
        facts = Counter(facts_of(call))
        once = ("call_received", "call_entered_ivr", "call_understood", "call_queued", "call_ended")
        assert [facts[kind] for kind in once] == [1] * len(once)
        assert call.item_code == "L0101"
    with transaction() as session:
        of_them = select(Event.call_id).join(Call, Call.id == Event.call_id).where(Call.dialled == "12348")
        assert len(set(session.scalars(of_them))) == 50
