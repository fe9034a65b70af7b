"""`hotline story`: the whole line in one command, on the simulated telephone and on a real Asterisk."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from tests.support.asterisk import asterisk_prefix

LONGEST_SECONDS = 280


def play(telephony: str, config: Path) -> tuple[int, list[dict[str, Any]]]:
    """The exit code and the steps; every line it prints is one JSON object."""
    command = ["--config", str(config), "story", "--telephony", telephony, "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "hotline.wiring.cli", *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_SECONDS,
    )
    assert done.stderr == "", done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def config_in(directory: Path, prefix: Path) -> Path:
    config = directory / "hotline.toml"
    config.write_text(tomli_w.dumps({"asterisk": {"prefix": str(prefix)}}))
    return config


@pytest.mark.parametrize("telephony", ["simulated", "asterisk"])
def test_every_step_from_the_ring_to_the_rating_holds(telephony: str, tmp_path: Path) -> None:
    code, told = play(telephony, config_in(tmp_path, asterisk_prefix()))
    *steps, end = told
    assert code == 0, told[-1]
    assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
    assert all(step["held"] and step["evidence"] for step in steps)
    assert end == {"held": True, "steps": len(steps)}
    assert steps[0]["evidence"]["telephony"] == telephony


def test_a_story_that_cannot_be_played_says_why_and_ends_1(tmp_path: Path) -> None:
    nowhere = tmp_path / "no-asterisk-here"
    code, told = play("asterisk", config_in(tmp_path, nowhere))
    assert code == 1
    assert [step["held"] for step in told] == [False]
    assert str(nowhere) in told[0]["why"]
    assert "make asterisk" in told[0]["why"]
