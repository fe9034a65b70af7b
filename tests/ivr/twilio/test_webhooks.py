"""Whole calls by Twilio's webhooks against the real application and database."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from twilio.request_validator import RequestValidator

from hotline import clock
from hotline.callbacks.models import CallBack
from hotline.calls.models import Call, CallLeg
from hotline.db import transaction
from hotline.event_log import Event
from hotline.staff.models import Staff
from ivr import prompts
from ivr.flows import FLOWS
from ivr.twilio.webhooks import blueprint
from tests.ivr.conftest import TOKEN, Site
from tests.ivr.twilio.carrier import BASE, CITIZEN, CarriedCall, Carrier


def call_of(carried: CarriedCall) -> Call:
    with transaction() as session:
        return session.scalars(select(Call).where(Call.system_id == carried.sid)).one()


def facts_of(carried: CarriedCall) -> list[str]:
    with transaction() as session:
        kinds = select(Event.kind).where(Event.call_id == call_of(carried).id).order_by(Event.id)
        return list(session.scalars(kinds))


def last_outcome(carried: CarriedCall) -> str:
    with transaction() as session:
        steps = select(Event).where(Event.call_id == call_of(carried).id, Event.kind == "ivr_step_taken")
        return str(session.scalars(steps.order_by(Event.id.desc())).first().data["outcome"])


def says(key: str) -> str:
    return prompts.spoken(key, "zh")


def extension() -> str:
    with transaction() as session:
        return str(session.scalars(select(Staff.extension).where(Staff.extension.is_not(None))).first())


def test_a_caller_hears_the_greeting_and_the_menu(carrier: Carrier) -> None:
    call = carrier.dial()
    assert call.heard == f"{says('greeting_12345')} {says('menu_12345')}"
    assert call.verb("Gather").attrib["input"] == "dtmf speech"
    assert facts_of(call) == ["call_received", "call_entered_ivr"]


def test_the_other_hotline_has_its_own_greeting_and_queue(carrier: Carrier) -> None:
    call = carrier.dial("+8612348")
    assert says("greeting_12348") in call.heard
    assert call.press("0").verb("Enqueue").text == "hotline_12348"


def test_an_item_number_is_kept_for_the_agent(carrier: Carrier) -> None:
    call = carrier.dial().press("0801")
    assert says("item_understood") in call.heard
    assert call.verb("Enqueue").text == "hotline_12345"
    kept = call_of(call)
    assert (kept.state, kept.item_code, kept.understood_by) == ("queued", "0801", "keys")
    assert facts_of(call)[2:] == ["ivr_step_taken", "call_understood", "call_queued"]


def test_keys_of_the_legal_line_need_no_letter(carrier: Carrier) -> None:
    assert call_of(carrier.dial("+8612348").press("0101")).item_code == "L0101"


def test_what_a_caller_says_is_read_back_and_kept_once_it_is_confirmed(carrier: Carrier) -> None:
    call = carrier.dial().speak("楼下饭店油烟太大，一直往我家里灌")
    offered = call_of(call)
    assert (offered.state, offered.item_code) == ("in_ivr", None)
    assert offered.suggestions
    assert says("you_said") in call.heard
    assert offered.suggestions[0]["name"] in call.heard
    kept = call_of(call.press("1"))
    assert (kept.state, kept.understood_by) == ("queued", "confirmed")
    assert kept.heard == "楼下饭店油烟太大，一直往我家里灌"
    assert kept.suggestions
    assert kept.item_code == kept.suggestions[0]["code"]


def test_who_does_not_confirm_reaches_a_person_who_sees_the_words(carrier: Carrier) -> None:
    call = carrier.dial().speak("楼下饭店油烟太大，一直往我家里灌").press("2")
    assert says("transfer_to_agent") in call.heard
    kept = call_of(call)
    assert (kept.state, kept.item_code, kept.heard) == ("queued", None, "楼下饭店油烟太大，一直往我家里灌")


def test_words_that_fit_nothing_are_kept_and_a_person_helps(carrier: Carrier) -> None:
    call = carrier.dial().speak("喂喂喂")
    assert says("transfer_to_agent") in call.heard
    kept = call_of(call)
    assert (kept.heard, kept.item_code, kept.state) == ("喂喂喂", None, "queued")


@pytest.mark.parametrize("press", ["9999", "77", "1", "*"])
def test_wrong_keys_are_asked_again_then_a_person_helps(carrier: Carrier, press: str) -> None:
    call = carrier.dial().press(press)
    assert says("invalid_keys") in call.heard
    call.press(press)
    assert call.verbs[-1] == "Enqueue"
    assert last_outcome(call) == "wrong_to_agent"


def test_silence_reaches_a_person(carrier: Carrier) -> None:
    assert carrier.dial().stay_silent().verbs[-1] == "Enqueue"


def test_no_menu_mode_goes_straight_to_the_queue(site: Site) -> None:
    call = Carrier(site(ivr={"menu": False}).test_client(), TOKEN).dial()
    assert call.verbs == ["Say", "Say", "Enqueue"]
    assert call_of(call).state == "queued"


@pytest.mark.parametrize("steps", [(), ("77",), ("0",)])
def test_a_hang_up_at_any_step_ends_the_call(carrier: Carrier, steps: tuple[str, ...]) -> None:
    call = carrier.dial()
    for keys in steps:
        call.press(keys)
    call.hang_up()
    kept = call_of(call)
    assert kept.state == "ended"
    assert kept.end_reason == ("abandoned_queue" if steps == ("0",) else "abandoned_ivr")


def test_after_a_hang_up_nothing_more_is_played(carrier: Carrier) -> None:
    call = carrier.dial()
    call.hang_up()
    assert call.press("0").verbs == ["Hangup"]


def test_a_webhook_told_twice_is_one_call(carrier: Carrier) -> None:
    call = carrier.dial()
    call.fetch("/twilio/voice", CallStatus="ringing")
    assert facts_of(call).count("call_received") == 1


def test_an_unknown_number_is_refused(carrier: Carrier) -> None:
    assert carrier.dial("+8699999").verbs == ["Reject"]


def test_with_all_lines_taken_the_caller_hears_busy(site: Site) -> None:
    carrier = Carrier(site(telephony={"max_calls": 1}).test_client(), TOKEN)
    carrier.dial()
    second = carrier.dial()
    assert second.verb("Reject").attrib == {"reason": "busy"}
    assert facts_of(second) == ["call_received", "call_blocked", "call_ended"]
    assert call_of(second).end_reason == "blocked"


@pytest.mark.parametrize("withheld", ["anonymous", "+266696687", ""])
def test_a_withheld_number_is_served_like_any_other(carrier: Carrier, withheld: str) -> None:
    call = carrier.dial(from_=withheld).press("0")
    assert call.verbs[-1] == "Enqueue"
    assert call_of(call).caller_id is None


def test_a_fault_in_a_flow_puts_the_caller_through(carrier: Carrier, monkeypatch: pytest.MonkeyPatch) -> None:
    call = carrier.dial()
    monkeypatch.setitem(FLOWS, "public_line", {})
    call.press("01")
    assert says("sorry_error_to_agent") in call.heard
    assert call.verb("Enqueue").text == "hotline_12345"
    assert call_of(call).state == "queued"
    assert last_outcome(call) == "error_to_agent"


def test_without_a_database_the_caller_still_reaches_a_person(site: Site) -> None:
    """Nothing of ours answers; Twilio's own queue holds the caller."""
    broken = {"url": "postgresql+psycopg://nobody@127.0.0.1:9/none"}
    call = Carrier(site(database=broken).test_client(), TOKEN).dial("+8612348")
    assert says("sorry_error_to_agent") in call.heard
    assert call.verb("Enqueue").text == "hotline_12348"
    assert says("hold_wait") in call.wait_in_queue().heard


