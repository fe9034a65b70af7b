"""Sounds that no voice speaks (signed 16 bit, 8 kHz, no header: .sln), and where callers' words go."""

import math
import struct
from pathlib import Path

RATE = 8_000
SILENCE_SECOND = bytes(2 * RATE)
BEEP_HERTZ, BEEP_SECONDS, BEEP_PEAK = 880, 0.25, 6_000  # of 32767: no louder than the voice before it


def beep() -> bytes:
    """Fades in and out, or it would click."""
    count = int(BEEP_SECONDS * RATE)
    samples = (
        BEEP_PEAK * math.sin(math.pi * n / count) * math.sin(2 * math.pi * BEEP_HERTZ * n / RATE)
        for n in range(count)
    )
    return b"".join(struct.pack("<h", int(sample)) for sample in samples)


def said_directory(recordings: Path) -> Path:
    """What callers say after the tone lies here for the seconds until it is recognised."""
    return recordings / "said"
