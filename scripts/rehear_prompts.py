"""Play what the line says to the recogniser that listens to callers, and count what it hears otherwise.

    .venv/bin/python -m scripts.rehear_prompts              # all files, the worst first; some ten minutes

Mandarin is compared in syllables without tones, English in words; figures as they are spoken. A name is
played between the two prompts that stand around it when an item is read back.
"""

import argparse
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pypinyin import lazy_pinyin

from hotline.speech.sound import as_wav
from hotline.speech.whisper import Whisper
from ivr import prompts
from scripts.spoken_texts import SpokenText, all_texts

# 幺 and 一 are one figure, and so a recogniser writes them.
FIGURES = str.maketrans("0123456789幺", "零一二三四五六七八九一")
ENGLISH_FIGURES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SHOWN = 40


@dataclass(frozen=True)
class Rehearing:
    """`wrong` of so many syllables or words were heard otherwise."""

    spoken: SpokenText
    heard: str
    wrong: int
    of: int


def rehear(whisper: Whisper, spoken: SpokenText) -> Rehearing:
    return _compared(whisper, spoken, (spoken,))


def rehear_name(whisper: Whisper, spoken: SpokenText) -> Rehearing:
    """A name as callers hear it: between the two prompts of the item read back."""
    said, confirm = (
        SpokenText(key, spoken.language, prompts.spoken(key, spoken.language))
        for key in ("you_said", "confirm_item")
    )
    return _compared(whisper, spoken, (said, spoken, confirm))


def _compared(whisper: Whisper, spoken: SpokenText, played: Sequence[SpokenText]) -> Rehearing:
    heard = whisper.transcribe(as_wav(b"".join(map(_samples, played))), spoken.language)
    said = parts(" ".join(text.text for text in played), spoken.language)
    return Rehearing(spoken, heard, distance(said, parts(heard, spoken.language)), len(said))


def share(rehearings: Iterable[Rehearing]) -> float:
    counted = [(rehearing.wrong, rehearing.of) for rehearing in rehearings]
    return sum(wrong for wrong, _ in counted) / sum(of for _, of in counted)


def parts(text: str, language: str) -> list[str]:
    """What is compared: syllables or words."""
    if language == "zh":
        return lazy_pinyin("".join(re.findall("[\u4e00-\u9fff]", text.translate(FIGURES))))
    words = re.sub(r"\d", lambda figure: f" {ENGLISH_FIGURES[int(figure[0])]} ", text.lower())
    return re.findall("[a-z]+", words.replace("'", ""))


def distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """Fewest parts put in, left out or exchanged (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for n, one in enumerate(said, 1):
        before, row[0] = row[0], n
        for m, other in enumerate(heard, 1):
            before, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, before + (one != other))
    return row[-1]


def is_name(spoken: SpokenText) -> bool:
    return spoken.file.startswith("names/")


def _samples(spoken: SpokenText) -> bytes:
    alaw = (prompts.SOUNDS / spoken.language / f"{spoken.file}.alaw").read_bytes()
    return _LINEAR[np.frombuffer(alaw, dtype=np.uint8)].tobytes()


def linear(code: int) -> int:
    """One A-law byte as a 16-bit sample (ITU-T G.711)."""
    code ^= 0x55
    segment, step = code >> 4 & 0x07, code & 0x0F
    magnitude = (step << 4) + 8 if segment == 0 else ((step << 4) + 0x108) << (segment - 1)
    return magnitude if code & 0x80 else -magnitude


_LINEAR = np.array([linear(code) for code in range(256)], dtype="<i2")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        whisper = Whisper(Path(scratch), chosen.threads)
        # a figure alone is more than Whisper can
        texts = [text for text in all_texts() if not text.file.startswith("digit_")]
        done = [(rehear_name if is_name(text) else rehear)(whisper, text) for text in texts]
    for one in sorted(done, key=lambda one: one.wrong, reverse=True)[:SHOWN]:
        print(f"{one.wrong:3} of {one.of:3}  {one.spoken.language}  {one.spoken.text}  |  {one.heard}")
    for language in prompts.LANGUAGES:
        for kind, named in (("prompts", False), ("names", True)):
            some = [one for one in done if (one.spoken.language, is_name(one.spoken)) == (language, named)]
            perfect = sum(one.wrong == 0 for one in some)
            print(f"{language} {kind}: {share(some):.2%} wrong, {perfect} of {len(some)} without any")


if __name__ == "__main__":
    main()
