"""The port to a recogniser, and its one adapter: whoever answers OpenAI's POST {url}/audio/transcriptions.

A site's own model server is another `speech.url`. Without one, or with one that is slow or down, the line
goes on by keys and persons.
"""

import logging
import time
from typing import Protocol

import aiohttp

from hotline.config import Speech
from hotline.errors import HotlineError

logger = logging.getLogger(__name__)

# After a failure callers are not asked to speak for so long: each would wait for nothing.
REST_SECONDS = 10.0


class RecogniserFailed(HotlineError):
    """No words came in time: not there, overloaded, too slow, or not speaking the protocol."""

    code = "recogniser_failed"


class Recogniser(Protocol):
    @property
    def ready(self) -> bool:
        """Worth asking the next caller to speak?"""

    async def transcribe(self, wav: bytes, language: str) -> str:
        """The words in a WAV file, '' for a sound without words. Raises RecogniserFailed in time."""


class HttpRecogniser:
    """`transcribe` ends after `speech.timeout_seconds`, whatever the server does."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._rests_until = 0.0

    @property
    def ready(self) -> bool:
        return time.monotonic() >= self._rests_until

    async def transcribe(self, wav: bytes, language: str) -> str:
        try:
            return await self._ask(wav, language)
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            why = f"{type(error).__name__} {error}".strip()
            raise RecogniserFailed(f"the recogniser at {self._speech.url} gave no words: {why}") from error

    async def _ask(self, wav: bytes, language: str) -> str:
        form = aiohttp.FormData({"model": self._speech.model, "language": language})
        form.add_field("file", wav, filename="said.wav", content_type="audio/wav")
        key = self._speech.api_key
        limit = aiohttp.ClientTimeout(total=self._speech.timeout_seconds)
        async with aiohttp.ClientSession(timeout=limit, raise_for_status=True) as session:
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            async with session.post(transcriptions(self._speech), data=form, headers=headers) as answer:
                return str((await answer.json())["text"]).strip()


def transcriptions(speech: Speech) -> str:
    return f"{speech.url.rstrip('/')}/audio/transcriptions"


def recogniser_for(speech: Speech) -> Recogniser | None:
    """None on a line that has no recogniser."""
    return HttpRecogniser(speech) if speech.enabled and speech.url else None
