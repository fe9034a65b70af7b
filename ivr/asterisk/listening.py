"""What a caller presses or says after the tone, on Asterisk: recorded, recognised, deleted.

The sound lies in a directory of its own for the seconds a recognition takes, and goes whatever happens.
"""

import asyncio
import logging
import time
from pathlib import Path
from uuid import uuid4

from hotline.speech import sound
from hotline.speech.recogniser import Recogniser, RecogniserFailed
from ivr.asterisk.agi import AgiSession
from ivr.flow import SILENCE, UNHEARD, Heard, heard_from
from ivr.verbs import Gather

logger = logging.getLogger(__name__)

# Asterisk closes the file a moment after the last sound.
WRITTEN_SECONDS, LOOK_SECONDS = 1.0, 0.02
# While the recogniser works the caller hears "please wait" so often.
COMFORT_SECONDS = 2.0
# Older than any recognition: its dialogue died.
STALE_SECONDS = 60.0


class Ear:
    """A line's recogniser with the directory for what is said."""

    def __init__(self, recogniser: Recogniser, directory: Path) -> None:
        self._recogniser = recogniser
        self._directory = directory

    @property
    def ready(self) -> bool:
        return self._recogniser.ready

    async def hear(self, agi: AgiSession, files: tuple[str, ...], verb: Gather, language: str) -> Heard:
        """Keys win over words. Whatever fails is UNHEARD. Raises CallerHungUp."""
        recording = self._directory / uuid4().hex
        try:
            keys = await agi.listen(
                *files, "after_tone", recording=str(recording), max_digits=verb.max_digits
            )
            if keys.pressed:
                return heard_from(keys.pressed)
            return await self._recognised(agi, await _whole(recording.with_suffix(".sln")), language)
        except RecogniserFailed as error:
            logger.warning("call %s: %s", agi.unique_id, error)
            return UNHEARD
        finally:
            # in this order: one that is still being written then never gets the other name
            recording.with_suffix(".part.sln").unlink(missing_ok=True)
            recording.with_suffix(".sln").unlink(missing_ok=True)

    async def _recognised(self, agi: AgiSession, samples: bytes, language: str) -> Heard:
        if sound.is_silent(samples):
            return SILENCE
        words = asyncio.create_task(self._recogniser.transcribe(sound.as_wav(samples), language))
        try:
            while not words.done():
                await agi.stream_file("hold_wait")
                await asyncio.wait({words}, timeout=COMFORT_SECONDS)
            return heard_from("", words.result())
        finally:
            words.cancel()

    async def forget_stale(self) -> None:
        """For ever: delete what a dialogue left that could not."""
        while True:
            delete_stale(self._directory, time.time() - STALE_SECONDS)
            await asyncio.sleep(STALE_SECONDS)


def delete_stale(directory: Path, before: float) -> None:
    """Sounds last written `before` this time (seconds since the epoch)."""
    for path in directory.glob("*.sln"):
        try:
            if path.stat().st_mtime < before:
                path.unlink()
        except FileNotFoundError:
            continue  # its call ends just now


async def _whole(path: Path) -> bytes:
    """The samples, once Asterisk has given the file its name. Raises RecogniserFailed."""
    deadline = time.monotonic() + WRITTEN_SECONDS
    while not path.exists():
        if time.monotonic() > deadline:
            raise RecogniserFailed(f"Asterisk wrote no {path.name}")
        await asyncio.sleep(LOOK_SECONDS)
    return path.read_bytes()
