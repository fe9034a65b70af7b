"""The terminal's dialogue is the same dialogue, and leaves nothing behind."""

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from hotline.calls.models import Call
from hotline.db import transaction
from ivr import prompts, walk
from ivr.flow import SILENCE, Heard, heard_from


@pytest.mark.parametrize(
    ("line", "heard"),
    [
        ("0801#\n", heard_from("0801#")),
        ("\n", SILENCE),
        ("路灯不亮\n", Heard("speech", words="路灯不亮")),
    ],
)
def test_what_is_typed_is_pressed_or_spoken(line: str, heard: Heard) -> None:
    assert walk.heard_in(line) == heard


def test_a_developer_plays_the_public_line(seeded: str) -> None:
    shown = CliRunner().invoke(walk.main, ["public_line", "12348"], input="77\n0101\n")
    assert shown.exit_code == 0, shown.output
    assert prompts.text("invalid_keys", "zh") in shown.output
    assert shown.output.endswith("-> hotline_12348 (understood, item L0101)\n")


def test_a_developer_plays_the_survey_in_english(seeded: str) -> None:
    shown = CliRunner().invoke(walk.main, ["survey", "12345", "en"], input="1\n1\n")
    assert prompts.text("survey_thanks", "en") in shown.output
    assert shown.output.endswith("hung up (answered, item -)\n")


def test_hanging_up_in_the_terminal_ends_the_dialogue(seeded: str) -> None:
    assert CliRunner().invoke(walk.main, [], input="").output.endswith("hung up (over, item -)\n")


def test_nothing_of_a_walk_is_kept(seeded: str) -> None:
    CliRunner().invoke(walk.main, ["public_line"], input="0\n")
    with transaction() as session:
        assert session.scalars(select(func.count()).select_from(Call)).one() == 0