def test_a_mangled_address_puts_the_caller_through(carrier: Carrier) -> None:
    call = carrier.dial().fetch("/twilio/turn?flow=public_line&wrong=x", Digits="1")
    assert call.verbs == ["Say", "Enqueue"]


def test_whoever_cries_for_help_is_first_in_the_queue(carrier: Carrier) -> None:
    waiting = carrier.dial().press("0")
    call = carrier.dial().speak("我家楼下着火了，快来救火")
    assert says("urgent_to_agent") in call.heard
    kept = call_of(call)
    assert (kept.state, kept.understood_by) == ("queued", "alarm")
    assert kept.alarm
    assert kept.item_code
    assert "emergency_heard" in facts_of(call)
    assert says("queue_position_1") in call.wait_in_queue().heard
    assert says("queue_position_2") in waiting.wait_in_queue().heard


def test_waiting_callers_hear_their_position(carrier: Carrier) -> None:
    first, second = carrier.dial().press("0"), carrier.dial().press("0")
    assert says("queue_position_1") in first.wait_in_queue().heard
    assert says("queue_position_2") in second.wait_in_queue().heard


def test_nobody_free_in_time_promises_a_call_back(carrier: Carrier) -> None:
    call = carrier.dial().press("0")
    waited_long(call)
    assert call.wait_in_queue().verbs == ["Leave"]
    call.fetch("/twilio/after-queue", QueueResult="leave")
    assert says("callback_promised") in call.heard
    assert call.verbs[-1] == "Hangup"
    kept = call_of(call)
    assert kept.end_reason == "overflowed"
    with transaction() as session:
        task = session.scalars(select(CallBack)).one()
    assert (task.reason, task.call_id, task.state) == ("no_agent", kept.id, "open")


def test_an_abandoned_wait_is_one(carrier: Carrier) -> None:
    call = carrier.dial().press("0")
    call.fetch("/twilio/after-queue", QueueResult="hangup")
    call.hang_up()
    assert call_of(call).end_reason == "abandoned_queue"
    assert facts_of(call).count("call_ended") == 1


def waited_long(call: CarriedCall) -> None:
    with transaction() as session:
        long_ago = clock.now() - timedelta(hours=1)
        session.execute(update(Call).where(Call.system_id == call.sid).values(queued_at=long_ago))


