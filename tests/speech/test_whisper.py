"""The model itself: callers' sentences, and what is none."""

from pathlib import Path

import numpy as np
import pytest
from pypinyin import lazy_pinyin

from hotline.speech import whisper as speech_whisper
from hotline.speech.sound import RATE, as_wav
from hotline.speech.whisper import ModelMissing, Whisper, model_directory
from tests.support.callers import recording, samples


@pytest.mark.parametrize("name", ["street_lamp", "unpaid_wages_noisy", "divorce"])
def test_a_sentence_on_the_telephone_is_understood_as_it_sounds(whisper: Whisper, name: str) -> None:
    words = whisper.transcribe(as_wav(samples(recording(name))), "zh")
    heard = " ".join(lazy_pinyin(words))
    sounds_of = {"street_lamp": "lu deng", "unpaid_wages_noisy": "liang ge yue", "divorce": "li hun"}
    assert sounds_of[name] in heard


def test_words_are_written_as_the_catalogue_writes_them(whisper: Whisper) -> None:
    words = whisper.transcribe(as_wav(samples(recording("street_lamp"))), "zh")
    assert not set("們區門燈壞幾") & set(words)


def test_silence_and_noise_are_no_words(whisper: Whisper) -> None:
    noise = (np.random.default_rng(1).standard_normal(4 * RATE) * 500).astype("<i2")
    assert whisper.transcribe(as_wav(bytes(8 * RATE)), "zh") == ""
    assert whisper.transcribe(as_wav(noise.tobytes()), "zh") == ""


@pytest.mark.parametrize("sound", [b"", b"RIFF", bytes(5000), as_wav(b"")])
def test_what_is_no_sound_is_refused_or_without_words(whisper: Whisper, sound: bytes) -> None:
    try:
        assert whisper.transcribe(sound, "zh") == ""
    except ValueError as error:
        assert "no sound" in str(error)


def test_a_language_it_does_not_know_is_refused(whisper: Whisper) -> None:
    with pytest.raises(ValueError, match="klingon"):
        whisper.transcribe(as_wav(samples(recording("divorce"))), "klingon")


def test_the_model_is_put_together_once(whisper: Whisper, tmp_path_factory: pytest.TempPathFactory) -> None:
    base = tmp_path_factory.getbasetemp()
    made = model_directory(base) / "model.bin"
    before = made.stat().st_mtime_ns
    assert model_directory(base) / "model.bin" == made
    assert made.stat().st_mtime_ns == before


def test_parts_that_are_not_the_model_we_know_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech_whisper, "PARTS", speech_whisper.PARTS[::-1])
    with pytest.raises(ModelMissing, match="make install"):
        model_directory(tmp_path)
    assert not (tmp_path / "speech/whisper-base").exists()
