"""What callers say in tests: recordings of tests/recordings, made by scripts/render_callers.py."""

from pathlib import Path

import numpy as np

from hotline.telephony.asterisk.sipp import Step, play

RECORDINGS = Path(__file__).parents[1] / "recordings"
RATE = 8_000  # A-law: one byte a sample
SILENT_BYTE = b"\xd5"


def recording(name: str) -> bytes:
    """A-law, 8 kHz, without header."""
    return (RECORDINGS / f"{name}.alaw").read_bytes()


def says(directory: Path, name: str, *, silence_before: float, silence_after: float) -> Step:
    """A telephone that is silent, says this sentence, and is silent; it sends sound all the time."""
    quiet = [SILENT_BYTE * round(seconds * RATE) for seconds in (silence_before, silence_after)]
    sound = quiet[0] + (recording(name) if name else b"") + quiet[1]
    file = directory / f"{name or 'silence'}.alaw"
    file.write_bytes(sound)
    return play(file, len(sound) / RATE)


def linear(code: int) -> int:
    """One A-law byte as a 16-bit sample (ITU-T G.711)."""
    code ^= 0x55
    segment, step = code >> 4 & 0x07, code & 0x0F
    magnitude = (step << 4) + 8 if segment == 0 else ((step << 4) + 0x108) << (segment - 1)
    return magnitude if code & 0x80 else -magnitude


_LINEAR = np.array([linear(code) for code in range(256)], dtype="<i2")


def samples(alaw: bytes) -> bytes:
    """As Asterisk hands them to us: signed 16 bit."""
    return _LINEAR[np.frombuffer(alaw, dtype=np.uint8)].tobytes()
