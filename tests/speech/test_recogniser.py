"""The port to a recogniser: whatever stands at the other end, the caller has words or a person in time."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from hotline.config import Speech
from hotline.speech.recogniser import HttpRecogniser, RecogniserFailed, recogniser_for
from hotline.telephony.asterisk.free_ports import free_tcp_port

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SECONDS = 0.5


def at(port: int, **more: str) -> HttpRecogniser:
    return HttpRecogniser(Speech(url=f"http://127.0.0.1:{port}/v1/", timeout_seconds=SECONDS, **more))


def asked(handler: Handler, **more: str) -> str:
    """The words that a recogniser with this handler gives. Raises what the port raises."""

    async def story() -> str:
        app = web.Application()
        app.router.add_post("/v1/audio/transcriptions", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        port = free_tcp_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            return await at(port, **more).transcribe(b"RIFF", "zh")
        finally:
            await runner.cleanup()

    return asyncio.run(story())


def test_it_speaks_the_protocol_a_model_server_knows() -> None:
    seen: dict[str, object] = {}

    async def transcriptions(request: web.Request) -> web.Response:
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        seen.update(model=form["model"], language=form["language"], sound=file.file.read())
        seen["key"] = request.headers.get("Authorization")
        return web.json_response({"text": " 路灯坏了 "})

    assert asked(transcriptions, model="ours", api_key="k") == "路灯坏了"
    assert seen == {"model": "ours", "language": "zh", "sound": b"RIFF", "key": "Bearer k"}


async def _slow(_: web.Request) -> web.Response:
    await asyncio.sleep(5)
    return web.json_response({"text": "zu spät"})


async def _busy(_: web.Request) -> web.Response:
    return web.json_response({"error": {"message": "busy"}}, status=503)


async def _page(_: web.Request) -> web.Response:
    return web.Response(text="<html>", content_type="text/html")


async def _list(_: web.Request) -> web.Response:
    return web.json_response(["text"])


async def _something_else(_: web.Request) -> web.Response:
    return web.json_response({"words": "x"})


@pytest.mark.parametrize("handler", [_slow, _busy, _page, _list, _something_else])
def test_whatever_it_does_instead_is_one_failure_in_time(handler: Handler) -> None:
    began = time.monotonic()
    with pytest.raises(RecogniserFailed):
        asked(handler)
    assert time.monotonic() - began < SECONDS + 2


def test_after_a_failure_the_next_callers_are_not_asked_to_speak() -> None:
    nobody = at(free_tcp_port())
    assert nobody.ready
    with pytest.raises(RecogniserFailed, match="gave no words"):
        asyncio.run(nobody.transcribe(b"", "zh"))
    assert not nobody.ready


def test_a_site_without_one_has_none() -> None:
    assert recogniser_for(Speech()) is None
    assert recogniser_for(Speech(url="http://127.0.0.1:1/v1", enabled=False)) is None
    assert recogniser_for(Speech(url="http://127.0.0.1:1/v1")) is not None
