"""Words for the messages that lawyers answer, where there is a recogniser. The recording stays the truth."""

import asyncio
import logging
import wave
from datetime import datetime, timedelta
from pathlib import Path

from hotline import clock
from hotline.config import settings
from hotline.db import transaction
from hotline.legal import queries, service
from hotline.speech.recogniser import RecogniserFailed, recogniser_for
from hotline.speech.sound import as_wav

logger = logging.getLogger(__name__)

# What it is about is said at the beginning; a longer recognition would keep callers waiting.
FIRST_SECONDS = 25
# Then the lawyer has only the recording.
TRIED_FOR = timedelta(hours=1)


def write_down_messages() -> None:
    """A failure ends this run: the next one tries again."""
    recogniser = recogniser_for(settings().speech)
    if recogniser is None:
        return
    for task_id, path in _not_written_down(clock.now() - TRIED_FOR):
        try:
            sound = beginning(settings().telephony.recordings_dir / path)
            words = asyncio.run(recogniser.transcribe(sound, settings().ivr.language))
        except (RecogniserFailed, OSError, EOFError, wave.Error) as error:
            logger.warning("lawyer's task %d: no words: %s", task_id, error)
            return
        with transaction() as session:
            service.note_words(session, task_id, words, clock.now())


def beginning(path: Path) -> bytes:
    """The first seconds of a WAV file (8 kHz, one channel, 16 bit)."""
    with wave.open(str(path), "rb") as sound:
        return as_wav(sound.readframes(FIRST_SECONDS * sound.getframerate()))


def _not_written_down(since: datetime) -> list[tuple[int, str]]:
    with transaction() as session:
        return queries.without_words(session, since)
