"""Messages left at night through Twilio: what the caller hears, what stays on record."""

from collections.abc import Callable
from datetime import time

import pytest
from sqlalchemy import select

from agents.handlers import on_call_ended
from hotline.callbacks.models import CallBack
from hotline.db import transaction
from hotline.event_log import Event
from hotline.legal.models import LawyerTask
from ivr.models import RecordingFetch
from tests.ivr.conftest import TOKEN, Site
from tests.ivr.twilio.carrier import CarriedCall, Carrier
from tests.ivr.twilio.test_webhooks import call_of, facts_of, last_outcome, says
from tests.legal.people import closed_now


@pytest.fixture
def night(site: Site) -> Carrier:
    """12348 is closed at this hour of every day."""
    app = site()
    closed = closed_now()
    app = site(legal=closed)
    return Carrier(app.test_client(), TOKEN)


def task_of(call: CarriedCall) -> LawyerTask | None:
    with transaction() as session:
        return session.scalar(select(LawyerTask).where(LawyerTask.call_id == call_of(call).id))


def call_backs() -> list[str]:
    """What callers who hung up are to be rung back for, once the facts are told."""
    with transaction() as session:
        for event in session.scalars(select(Event).where(Event.kind == "call_ended").order_by(Event.id)):
            on_call_ended(session, event)
    with transaction() as session:
        return list(session.scalars(select(CallBack.state)))


def at_the_tone(night: Carrier) -> CarriedCall:
    call = night.dial("+8612348")
    assert says("greeting_12348_closed") in call.heard
    call.stay_silent()
    assert call.verb("Record").attrib["maxLength"] == "180"
    return call


def test_a_message_becomes_a_task_and_its_sound_is_fetched(night: Carrier) -> None:
    call = at_the_tone(night).leave_message(30, "#")
    assert says("message_kept") in call.heard
    assert call.verbs[-1] == "Hangup"
    task = task_of(call)
    assert task
    assert task.seconds == 30
    call.hang_up()
    assert (call_of(call).end_reason, facts_of(call).count("call_ended")) == ("message", 1)
    assert call_backs() == []
    with transaction() as session:
        assert session.scalars(select(RecordingFetch.call_id)).all() == [call_of(call).id]


@pytest.mark.parametrize("first", [True, False])
def test_what_was_said_before_hanging_up_is_a_message_whatever_is_told_first(
    night: Carrier, first: bool
) -> None:
    call = at_the_tone(night)
    orders: list[Callable[[], object]] = [call.hang_up, lambda: call.leave_message(12, "hangup")]
    for tell in orders if first else reversed(orders):
        tell()
        call_backs()
    assert task_of(call)
    assert call_of(call).end_reason == "message"
    assert set(call_backs()) <= {"cancelled"}


def test_a_message_of_a_moment_is_none_and_the_call_counts_as_abandoned(night: Carrier) -> None:
    call = at_the_tone(night).leave_message(1, "hangup")
    call.hang_up()
    assert task_of(call) is None
    assert call_of(call).end_reason == "abandoned_ivr"
    assert call_backs() == ["open"]


def test_silence_after_the_tone_and_zero_reach_a_person(night: Carrier) -> None:
    silent = at_the_tone(night).stay_silent()
    assert silent.verb("Enqueue").text == "hotline_12348"
    assert last_outcome(silent) == "no_message"
    asked = at_the_tone(night).leave_message(20, "0")
    assert asked.verb("Enqueue").text == "hotline_12348"
    assert task_of(asked) is None
    assert night.dial("+8612348").press("0").verb("Enqueue").text == "hotline_12348"


def test_the_other_hotline_and_open_hours_have_their_usual_menu(night: Carrier, site: Site) -> None:
    assert says("greeting_12345") in night.dial().heard
    site(legal={"opens": time(0), "closes": time(0)})
    assert says("greeting_12348") in night.dial("+8612348").heard
