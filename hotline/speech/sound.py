"""Telephone sound as Asterisk writes it: signed 16 bit, one channel, 8 kHz, without a header."""

import io
import wave

import numpy as np

RATE = 8_000
FRAME = RATE // 50
# RMS of 20 ms; full scale is 32768. A quiet room on a telephone stays below, a whisper does not.
SILENT_BELOW = 150
LOUD_FRAMES = 10


def as_wav(samples: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(samples)
    return file.getvalue()


def is_silent(samples: bytes) -> bool:
    """Fewer than LOUD_FRAMES frames (0.2 s) in which there is anything to hear: not worth a recognition."""
    whole = len(samples) // 2 // FRAME * FRAME
    frames = np.frombuffer(samples, dtype="<i2", count=whole).reshape(-1, FRAME).astype(np.float32)
    loudness = np.sqrt(np.mean(frames**2, axis=1))
    return int(np.count_nonzero(loudness > SILENT_BELOW)) < LOUD_FRAMES
