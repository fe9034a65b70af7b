"""Stands for a recording: a soft tone, 8 kHz, with a note inside that it is simulated."""

import array
import math
import struct

RATE = 8000
# A Chinese voice speaks five to six characters a second.
SPOKEN_PACE = 0.18
PITCH, LOUDNESS = 440, 3000
LONGEST_SECONDS = 5
NOTE = b"Simulated recording: nobody spoke"


def recording(seconds: float) -> bytes:
    """A WAV file of the talk's length, but no longer than five seconds."""
    count = int(RATE * min(max(seconds, 0.1), LONGEST_SECONDS))
    wave = (math.sin(2 * math.pi * PITCH * n / RATE) for n in range(count))
    samples = array.array("h", (int(LOUDNESS * level) for level in wave))
    pcm, mono, bytes_a_sample = 1, 1, 2
    form = struct.pack("<HHIIHH", pcm, mono, RATE, RATE * bytes_a_sample, bytes_a_sample, 8 * bytes_a_sample)
    body = b"WAVE" + _chunk(b"fmt ", form) + _chunk(b"LIST", b"INFO" + _chunk(b"ICMT", NOTE + b"\0"))
    return _chunk(b"RIFF", body + _chunk(b"data", samples.tobytes()))


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
