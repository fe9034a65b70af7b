"""What breaks while people talk: afterwards every call has its one end, and agents take calls again."""

from collections import Counter

from hotline.telephony.asterisk.sipp import hang_up, keys, pause, talk, wait_for_hang_up
from hotline.telephony.ports import Member, telephony
from tests.support.line import (
    QUEUE,
    Line,
    call_of,
    ended,
    facts_of,
    link_is_up,
    newest_fact,
)
from tests.support.waiting import eventually

OPERATOR = keys("0#", after=0.4)


def counted_once(caller: str, reason: str) -> None:
    call = eventually(lambda: ended(caller))
    assert call.end_reason == reason
    facts = Counter(facts_of(call))
    assert facts["call_received"] == facts["call_ended"] == 1
    assert facts["call_answered"] == int(call.answered_at is not None)


def test_the_managers_connection_is_cut_and_calls_end_meanwhile(line: Line) -> None:
    with line.agent("1001") as staff_id:
        talking = line.called("12345", talk(), *OPERATOR, pause(9), hang_up(), caller="13600000001")
        eventually(lambda: line.presence(staff_id).state == "talking")
        waiting = line.called("12345", talk(), *OPERATOR, pause(5), hang_up(), caller="13600000002")
        eventually(lambda: (call := call_of("13600000002")) and call.state == "queued")
        before = newest_fact()
        line.manager.cut()
        talking.succeeds()
        waiting.succeeds()
        assert [call_of(caller).state for caller in ("13600000001", "13600000002")] == ["answered", "queued"]
        line.manager.mend()
        eventually(lambda: link_is_up(since=before))
        counted_once("13600000001", "answered")
        counted_once("13600000002", "abandoned_queue")
        eventually(lambda: line.presence(staff_id).state == "wrap_up")


def test_a_connection_gone_for_a_blink_is_noticed_and_calls_are_compared(line: Line) -> None:
    eventually(link_is_up)
    before = newest_fact()
    line.manager.cut()
    line.manager.mend()
    eventually(lambda: link_is_up(since=before), seconds=10)


def test_a_call_answered_and_ended_while_nobody_listened_counts_as_answered(line: Line) -> None:
    with line.agent("1004") as staff_id:
        before = newest_fact()
        line.manager.cut()
        served = line.called("12345", talk(), *OPERATOR, pause(6), hang_up(), caller="13600000006")
        served.succeeds()
        call = eventually(lambda: ended("13600000006"))
        assert call.staff_id == staff_id
        assert call.queued_at <= call.answered_at <= call.ended_at
        line.manager.mend()
        eventually(lambda: link_is_up(since=before))
        counted_once("13600000006", "answered")


def test_the_listener_dies_and_a_waiting_caller_is_answered_meanwhile(line: Line) -> None:
    phone = line.called("12345", talk(), *OPERATOR, wait_for_hang_up(), caller="13600000003")
    eventually(lambda: (call := call_of("13600000003")) and call.state == "queued")
    line.kill("ami")
    with line.agent("1002") as staff_id:
        line.start("ami")
        eventually(lambda: call_of("13600000003").answered_at)
        assert call_of("13600000003").staff_id == staff_id
        eventually(lambda: line.presence(staff_id).state == "talking")
        phone.stop()
        line.asterisk.rx("channel request hangup all")
        counted_once("13600000003", "answered")


def test_asterisk_dies_in_mid_call_and_agents_are_members_again(line: Line) -> None:
    with line.agent("1003") as staff_id:
        talking = line.called("12345", talk(), *OPERATOR, wait_for_hang_up(), caller="13600000004")
        eventually(lambda: line.presence(staff_id).state == "talking")
        waiting = line.called("12345", talk(), *OPERATOR, wait_for_hang_up(), caller="13600000005")
        eventually(lambda: (call := call_of("13600000005")) and call.state == "queued")
        before = newest_fact()
        line.kill_asterisk()
        line.asterisk.start()
        eventually(lambda: link_is_up(since=before))
        counted_once("13600000004", "failed")
        counted_once("13600000005", "failed")
        eventually(lambda: Member("1003", True, "wrap_up") in telephony().members(QUEUE))
        talking.stop()
        waiting.stop()


def test_the_dialogue_dies_and_its_caller_goes_on_to_a_person(line: Line) -> None:
    with line.agent("1004", talk(), pause(1), hang_up()) as staff_id:
        phone = line.called("12345", talk(), wait_for_hang_up(), caller="13600000006")
        eventually(lambda: (call := call_of("13600000006")) and call.state == "in_ivr")
        line.kill("agi")
        line.start("agi")
        phone.succeeds()
        counted_once("13600000006", "answered")
        assert call_of("13600000006").staff_id == staff_id
