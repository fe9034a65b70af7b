"""Our own recogniser: a process that answers OpenAI's POST /v1/audio/transcriptions, on loopback.

One recognition at a time, at low priority: calls come first. Who would wait longer than a caller does is
refused at once (503); who hung up meanwhile loses the place in the queue.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass

from aiohttp import web

from hotline.config import settings
from hotline.log_setup import set_up_logging
from hotline.speech.whisper import Whisper

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
NICENESS = 10
LARGEST_SOUND_BYTES = 1 << 20  # a minute of WAV
# Of one recognition, until the first ones tell better; then a moving mean.
FIRST_GUESS_SECONDS, NEWEST_COUNTS = 1.5, 0.2

Recognise = Callable[[bytes, str], str]


class Overloaded(Exception):
    """The wait would be longer than anybody waits."""


@dataclass
class Counts:
    """Since the start; `waiting` includes the one at work, `seconds` is what a recognition takes now."""

    waiting: int = 0
    recognised: int = 0
    refused: int = 0
    failed: int = 0
    seconds: float = FIRST_GUESS_SECONDS


class Desk:
    """One recognition after the other, in a thread of its own."""

    def __init__(self, recognise: Recognise, longest_wait_seconds: float) -> None:
        self._recognise = recognise
        self._longest_wait = longest_wait_seconds
        self._thread = ThreadPoolExecutor(1, "recognition")
        self.counts = Counts()

    async def take(self, sound: bytes, language: str) -> str:
        """Raises Overloaded, and what the recogniser raises."""
        counts = self.counts
        if (counts.waiting + 1) * counts.seconds > self._longest_wait:
            counts.refused += 1
            raise Overloaded
        counts.waiting += 1
        job = self._thread.submit(self._timed, sound, language)
        loop = asyncio.get_running_loop()
        # not "when nobody waits any more": the thread may be busy for one who hung up
        job.add_done_callback(lambda done: loop.call_soon_threadsafe(self._note, done))
        words, seconds = await asyncio.wrap_future(job)
        counts.seconds += NEWEST_COUNTS * (seconds - counts.seconds)
        return words

    def _timed(self, sound: bytes, language: str) -> tuple[str, float]:
        began = time.monotonic()
        return self._recognise(sound, language), time.monotonic() - began

    def _note(self, done: Future[tuple[str, float]]) -> None:
        self.counts.waiting -= 1
        if not done.cancelled():
            self.counts.failed += done.exception() is not None
            self.counts.recognised += done.exception() is None


class Server:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def application(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_SOUND_BYTES)
        app.router.add_post("/v1/audio/transcriptions", self._transcribe)
        app.router.add_get("/v1/status", self._status)
        return app

    async def _transcribe(self, request: web.Request) -> web.Response:
        form = await request.post()
        file = form.get("file")
        if not isinstance(file, web.FileField):
            return _error(400, "send the sound as the form field `file`")
        try:
            words = await self._desk.take(file.file.read(), str(form.get("language", "zh")))
        except Overloaded:
            return _error(503, "too many wait already")
        except ValueError as error:
            return _error(400, str(error))
        except Exception:
            logger.exception("a recognition failed")
            return _error(500, "the recognition failed")
        return web.json_response({"text": words})

    async def _status(self, _: web.Request) -> web.Response:
        return web.json_response(asdict(self._desk.counts))


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message}}, status=status)


def main() -> None:
    """Until SIGTERM."""
    set_up_logging()
    os.nice(NICENESS)
    speech = settings().speech
    whisper = Whisper(settings().site.data_dir, speech.threads)
    server = Server(Desk(whisper.transcribe, speech.timeout_seconds))
    logger.info("listening for words at port %d", speech.port)
    web.run_app(
        server.application(),
        host=HOST,
        port=speech.port,
        handler_cancellation=True,  # a caller who hung up
        access_log=None,
        print=None,
    )
