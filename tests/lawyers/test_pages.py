"""A lawyer's pages: the queue, one question with its recording, the ways it can end."""

import re
from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hotline.calls import service as calls
from hotline.calls.models import Recording
from hotline.config import settings
from hotline.db import transaction
from hotline.event_log import Event
from hotline.legal.models import LawyerTask
from hotline.telephony.simulated.sound import recording
from tests.attachments import files
from tests.attachments.people import CITIZEN, given
from tests.conftest import Servers, sections
from tests.legal.people import NIGHT, OFFICE_HOURS, closed_now, message, now_as_kept
from tests.support.instance import configured
from tests.support.people import signed_in, signed_in_as, staff_with

ANSWER = {"item_code": "L0204", "text": "可以申请劳动仲裁。", "number": ""}


@pytest.fixture(autouse=True)
def night(servers: Servers, seeded: str, tmp_path: Path) -> Iterator[None]:
    chosen = {"legal": OFFICE_HOURS, "telephony": {"recordings_dir": str(tmp_path)}}
    with configured(tmp_path / "hotline.toml", sections(servers, seeded) | chosen):
        yield


@pytest.fixture
def lawyer(app: Flask) -> FlaskClient:
    return signed_in_as(app, "lawyer")


def recorded(task: LawyerTask) -> int:
    """The sound of the message is on disk; the id of its recording."""
    with transaction() as session:
        call = calls.get(session, task.call_id or 0)
        path = f"message-{call.id}.wav"
        (settings().telephony.recordings_dir / path).write_bytes(recording(3))
        calls.keep_recording(session, call, path, NIGHT)
        return session.scalars(select(Recording.id).where(Recording.call_id == call.id)).one()


def plays(task: LawyerTask) -> int:
    with transaction() as session:
        kept = select(func.count()).where(Event.kind == "recording_played", Event.ticket_id == task.ticket_id)
        return session.scalars(kept).one()


def test_a_lawyer_reads_the_papers_of_a_question_while_it_waits(lawyer: FlaskClient) -> None:
    task = message()
    paper = given(now_as_kept(task.id).ticket, CITIZEN, files.PDF, "张三的合同.pdf")
    others = given(now_as_kept(message().id).ticket, CITIZEN, files.PDF)
    path = f"/legal/{task.id}/files"
    page = lawyer.get(f"/legal/{task.id}").text
    assert f"{path}/{paper}" in page
    assert "张三" not in page, "a lawyer learns no name"
    assert lawyer.get(f"{path}/{paper}").data == files.PDF
    assert lawyer.get(f"{path}/{others}").status_code == 404
    assert lawyer.get(f"/attachments/{paper}").status_code == 403
    for act in ("claim", "to-desk"):
        assert lawyer.post(f"/legal/{task.id}/{act}").status_code == 303
    assert lawyer.get(f"{path}/{paper}").status_code == 404
    assert path not in lawyer.get(f"/legal/{task.id}").text


def test_a_lawyer_hears_claims_and_answers(lawyer: FlaskClient) -> None:
    task = message()
    recording_id = recorded(task)
    number = now_as_kept(task.id).ticket.number
    assert number in lawyer.get("/legal").text
    sound = lawyer.get(f"/legal/{task.id}/recordings/{recording_id}")
    assert (sound.status_code, sound.mimetype, sound.data[:4]) == (200, "audio/wav", b"RIFF")
    assert plays(task) == 1
    assert lawyer.post(f"/legal/{task.id}/claim").location == f"/legal/{task.id}"
    page = lawyer.get(f"/legal/{task.id}").text
    assert f"/recordings/{recording_id}" in page
    assert "138●●●●8000" in page or "13800138000" not in page
    done = lawyer.post(f"/legal/{task.id}/answer", data=ANSWER, follow_redirects=True)
    assert "可以申请劳动仲裁" in done.text
    assert "短信告知" in done.text
    assert number in lawyer.get("/legal?tab=answered").text


def test_a_player_that_fetches_parts_has_heard_it_once(lawyer: FlaskClient) -> None:
    task = message()
    address = f"/legal/{task.id}/recordings/{recorded(task)}"
    for part in ("bytes=0-", "bytes=1000-2000", "bytes=2001-"):
        assert lawyer.get(address, headers={"Range": part}).status_code == 206
    assert plays(task) == 1


