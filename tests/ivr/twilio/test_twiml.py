"""The documents themselves, letter by letter: what a default is at Twilio is another at its peers."""

from pathlib import Path

import pytest

from ivr import prompts
from ivr.flow import SILENCE, START, DialogueState, Heard, Line, Matter, Turn
from ivr.flows import FLOWS
from ivr.twilio import twiml
from tests.support.instance import configured

LINE = Line(hotline="12345", language="zh", queue="hotline_12345", speech=True)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


@pytest.fixture(autouse=True)
def usual_settings(tmp_path: Path) -> object:
    with configured(tmp_path / "hotline.toml", {}):
        yield


def say(key: str, language: str = "zh") -> str:
    voice = {"zh": 'language="zh-CN" voice="Polly.Zhiyu"', "en": 'language="en-US" voice="Polly.Joanna"'}
    return f"<Say {voice[language]}>{prompts.spoken(key, language)}</Say>"


def first_turn(flow: str, line: Line = LINE) -> Turn:
    return FLOWS[flow][START](DialogueState(line, flow), SILENCE)


def test_the_greeting_listens_to_keys_and_words_and_silence_goes_on() -> None:
    action = "/twilio/turn?flow=public_line&amp;place=chosen&amp;wrong=0"
    assert twiml.render(first_turn("public_line")) == (
        f'{HEAD}<Response><Gather action="{action}" finishOnKey="#" input="dtmf speech" language="zh-CN" '
        'maxSpeechTime="20" method="POST" numDigits="4" speechTimeout="auto" timeout="5">'
        f"{say('greeting_12345')}{say('menu_12345')}</Gather>"
        f'<Redirect method="POST">{action}</Redirect></Response>'
    )


def test_the_survey_listens_to_keys_only_and_remembers_the_first_answer() -> None:
    state = DialogueState(LINE, "survey", "solved")
    asked = FLOWS["survey"]["solved"](state, Heard("keys", keys="2"))
    action = "/twilio/turn?flow=survey&amp;place=satisfied&amp;wrong=0&amp;solved=0"
    assert twiml.render(asked) == (
        f'{HEAD}<Response><Gather action="{action}" finishOnKey="#" input="dtmf" language="zh-CN" '
        f'method="POST" numDigits="1" timeout="5">{say("survey_satisfied")}</Gather>'
        f'<Redirect method="POST">{action}</Redirect></Response>'
    )


def test_whoever_was_understood_hears_so_and_waits() -> None:
    heard = Heard("keys", keys="0801", matter=Matter("0801", 1.0, "keys"))
    turn = FLOWS["public_line"]["chosen"](DialogueState(LINE, "public_line", "chosen"), heard)
    assert twiml.render(turn) == (
        f"{HEAD}<Response>{say('item_understood')}"
        '<Enqueue action="/twilio/after-queue" method="POST" waitUrl="/twilio/queue-wait" '
        'waitUrlMethod="POST">hotline_12345</Enqueue></Response>'
    )


def test_nobody_free_ends_with_a_promise() -> None:
    assert twiml.render(first_turn("after_queue")) == (
        f"{HEAD}<Response>{say('callback_promised')}{say('goodbye')}<Hangup /></Response>"
    )


def test_the_line_speaks_english_where_the_site_does() -> None:
    line = Line(hotline="12345", language="en", queue="q", menu=False)
    assert say("greeting_12345", "en") in twiml.render(first_turn("public_line", line))


def test_the_agents_leg_is_recorded_and_shows_the_hotlines_number() -> None:
    fields = "leg=abc&amp;extension=1001&amp;call=CA1"
    assert twiml.dial_agent("1001", leg="abc", call_sid="CA1") == (
        f'{HEAD}<Response><Dial action="/twilio/after-agent?{fields}" callerId="+8612345" method="POST" '
        'record="record-from-answer-dual" recordingStatusCallback="/twilio/recording" '
        'recordingStatusCallbackMethod="POST" timeout="20">'
        f'<Client method="POST" statusCallback="/twilio/agent-status?{fields}" '
        'statusCallbackEvent="answered completed" statusCallbackMethod="POST" url="/twilio/agent-whisper">'
        "1001</Client></Dial></Response>"
    )


def test_refusals_cost_nothing() -> None:
    assert twiml.reject("busy") == f'{HEAD}<Response><Reject reason="busy" /></Response>'