def connect(call: CarriedCall, leg: str = "leg1") -> str:
    """An agent was chosen; the address of the agent leg's status."""
    call.fetch(f"/twilio/agent-leg?leg={leg}&extension={extension()}")
    return str(call.verb("Client").attrib["statusCallback"])


def test_an_agent_answers_and_the_talk_is_recorded(carrier: Carrier) -> None:
    call = carrier.dial().press("0")
    status = connect(call)
    dial = call.verb("Dial")
    assert dial.attrib["record"] == "record-from-answer-dual"
    assert CITIZEN not in str(dial.attrib)
    assert call.tell(status, CallStatus="in-progress") == 204
    assert call_of(call).state == "answered"
    after = dial.attrib["action"]
    assert call.tell(status, CallStatus="completed") == 204
    assert call.fetch(after, DialCallStatus="completed").verbs == ["Hangup"]
    call.hang_up()
    assert facts_of(call)[-3:] == ["agent_rung", "call_answered", "call_ended"]
    assert call_of(call).end_reason == "answered"


def test_the_agent_alone_hears_the_whisper(carrier: Carrier) -> None:
    call = carrier.dial().press("0")
    connect(call)
    whisper = call.verb("Client").attrib["url"]
    assert call.fetch(whisper).heard == says("agent_whisper")


def test_an_agent_who_does_not_answer_leaves_the_caller_waiting(carrier: Carrier) -> None:
    call = carrier.dial().press("0")
    queued_at = call_of(call).queued_at
    status = connect(call)
    after = call.verb("Dial").attrib["action"]
    call.tell(status, CallStatus="no-answer")
    assert call.fetch(after, DialCallStatus="no-answer").verbs == ["Enqueue"]
    kept = call_of(call)
    assert (kept.state, kept.queued_at) == ("queued", queued_at)
    assert facts_of(call).count("agent_missed_ring") == 1


def test_a_caller_who_leaves_while_the_agent_rings_is_no_missed_ring(carrier: Carrier) -> None:
    call = carrier.dial().press("0")
    status = connect(call)
    after = call.verb("Dial").attrib["action"]
    call.tell(status, CallStatus="canceled")
    call.fetch(after, DialCallStatus="canceled")
    call.hang_up()
    assert "agent_missed_ring" not in facts_of(call)
    assert call_of(call).end_reason == "abandoned_queue"
    with transaction() as session:
        assert session.scalars(select(CallLeg)).one().ended_at


def test_an_answer_told_after_the_hang_up_changes_nothing(carrier: Carrier) -> None:
    call = carrier.dial().press("0")
    status = connect(call)
    call.hang_up()
    assert call.tell(status, CallStatus="in-progress") == 204
    assert call_of(call).end_reason == "abandoned_queue"


def test_an_agent_chosen_for_a_caller_who_left_is_not_rung(carrier: Carrier) -> None:
    call = carrier.dial().press("0")
    call.hang_up()
    assert call.fetch(f"/twilio/agent-leg?leg=x&extension={extension()}").verbs == ["Hangup"]


def test_a_telephone_nobody_owns_sends_the_caller_back(carrier: Carrier) -> None:
    call = carrier.dial().press("0")
    assert call.fetch("/twilio/agent-leg?leg=x&extension=9999").verbs == ["Say", "Enqueue"]


def test_every_voice_webhook_refuses_what_is_not_signed(site: Site) -> None:
    app = site()
    client = app.test_client()
    paths = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(f"{blueprint.name}.")]
    assert len(paths) == 12
    for path in paths:
        for signature in ("", "x", "RSOYDt4T1cUTdK1PDd93/VVr8B8="):
            answer = client.post(path, data={"CallSid": "CA1"}, headers={"X-Twilio-Signature": signature})
            assert answer.status_code == 403, path


def test_a_signature_for_another_call_is_refused(carrier: Carrier) -> None:
    signed = RequestValidator(TOKEN).compute_signature(f"{BASE}/twilio/status", {"CallSid": "CA1"})
    answer = carrier.post(f"{BASE}/twilio/status", {"CallSid": "CA2"}, signature=signed)
    assert answer.status_code == 403


def test_a_callback_for_an_unknown_call_is_not_found(carrier: Carrier) -> None:
    answer = carrier.post(f"{BASE}/twilio/status", {"CallSid": "CA404", "CallStatus": "completed"})
    assert answer.status_code == 404


def test_a_caller_whose_call_could_not_be_opened_still_waits_for_a_person_and_is_counted(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first webhook fails as a whole: nothing of the call is in the database when the queue asks."""
    with monkeypatch.context() as away:
        away.setattr("ivr.service.calls.open_call", lambda *_, **__: 1 / 0)
        call = carrier.dial()
    assert says("sorry_error_to_agent") in call.heard
    call.wait_in_queue()
    assert call_of(call).state == "queued"
    assert facts_of(call) == ["call_received", "call_queued"]
    call.hang_up()
    assert call_of(call).end_reason == "abandoned_queue"