def test_the_recording_of_another_call_is_not_there(lawyer: FlaskClient) -> None:
    mine, other = message(), message()
    assert lawyer.get(f"/legal/{mine.id}/recordings/{recorded(other)}").status_code == 404
    assert plays(mine) == plays(other) == 0


def test_the_second_lawyer_reads_that_another_was_faster(app: Flask, lawyer: FlaskClient) -> None:
    task = message()
    lawyer.post(f"/legal/{task.id}/claim")
    second = signed_in_as(app, "supervisor").post(f"/legal/{task.id}/claim")
    assert second.status_code == 409
    assert staff_with("lawyer").name in second.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text": " "}, "请写下答复"),
        ({"text": "法" * 2001}, "最多 2000 个字"),
        ({"item_code": "0801"}, "item_code-error"),
        ({"number": "12"}, "再听一遍录音核对"),
        ({}, "没有联系电话就无法告知市民"),
    ],
)
def test_an_answer_that_cannot_go_out_comes_back_with_its_words(
    lawyer: FlaskClient, changes: dict[str, str], said: str
) -> None:
    task = message(None)
    lawyer.post(f"/legal/{task.id}/claim")
    answer = lawyer.post(f"/legal/{task.id}/answer", data=ANSWER | changes)
    assert answer.status_code == 400
    assert said in answer.text
    assert (changes or ANSWER).get("text", ANSWER["text"]).strip() in answer.text
    assert now_as_kept(task.id).state == "claimed"


@pytest.mark.parametrize(
    ("way", "state"), [("unreachable", "closed"), ("to-desk", "closed"), ("give-back", "open")]
)
def test_the_other_ways_out(lawyer: FlaskClient, way: str, state: str) -> None:
    task = message(None)
    lawyer.post(f"/legal/{task.id}/claim")
    done = lawyer.post(f"/legal/{task.id}/{way}", data={"reason": "没有号码"})
    assert done.status_code == 303
    assert now_as_kept(task.id).state == state


def test_only_lawyers_and_supervisors_come_in(app: Flask) -> None:
    for role, status in (("lawyer", 200), ("supervisor", 200), ("agent", 403), ("dispatcher", 403)):
        assert signed_in_as(app, role).get("/legal").status_code == status
    assert signed_in(app, "lawyer").get("/agent/tickets").status_code == 403


def test_a_question_from_the_web_is_left_for_a_lawyer_out_of_hours_only(
    servers: Servers, seeded: str, tmp_path: Path, client: FlaskClient, lawyer: FlaskClient
) -> None:
    question = {
        "kind": "consult",
        "text": "老板拖欠三个月工资怎么办",
        "area_id": "0",
        "place": "",
        "number": "",
    }
    for legal, asked in (({"opens": time(0), "closes": time(0)}, False), (closed_now(), True)):
        with configured(tmp_path / "other.toml", sections(servers, seeded) | {"legal": legal}):
            page = client.get("/p/new?hotline=12348").text
            assert ("由律师在下一个服务日内答复" in page) is asked
            answer = client.post("/p/new?hotline=12348", data=question)
            number = answer.location.rpartition("/")[2]
            assert (number in lawyer.get("/legal").text) is asked
    assert re.search(r"法律咨询", client.get("/p").text)


def test_a_supervisor_plans_the_rota_and_lawyers_do_not(app: Flask) -> None:
    supervisor, who = signed_in_as(app, "supervisor"), staff_with("lawyer").id
    assert "律师值班表" in supervisor.get("/legal").text
    of = f"lawyer-{who}-"
    form = {
        f"{of}weekdays": ["0", "4"],
        f"{of}begins": "09:00",
        f"{of}ends": "08:00",
        f"{of}categories": ["L02"],
    }
    wrong = supervisor.post(f"/legal/rota/{who}", data=form)
    assert (wrong.status_code, "要晚于开始时间" in wrong.text) == (400, True)
    assert wrong.text.count(" checked") == 3
    assert supervisor.post(f"/legal/rota/{who}", data=form | {f"{of}ends": "17:30"}).status_code == 303
    page = supervisor.get("/legal/rota").text
    assert re.search(r"手头 \d+ 件", page) and 'value="17:30' in page and page.count(" checked") == 3
    assert supervisor.post("/legal/rota/999999", data=form).status_code == 404
    lawyer = signed_in_as(app, "lawyer")
    assert (
        lawyer.get("/legal/rota").status_code
        == lawyer.post(f"/legal/rota/{who}", data=form).status_code
        == 403
    )
    assert "律师值班表" not in lawyer.get("/legal").text
