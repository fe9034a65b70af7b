"""What callers leave after the tone, on Asterisk: a WAV file below the recordings directory."""

import wave
from pathlib import Path

from hotline.config import settings
from hotline.speech.sound import is_silent
from ivr.asterisk.agi import AgiSession
from ivr.flow import SILENCE, Heard, heard_from
from ivr.flows.off_hours import OPERATOR, is_message
from ivr.verbs import Record

# The caller has said it all and does not know about the hash key.
SILENCE_SECONDS = 6


async def take(agi: AgiSession, verb: Record) -> Heard:
    """Raises CallerHungUp, after which `said_by` tells; AgiFailed where nothing can be written."""
    key = await agi.record(str(_file(agi.unique_id)), seconds=verb.seconds, silence=SILENCE_SECONDS)
    heard = said_by(agi.unique_id)
    if key != OPERATOR:
        return heard
    # a person listens now; the file goes, because nobody would look for it
    _file(agi.unique_id).with_suffix(".wav").unlink(missing_ok=True)
    return heard_from(key)


def said_by(system_id: str) -> Heard:
    """The message of this channel; SILENCE, and no file, where there is nothing to hear."""
    path = _file(system_id).with_suffix(".wav")
    try:
        with wave.open(str(path), "rb") as sound:
            samples = sound.readframes(sound.getnframes())
            seconds = sound.getnframes() / sound.getframerate()
    except (FileNotFoundError, EOFError, wave.Error):
        return SILENCE
    heard = Heard("message", seconds=int(seconds), recording=path.name)
    if is_message(heard) and not is_silent(samples):
        return heard
    path.unlink()
    return SILENCE


def _file(system_id: str) -> Path:
    """Without its ending, which Asterisk adds. The id's own dot would pass for one."""
    return settings().telephony.recordings_dir.resolve() / f"message-{system_id.replace('.', '-')}"
