"""Play what the line says to the recogniser that listens to callers, and count what it hears otherwise.

    .venv/bin/python -m scripts.rehear_prompts              # the worst first; some minutes

What was heard is kept in tests/ivr/heard.tsv with the hash of each sound: the tests judge all of it, and
listen again to a few. Run this after any change of a sound; only changed sounds are heard again (--all: all).

Mandarin is compared in syllables without tones, English in words; figures as they are spoken. A name is
played between the two prompts that stand around it when an item is read back.
"""

import argparse
import hashlib
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
NTH = 20
LEDGER = Path(__file__).parents[1] / "tests/ivr/heard.tsv"


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
    return _compared(whisper, spoken, _played(spoken))


def _played(spoken: SpokenText) -> tuple[SpokenText, ...]:
    if not is_name(spoken):
        return (spoken,)
    said, confirm = (
        SpokenText(key, spoken.language, prompts.spoken(key, spoken.language))
        for key in ("you_said", "confirm_item")
    )
    return (said, spoken, confirm)


def _compared(whisper: Whisper, spoken: SpokenText, played: Sequence[SpokenText]) -> Rehearing:
    heard = whisper.transcribe(as_wav(b"".join(map(_samples, played))), spoken.language)
    return _judged(spoken, played, heard)


def _judged(spoken: SpokenText, played: Sequence[SpokenText], heard: str) -> Rehearing:
    said = parts(" ".join(text.text for text in played), spoken.language)
    return Rehearing(spoken, heard, distance(said, parts(heard, spoken.language)), len(said))


def kept() -> dict[tuple[str, str], tuple[str, str]]:
    """(language, file) > (hash of the sound, what was heard), as the ledger has it."""
    if not LEDGER.exists():
        return {}
    rows = (line.split("\t") for line in LEDGER.read_text(encoding="utf-8").splitlines())
    return {(language, file): (sound, heard) for language, file, sound, heard in rows}


def sound_of(spoken: SpokenText) -> str:
    return hashlib.sha256(_alaw(spoken)).hexdigest()[:16]


def listened(whisper: Whisper, spoken: SpokenText) -> Rehearing:
    """Heard now, a name between its prompts."""
    return (rehear_name if is_name(spoken) else rehear)(whisper, spoken)


def remembered(spoken: SpokenText, heard: str) -> Rehearing:
    """As `listened`, from what was heard before."""
    return _judged(spoken, _played(spoken), heard)


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
    return _LINEAR[np.frombuffer(_alaw(spoken), dtype=np.uint8)].tobytes()


def _alaw(spoken: SpokenText) -> bytes:
    return (prompts.SOUNDS / spoken.language / f"{spoken.file}.alaw").read_bytes()


def linear(code: int) -> int:
    """One A-law byte as a 16-bit sample (ITU-T G.711)."""
    code ^= 0x55
    segment, step = code >> 4 & 0x07, code & 0x0F
    magnitude = (step << 4) + 8 if segment == 0 else ((step << 4) + 0x108) << (segment - 1)
    return magnitude if code & 0x80 else -magnitude


_LINEAR = np.array([linear(code) for code in range(256)], dtype="<i2")


def to_be_heard(nth: int) -> list[SpokenText]:
    """All prompts, and of each language every `nth` name. A figure alone is more than Whisper can."""
    texts = [text for text in all_texts() if not text.file.startswith("digit_")]
    prompted = [text for text in texts if not is_name(text)]
    names = [[text for text in texts if is_name(text) and text.language == one] for one in prompts.LANGUAGES]
    return prompted + [text for those in names for text in those[::nth]]


def _brought_up_to_date(
    whisper: Whisper, texts: Sequence[SpokenText], before: dict[tuple[str, str], tuple[str, str]]
) -> list[Rehearing]:
    done, rows = [], []
    for spoken in texts:
        sound, heard = before.get((spoken.language, spoken.file), ("", ""))
        same = sound == sound_of(spoken)
        done.append(remembered(spoken, heard) if same else listened(whisper, spoken))
        words = " ".join(done[-1].heard.split())
        rows.append("\t".join((spoken.language, spoken.file, sound_of(spoken), words)))
        LEDGER.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--nth", type=int, default=NTH, help="of the names; 1 takes most of an hour")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        whisper = Whisper(Path(scratch), chosen.threads)
        done = _brought_up_to_date(whisper, to_be_heard(chosen.nth), {} if chosen.all else kept())
    for one in sorted(done, key=lambda one: one.wrong, reverse=True)[:SHOWN]:
        print(f"{one.wrong:3} of {one.of:3}  {one.spoken.language}  {one.spoken.text}  |  {one.heard}")
    for language in prompts.LANGUAGES:
        for kind, named in (("prompts", False), ("names", True)):
            some = [one for one in done if (one.spoken.language, is_name(one.spoken)) == (language, named)]
            perfect = sum(one.wrong == 0 for one in some)
            print(f"{language} {kind}: {share(some):.2%} wrong, {perfect} of {len(some)} without any")


if __name__ == "__main__":
    main()
