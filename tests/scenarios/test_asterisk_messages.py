"""12348 at night on a real Asterisk: a message over SIP, a lawyer who answers it, the text that tells."""

import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from hotline.calls.models import Call, Recording
from hotline.calls.states import EndReason
from hotline.config import settings
from hotline.db import transaction
from hotline.legal.models import LawyerTask
from hotline.telephony.asterisk.sipp import Step, hang_up, key, pause, wait_for_hang_up
from hotline.tickets.models import Ticket
from hotline.wiring.app import create_app
from sms.models import SmsMessage
from tests.conftest import Servers
from tests.legal.people import closed_now
from tests.support.callers import says
from tests.support.line import Line, call_of, ended, facts_of, running_line
from tests.support.people import signed_in
from tests.support.waiting import eventually

# Greeting, how to leave a message and the tone are over: short ones, in tests.
UNTIL_THE_TONE = 3.0


@pytest.fixture(scope="module")
def line(servers: Servers, seeded_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    with running_line(servers, seeded_template, tmp_path_factory.mktemp("line"), legal=closed_now()) as made:
        yield made


def message(directory: Path, seconds_after: float = 1.0, name: str = "unpaid_wages") -> Step:
    return says(directory, name, silence_before=UNTIL_THE_TONE, silence_after=seconds_after)


def task_of(call: Call) -> LawyerTask | None:
    with transaction() as session:
        return session.scalar(select(LawyerTask).where(LawyerTask.call_id == call.id))


def seconds_kept(call: Call) -> float:
    with transaction() as session:
        path = session.scalars(select(Recording.path).where(Recording.call_id == call.id)).one()
    with wave.open(str(settings().telephony.recordings_dir / path)) as sound:
        return sound.getnframes() / sound.getframerate()


def waits_for_a_person(caller: str) -> bool:
    call = call_of(caller)
    return call is not None and call.state == "queued"


def test_a_message_is_answered_by_a_lawyer_and_the_citizen_gets_the_text(line: Line, tmp_path: Path) -> None:
    line.called("12348", message(tmp_path), key("#"), wait_for_hang_up(), caller="13600000001").succeeds()
    call = eventually(lambda: ended("13600000001"))
    assert call.end_reason == EndReason.MESSAGE
    task = eventually(lambda: task_of(call))
    assert seconds_kept(call) > 2

    app = create_app()
    app.config["WTF_CSRF_ENABLED"] = False
    lawyer = signed_in(app, "lawyer")
    page = lawyer.get(f"/legal/{task.id}").text
    assert "136●●●●0001" in page or "13600000001" not in page
    sound = page.partition('src="/legal')[2].partition('"')[0]
    assert lawyer.get(f"/legal{sound}").data[:4] == b"RIFF"
    lawyer.post(f"/legal/{task.id}/claim")
    answer = {"item_code": "L0201", "text": "可以申请劳动仲裁，不收费。"}
    assert lawyer.post(f"/legal/{task.id}/answer", data=answer).status_code == 303
    texts = eventually(lambda: texts_about(task) if len(texts_about(task)) == 2 else [])
    with transaction() as session:
        ticket = session.get_one(Ticket, task.ticket_id)
    for text in texts:
        assert ticket.number in text
        assert ticket.query_code in text
        assert "仲裁" not in text


def texts_about(task: LawyerTask) -> list[str]:
    with transaction() as session:
        queued = select(SmsMessage.text).where(SmsMessage.ticket_id == task.ticket_id)
        return list(session.scalars(queued))


def test_who_hangs_up_while_speaking_has_left_what_was_said(line: Line, tmp_path: Path) -> None:
    line.called("12348", message(tmp_path, 0.2), hang_up(), caller="13600000002").succeeds()
    call = eventually(lambda: ended("13600000002"))
    eventually(lambda: task_of(call))
    eventually(lambda: (call := call_of("13600000002")) and call.end_reason == EndReason.MESSAGE)
    assert seconds_kept(call) > 2
    eventually(lambda: "call_back_requested" not in facts_of(call) or "call_back_ended" in facts_of(call))


def test_who_says_nothing_and_hangs_up_leaves_no_task_and_no_file(line: Line, tmp_path: Path) -> None:
    line.called("12348", message(tmp_path, name=""), hang_up(), caller="13600000003").succeeds()
    call = eventually(lambda: ended("13600000003"))
    eventually(lambda: facts_of(call).count("ivr_step_taken") == 2)
    assert call.end_reason == EndReason.ABANDONED_IVR
    assert task_of(call) is None
    assert not list(settings().telephony.recordings_dir.glob(f"*{call.system_id.replace('.', '-')}*"))


@pytest.mark.parametrize(
    ("caller", "steps"),
    [
        ("13600000004", [key("0", 0.3)]),
        ("13600000005", [pause(UNTIL_THE_TONE), key("0")]),
    ],
    ids=["during the greeting", "after the tone"],
)
def test_by_zero_one_reaches_a_person_at_night(
    line: Line, tmp_path: Path, caller: str, steps: list[Step]
) -> None:
    phone = line.called("12348", *steps, pause(4), hang_up(), caller=caller)
    eventually(lambda: waits_for_a_person(caller))
    phone.succeeds()


def test_who_says_nothing_after_the_tone_reaches_a_person(line: Line, tmp_path: Path) -> None:
    silent = says(tmp_path, "", silence_before=0, silence_after=14)
    phone = line.called("12348", silent, hang_up(), caller="13600000006")
    eventually(lambda: waits_for_a_person("13600000006"))
    phone.succeeds()


def test_a_message_that_cannot_be_written_brings_a_person(line: Line, tmp_path: Path) -> None:
    directory = settings().telephony.recordings_dir
    aside = directory.with_name("aside")
    directory.rename(aside)
    directory.write_text("not a directory")
    try:
        phone = line.called("12348", message(tmp_path, 4), hang_up(), caller="13600000007")
        eventually(lambda: waits_for_a_person("13600000007"))
        phone.succeeds()
    finally:
        directory.unlink()
        aside.rename(directory)
