"""What Asterisk recorded, before a recogniser is asked."""

import io
import math
import struct
import wave

from hotline.speech import sound


def tone(seconds: float, peak: int) -> bytes:
    count = round(seconds * sound.RATE)
    return b"".join(struct.pack("<h", int(peak * math.sin(n / 3))) for n in range(count))


def test_a_recogniser_gets_a_file_that_says_what_it_is() -> None:
    samples = tone(0.5, 1000)
    with wave.open(io.BytesIO(sound.as_wav(samples))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert file.readframes(file.getnframes()) == samples


def test_nothing_to_hear_is_not_worth_a_recognition() -> None:
    assert sound.is_silent(b"")
    assert sound.is_silent(bytes(16_000))
    assert sound.is_silent(tone(3, 100))
    assert sound.is_silent(bytes(8_000) + tone(0.1, 9000) + bytes(8_000))  # a click


def test_a_short_word_said_softly_is_worth_one() -> None:
    assert not sound.is_silent(bytes(16_000) + tone(0.4, 400) + bytes(16_000))
