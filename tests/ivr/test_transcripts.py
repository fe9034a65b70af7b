"""Messages are written down where a recogniser is there; a cry for help in one is rung back at once."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import select

from hotline import clock
from hotline.callbacks.models import CallBack
from hotline.calls import service as calls
from hotline.config import settings
from hotline.db import transaction
from hotline.legal.models import LawyerTask
from hotline.telephony.asterisk.free_ports import free_tcp_port
from hotline.telephony.simulated.sound import recording
from ivr.transcripts import write_down_messages
from tests.ivr.conftest import Site
from tests.legal.people import OFFICE_HOURS, message, now_as_kept

HEARD = {"text": "老板欠我工资"}


@pytest.fixture
def recogniser() -> Iterator[int]:
    """A model server that hears what HEARD says; its port."""
    port, loop = free_tcp_port(), asyncio.new_event_loop()

    async def transcriptions(request: web.Request) -> web.Response:
        assert (await request.post())["file"]
        return web.json_response(HEARD)

    async def start() -> None:
        app = web.Application()
        app.router.add_post("/v1/audio/transcriptions", transcriptions)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()

    loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield port
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def recorded(number: str) -> LawyerTask:
    """A message left a moment ago, with its sound on disk."""
    task = message(number, now=clock.now())
    directory = settings().telephony.recordings_dir
    directory.mkdir(exist_ok=True)
    with transaction() as session:
        call = calls.get(session, task.call_id or 0)
        (directory / f"{call.id}.wav").write_bytes(recording(3))
        calls.keep_recording(session, call, f"{call.id}.wav", clock.now())
    return task


def call_backs() -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(CallBack.reason)))


def speech(port: int) -> dict[str, object]:
    return {"url": f"http://127.0.0.1:{port}/v1", "timeout_seconds": 5}


def test_a_lawyer_reads_what_the_recogniser_heard(site: Site, recogniser: int) -> None:
    site(legal=OFFICE_HOURS, speech=speech(recogniser))
    task = recorded("13800138000")
    write_down_messages()
    assert now_as_kept(task.id).words == "老板欠我工资"
    assert call_backs() == []


def test_an_emergency_in_a_message_is_rung_back_at_once(
    site: Site, recogniser: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    site(legal=OFFICE_HOURS, speech=speech(recogniser))
    monkeypatch.setitem(HEARD, "text", "救命，他拿着刀在砸门")
    recorded("13800138001")
    write_down_messages()
    write_down_messages()
    assert call_backs() == ["urgent_message"]


@pytest.mark.parametrize("there", [False, True])
def test_without_a_recogniser_or_a_sound_the_recording_is_all_there_is(
    site: Site, there: bool, tmp_path: Path
) -> None:
    site(legal=OFFICE_HOURS, speech=speech(free_tcp_port()) if there else {"url": ""})
    task = recorded("13800138002")
    write_down_messages()
    assert now_as_kept(task.id).words is None
