"""Callers who say what it is about, on a real Asterisk with the real recogniser."""

import asyncio
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from pypinyin import lazy_pinyin

from agents.queries import screen_pop
from hotline.calls.models import Call
from hotline.catalogue.alarms import alarm
from hotline.config import settings
from hotline.db import transaction
from hotline.speech import sound
from hotline.speech.recogniser import REST_SECONDS, HttpRecogniser
from hotline.telephony.asterisk.free_ports import free_tcp_port
from hotline.telephony.asterisk.sipp import Phones, Step, hang_up, key, keys, pause, talk, wait_for_hang_up
from hotline.telephony.asterisk.sounds import said_directory
from hotline.wiring.app import create_app
from tests.conftest import Servers
from tests.support.callers import RATE, says
from tests.support.line import Line, call_of, ended, events_of, running_line
from tests.support.people import signed_in
from tests.support.waiting import eventually

SPOKEN = frozenset({"you_said", "confirm_item", "hold_wait", "item_understood"})
# Greeting, menu, "after the tone" and the tone are over: short ones, in tests.
UNTIL_THE_TONE = 1.6
# The silence that ends a sentence, a recognition on a busy machine, the item read back to its end.
UNTIL_THE_ANSWER = 21.0
WAGES = "0307"


@pytest.fixture(scope="module")
def line(servers: Servers, seeded_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    port = free_tcp_port()
    chosen = {
        "speech": {"url": f"http://127.0.0.1:{port}/v1", "port": port, "timeout_seconds": 12.0},
        "ivr": {"input_seconds": 20},
        "site": {"data_dir": str(tmp_path_factory.getbasetemp())},
    }
    directory = tmp_path_factory.mktemp("line")
    with running_line(servers, seeded_template, directory, spoken=SPOKEN, **chosen) as made:
        made.start("recogniser")
        eventually(made.recogniser_answers)
        yield made


@pytest.fixture(autouse=True)
def nothing_said_is_kept(line: Line) -> Iterator[None]:
    yield
    eventually(lambda: not list(said_directory(settings().telephony.recordings_dir).iterdir()))


def says_it(directory: Path, name: str = "unpaid_wages", then: float = UNTIL_THE_ANSWER) -> Step:
    return says(directory, name, silence_before=UNTIL_THE_TONE, silence_after=then)


def presses(digit: str) -> list[Step]:
    """And again, lest the machine was so busy that the first came before the question and was lost."""
    return [key(digit), key(digit, after=12)]


def waiting_in_queue(line: Line, phone: Phones, caller: str) -> Call:
    """The call of one who was put through to the queue; then the caller is gone."""
    call = eventually(lambda: (call := call_of(caller)) and (call if call.queued_at else None))
    phone.stop()
    line.asterisk.rx("channel request hangup all")
    eventually(lambda: ended(caller))
    return call


def steps_of(call: Call) -> list[tuple[str, str]]:
    """What the dialogue heard, and what it made of it."""
    taken = (fact.data for fact in events_of(call) if fact.kind == "ivr_step_taken")
    return [(step["input"], step["outcome"]) for step in taken if step["input"] != "hang_up"]


def best_guess(call: Call) -> str:
    assert call.suggestions
    assert len(call.suggestions) == 3
    return str(call.suggestions[0]["code"])


def recording_begins(caller: str) -> bool:
    call = call_of(caller)
    return call is not None and bool(list(said_directory(settings().telephony.recordings_dir).iterdir()))


def listen_in(line: Line, caller: str, file: Path) -> None:
    """Keep what this caller hears from now on."""
    eventually(lambda: (call := call_of(caller)) and call.state == "in_ivr")
    channels = line.asterisk.rx("core show channels concise").splitlines()
    channel = next(row.partition("!")[0] for row in channels if row.startswith("PJSIP/trunk"))
    line.asterisk.rx(f"mixmonitor start {channel} ,t({file})")


def agents_page(username: str) -> str:
    app = create_app()
    app.config["WTF_CSRF_ENABLED"] = False
    return signed_in(app, username).get("/agent").text


def words_in(file: Path) -> str:
    """What a recogniser understands of it, as it sounds; the short tones for menu and greeting left out."""
    wav = sound.as_wav(file.read_bytes()[round(UNTIL_THE_TONE * 2 * RATE) :])
    words = asyncio.run(HttpRecogniser(settings().speech).transcribe(wav, "zh"))
    return "".join(lazy_pinyin(words))


def test_a_caller_says_it_hears_it_confirms_it_and_the_agent_has_it(line: Line, tmp_path: Path) -> None:
    heard = tmp_path / "heard.sln"
    with line.agent("1001", pause(6), hang_up()) as staff_id:
        # once only: a second key would reach the agent's telephone
        phone = line.called("12345", says_it(tmp_path), key("1"), wait_for_hang_up(), caller="13500000001")
        listen_in(line, "13500000001", heard)
        eventually(lambda: line.presence(staff_id).state == "talking")
        with transaction() as session:
            pop = screen_pop(session, line.presence(staff_id))
        page = agents_page("1001")
        phone.succeeds()
    call = eventually(lambda: ended("13500000001"))
    assert steps_of(call) == [("speech", "read_back"), ("keys", "understood")]
    assert (call.item_code, call.understood_by) == (WAGES, "confirmed")
    assert pop is not None
    assert pop.item is not None
    assert (pop.item.code, len(pop.suggestions), best_guess(call)) == (WAGES, 3, WAGES)
    assert f"<q>{call.heard}</q>" in page
    assert "语音，来电人已确认" in page
    assert f'data-item="{WAGES}"' in page
    assert "".join(lazy_pinyin("农民工欠薪")) in words_in(heard)


def test_in_a_street_a_caller_is_understood_and_who_does_not_confirm_tells_a_person(
    line: Line, tmp_path: Path
) -> None:
    talking = says_it(tmp_path, "unpaid_wages_noisy")
    phone = line.called("12345", talking, *presses("2"), wait_for_hang_up(), caller="13500000002")
    call = waiting_in_queue(line, phone, "13500000002")
    assert steps_of(call) == [("speech", "read_back"), ("keys", "not_confirmed")]
    assert (call.item_code, best_guess(call)) == (None, WAGES)
    assert call.heard


def test_whoever_cries_for_help_is_put_through_before_those_who_wait(line: Line, tmp_path: Path) -> None:
    waiting = line.called("12345", talk(), *keys("0#", 0.4), wait_for_hang_up(), caller="13500000008")
    eventually(lambda: (call := call_of("13500000008")) and call.queued_at)
    talking = says_it(tmp_path, "fire_noisy")
    calling = line.called("12345", talking, wait_for_hang_up(), caller="13500000009")
    urgent = eventually(lambda: (call := call_of("13500000009")) and (call if call.queued_at else None))
    assert (steps_of(urgent), urgent.understood_by) == ([("speech", "emergency_to_agent")], "alarm")
    with line.agent("1002", pause(3), hang_up()) as staff_id:
        eventually(lambda: line.presence(staff_id).state == "talking")
        page = agents_page("1002")
        eventually(lambda: ended("13500000009"))
    assert eventually(lambda: ended("13500000009")).staff_id == staff_id
    found = alarm(urgent.heard or "")
    assert found is not None
    assert f"转接 {found.number}" in page
    calling.stop()
    waiting_in_queue(line, waiting, "13500000008")


def test_a_silent_caller_reaches_a_person(line: Line, tmp_path: Path) -> None:
    phone = line.called("12345", says_it(tmp_path, ""), wait_for_hang_up(), caller="13500000003")
    call = waiting_in_queue(line, phone, "13500000003")
    assert steps_of(call) == [("silence", "silence_to_agent")]
    assert (call.heard, call.suggestions) == (None, None)


def test_the_recogniser_dies_while_a_caller_speaks_and_a_person_takes_over(
    line: Line, tmp_path: Path
) -> None:
    phone = line.called("12345", says_it(tmp_path), wait_for_hang_up(), caller="13500000004")
    eventually(lambda: recording_begins("13500000004"))
    line.kill("recogniser")
    call = waiting_in_queue(line, phone, "13500000004")
    assert steps_of(call) == [("unheard", "unheard_to_agent")]
    assert (call.item_code, call.heard) == (None, None)
    line.start("recogniser")
    eventually(line.recogniser_answers)
    time.sleep(REST_SECONDS)  # until then nobody is asked to speak


def test_a_recogniser_that_hangs_costs_its_time_and_the_next_caller_is_not_asked_to_speak(
    line: Line, tmp_path: Path
) -> None:
    phone = line.called("12345", says_it(tmp_path), wait_for_hang_up(), caller="13500000005")
    eventually(lambda: recording_begins("13500000005"))
    line.signal("recogniser", signal.SIGSTOP)
    asked = waiting_in_queue(line, phone, "13500000005")
    phone = line.called("12345", says_it(tmp_path), wait_for_hang_up(), caller="13500000006")
    unasked = waiting_in_queue(line, phone, "13500000006")
    line.signal("recogniser", signal.SIGCONT)
    assert steps_of(asked) == [("unheard", "unheard_to_agent")]
    assert steps_of(unasked) == [("silence", "silence_to_agent")]


def test_no_key_is_lost_whenever_it_is_pressed(line: Line) -> None:
    moments = [0.3 + 0.15 * n for n in range(14)]
    callers = [f"135100000{n:02d}" for n in range(len(moments))]
    phones: list[Phones] = [
        line.called("12345", talk(), pause(when), *keys("0307#"), pause(3), hang_up(), caller=caller)
        for when, caller in zip(moments, callers, strict=True)
    ]
    for phone in phones:
        phone.succeeds()
    found = [eventually(partial(ended, caller)) for caller in callers]
    assert [(call.item_code, call.understood_by) for call in found] == [(WAGES, "keys")] * len(moments)


def test_what_a_caller_said_goes_when_the_caller_hangs_up_meanwhile(line: Line, tmp_path: Path) -> None:
    phone = line.called("12345", says_it(tmp_path, then=0), hang_up(), caller="13500000007")
    eventually(lambda: recording_begins("13500000007"))
    phone.succeeds()
    assert eventually(lambda: ended("13500000007")).end_reason == "abandoned_ivr"
