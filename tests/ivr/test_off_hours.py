"""12348 at night: a message for a lawyer, or a person, and never silence."""

import pytest

from ivr import prompts
from ivr.flow import SILENCE, UNHEARD, Heard, Line, MessageLeft
from ivr.verbs import Enqueue, Gather, HangUp, Record
from tests.ivr.test_flows import play, pressed, spoken

LINE = Line(hotline="12348", language="zh", queue="hotline_12348", message_seconds=90)
LEFT = Heard("message", seconds=30, recording="message-1.wav")


def test_emergencies_come_first_then_how_to_leave_a_message_or_reach_a_person() -> None:
    first = play("off_hours", line=LINE)[0]
    said = "".join(prompts.text(str(prompt), "zh") for prompt in spoken(first))
    assert said.index("110") < said.index("留言") < said.index("请按0")
    assert isinstance(first.verbs[-1], Gather)


@pytest.mark.parametrize("heard", [SILENCE, pressed("5"), UNHEARD])
def test_who_does_not_ask_for_a_person_hears_the_tone(heard: Heard) -> None:
    assert play("off_hours", heard, line=LINE)[-1].verbs == (Record(90),)


def test_a_message_is_kept_and_the_caller_told() -> None:
    last = play("off_hours", SILENCE, LEFT, line=LINE)[-1]
    assert last.acts == (MessageLeft(30, "message-1.wav"),)
    assert spoken(last) == ["message_kept"]
    assert isinstance(last.verbs[-1], HangUp)


@pytest.mark.parametrize(
    "heard",
    [
        [pressed("0")],
        [SILENCE, pressed("0")],
        [SILENCE, SILENCE],
        [SILENCE, Heard("message", seconds=1, recording="message-1.wav")],
    ],
)
def test_by_zero_and_by_silence_one_reaches_a_person(heard: list[Heard]) -> None:
    last = play("off_hours", *heard, line=LINE)[-1]
    assert last.verbs[-1] == Enqueue("hotline_12348")
    assert not last.acts
