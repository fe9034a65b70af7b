r"""Render what callers say in tests, to 8 kHz A-law in tests/recordings: voices that no prompt has.

    tts/bin/python -m scripts.render_callers package/voices     # in the environment of render_prompts.py

`<name>.alaw` is the sentence, `<name>_noisy.alaw` the same in a street (noise 10 dB below the speech).
"""

import argparse
from pathlib import Path

import numpy as np
import soundfile

from scripts.render_prompts import LINE_RATE, SILENCE, Audio, Kokoro, render

RECORDINGS = Path(__file__).parents[1] / "tests/recordings"
VOICE = "zm_yunxi"
NOISE_BELOW_SPEECH_DB = 10
# A street's hum: each sample remembers this much of the one before.
HUM = 0.9
SENTENCES = {
    "street_lamp": "我们小区门口的路灯坏了好几天了，晚上一片漆黑。",
    "unpaid_wages": "我在工地干活，老板拖欠农民工工资，两个月没发了。",
    "fire": "我家楼下着火了，楼道里全是烟，快来救火。",
    "divorce": "我想咨询一下离婚以后孩子的抚养权怎么判。",
}


def in_a_street(speech: Audio) -> Audio:
    """The same noise each time."""
    random = np.random.default_rng(12345)
    noise = np.zeros_like(speech)
    for n, sample in enumerate(random.standard_normal(len(speech))):
        noise[n] = HUM * noise[n - 1] + sample
    loud = speech[np.abs(speech) > SILENCE]
    wanted = np.sqrt(np.mean(loud**2)) / 10 ** (NOISE_BELOW_SPEECH_DB / 20)
    return np.clip(speech + noise * wanted / np.sqrt(np.mean(noise**2)), -1, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description="Render what callers say in tests.")
    parser.add_argument("voices", type=Path, help="folder with the voices of kokoro-js (package/voices)")
    kokoro = Kokoro(parser.parse_args().voices)
    RECORDINGS.mkdir(exist_ok=True)
    for name, sentence in SENTENCES.items():
        speech = render(kokoro, sentence, "zh", VOICE)
        for suffix, samples in (("", speech), ("_noisy", in_a_street(speech))):
            path = RECORDINGS / f"{name}{suffix}.alaw"
            soundfile.write(path, samples, LINE_RATE, format="RAW", subtype="ALAW")


if __name__ == "__main__":
    main()
