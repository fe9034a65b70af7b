"""Our own recogniser as a server: its protocol, its queue, its figures."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from hotline.config import Speech
from hotline.speech import status
from hotline.speech.recogniser import HttpRecogniser, RecogniserFailed
from hotline.speech.server import Counts, Desk, Overloaded, Recognise, Server
from hotline.speech.sound import as_wav
from hotline.speech.whisper import Whisper
from hotline.telephony.asterisk.free_ports import free_tcp_port
from hotline.wiring.app import create_app
from tests.conftest import Servers, sections
from tests.support.callers import recording, samples
from tests.support.instance import configured

CALLERS_PATIENCE = 6.0


class HeldUp:
    """A recognition that lasts until it is let go."""

    def __init__(self) -> None:
        self.begun: list[bytes] = []
        self.go_on = threading.Event()

    def __call__(self, sound: bytes, language: str) -> str:
        self.begun.append(sound)
        assert self.go_on.wait(10)
        return f"{language}: {sound.decode()}"


@asynccontextmanager
async def serving(recognise: Recognise) -> AsyncIterator[Speech]:
    """Its settings, as a client has them."""
    app = Server(Desk(recognise, CALLERS_PATIENCE)).application()
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    port = free_tcp_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield Speech(url=f"http://127.0.0.1:{port}/v1", timeout_seconds=CALLERS_PATIENCE)
    finally:
        await runner.cleanup()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.01)


async def until_waiting(speech: Speech, count: int) -> None:
    async with asyncio.timeout(5):
        while (await asyncio.to_thread(status.counts, speech) or {}).get("waiting") != count:
            await asyncio.sleep(0.02)


def test_a_caller_is_understood_through_the_server(whisper: Whisper) -> None:
    async def story() -> str:
        async with serving(whisper.transcribe) as speech:
            wav = as_wav(samples(recording("unpaid_wages")))
            words = await HttpRecogniser(speech).transcribe(wav, "zh")
            told = await asyncio.to_thread(status.counts, speech)
            assert told is not None
            assert (told["recognised"], told["waiting"], told["failed"]) == (1, 0, 0)
            assert 0 < told["seconds"] < CALLERS_PATIENCE
            return words

    assert "农民工" in asyncio.run(story())


@pytest.mark.parametrize(
    ("fields", "code"),
    [({}, 400), ({"file": "text"}, 400), ({"file": b"no sound at all", "language": "zh"}, 400)],
)
def test_nonsense_is_refused_and_harms_nobody(
    whisper: Whisper, fields: dict[str, str | bytes], code: int
) -> None:
    async def story() -> None:
        async with (
            serving(whisper.transcribe) as speech,
            aiohttp.ClientSession() as session,
            session.post(f"{speech.url}/audio/transcriptions", data=_form(fields)) as answer,
        ):
            assert answer.status == code
            assert (await answer.json())["error"]["message"]

    asyncio.run(story())


def _form(fields: dict[str, str | bytes]) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in fields.items():
        form.add_field(name, value, filename="said.wav" if isinstance(value, bytes) else None)
    return form


def test_recognitions_are_done_one_at_a_time_in_their_order() -> None:
    held = HeldUp()

    async def story() -> list[str]:
        desk = Desk(held, CALLERS_PATIENCE)
        jobs = [asyncio.create_task(desk.take(sound, "zh")) for sound in (b"first", b"second", b"third")]
        await until(lambda: desk.counts.waiting == 3)
        assert held.begun == [b"first"]
        held.go_on.set()
        return list(await asyncio.gather(*jobs))

    assert asyncio.run(story()) == ["zh: first", "zh: second", "zh: third"]


def test_who_would_wait_longer_than_callers_wait_is_refused_at_once() -> None:
    held = HeldUp()

    async def story() -> None:
        desk = Desk(held, CALLERS_PATIENCE)
        room = int(CALLERS_PATIENCE / desk.counts.seconds)
        jobs = [asyncio.create_task(desk.take(b"", "zh")) for _ in range(room)]
        await until(lambda: desk.counts.waiting == room)
        with pytest.raises(Overloaded):
            await desk.take(b"", "zh")
        assert desk.counts.refused == 1
        held.go_on.set()
        await asyncio.gather(*jobs)
        await until(lambda: desk.counts.waiting == 0)
        assert await desk.take(b"later", "zh") == "zh: later"

    asyncio.run(story())


def test_a_refused_caller_has_a_failure_at_once_and_not_after_the_patience() -> None:
    held = HeldUp()

    async def story() -> float:
        async with serving(held) as speech:
            room = int(CALLERS_PATIENCE / Counts().seconds)
            jobs = [
                asyncio.create_task(HttpRecogniser(speech).transcribe(b"RIFF", "zh")) for _ in range(room)
            ]
            await until_waiting(speech, room)
            began = asyncio.get_running_loop().time()
            with pytest.raises(RecogniserFailed, match="503"):
                await HttpRecogniser(speech).transcribe(b"RIFF", "zh")
            took = asyncio.get_running_loop().time() - began
            held.go_on.set()
            await asyncio.gather(*jobs)
            return took

    assert asyncio.run(story()) < CALLERS_PATIENCE / 2


def test_a_caller_who_hung_up_loses_the_place_in_the_queue() -> None:
    held = HeldUp()

    async def story() -> None:
        async with serving(held) as speech:
            first = asyncio.create_task(HttpRecogniser(speech).transcribe(b"first", "zh"))
            await until(lambda: len(held.begun) == 1)
            gone = asyncio.create_task(HttpRecogniser(speech).transcribe(b"gone", "zh"))
            await until_waiting(speech, 2)
            gone.cancel()
            await until_waiting(speech, 1)
            held.go_on.set()
            assert await first == "zh: first"
            assert held.begun == [b"first"]

    asyncio.run(story())


def test_a_recognition_that_fails_is_counted_and_the_next_one_works() -> None:
    def fails_once(sound: bytes, language: str) -> str:
        if sound == b"bad":
            raise RuntimeError("out of luck")
        return "well"

    async def story() -> None:
        async with serving(fails_once) as speech:
            with pytest.raises(RecogniserFailed, match="500"):
                await HttpRecogniser(speech).transcribe(b"bad", "zh")
            assert await HttpRecogniser(speech).transcribe(b"good", "zh") == "well"
            told = await asyncio.to_thread(status.counts, speech)
            assert told is not None
            assert (told["failed"], told["recognised"]) == (1, 1)

    asyncio.run(story())


def test_a_scrape_shows_what_the_recogniser_does(
    servers: Servers, seeded_template: str, tmp_path: Path
) -> None:
    name = servers.copy_of(seeded_template)

    async def story() -> None:
        async with serving(lambda sound, language: "words") as speech:
            await HttpRecogniser(speech).transcribe(b"RIFF", "zh")
            chosen = sections(servers, name) | {"speech": {"url": speech.url}}
            with configured(tmp_path / "hotline.toml", chosen):
                page = await asyncio.to_thread(lambda: create_app().test_client().get("/metrics").text)
        assert "hotline_recogniser_up 1.0" in page
        assert "hotline_recogniser_recognised 1.0" in page

    asyncio.run(story())
    servers.drop(name)


def test_figures_of_another_recogniser_are_none_and_of_nobody_is_no_answer() -> None:
    async def story() -> None:
        runner = web.AppRunner(web.Application())
        await runner.setup()
        port = free_tcp_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        assert await asyncio.to_thread(status.counts, Speech(url=f"http://127.0.0.1:{port}/v1")) == {}
        await runner.cleanup()

    asyncio.run(story())
    assert status.counts(Speech(url=f"http://127.0.0.1:{free_tcp_port()}/v1")) is None
