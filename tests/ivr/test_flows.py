"""The dialogues themselves: no telephone, no database."""

from dataclasses import replace

import pytest

from hotline.catalogue.understanding.emergencies import Alarm
from ivr import prompts
from ivr.flow import (
    SILENCE,
    START,
    UNHEARD,
    DialogueState,
    EmergencySaid,
    Heard,
    Line,
    Matter,
    NobodyCame,
    SurveyDone,
    Turn,
    Understood,
)
from ivr.flows import FLOWS
from ivr.verbs import Enqueue, Gather, HangUp, Name, Prompt, Say

LINE = Line(hotline="12345", language="zh", queue="hotline_12345", speech=True)
KEYLESS = Heard("keys", keys="77")
LAMP = Heard("speech", words="路灯不亮", matter=Matter("0903", 0.8, "speech", "路灯故障"))


def play(flow: str, *heard: Heard, line: Line = LINE) -> list[Turn]:
    """Every turn of a dialogue in which this is heard, one after the other."""
    state = DialogueState(line, flow)
    turns = [FLOWS[flow][START](state, SILENCE)]
    for said in heard:
        state = turns[-1].next_state
        turns.append(FLOWS[flow][state.place](state, said))
    return turns


def pressed(keys: str, code: str | None = None) -> Heard:
    return Heard("keys", keys=keys, matter=Matter(code, 1.0, "keys") if code else None)


def spoken(turn: Turn) -> list[Prompt]:
    words: list[Prompt] = []
    for verb in turn.verbs:
        words += [verb.prompt] if isinstance(verb, Say) else list(getattr(verb, "prompts", ()))
    return words


def reaches_a_person(turn: Turn) -> bool:
    return turn.verbs[-1] == Enqueue("hotline_12345")


@pytest.mark.parametrize("hotline", ["12345", "12348"])
def test_emergencies_are_named_before_anything_else(hotline: str) -> None:
    line = Line(hotline=hotline, language="zh", queue="q")
    first = play("public_line", line=line)[0]
    greeting = prompts.text(spoken(first)[0], "zh")
    assert all(number in greeting for number in ("110", "119", "120"))


def test_an_item_number_is_noted_and_the_caller_put_through() -> None:
    last = play("public_line", pressed("0801", "0801"))[-1]
    assert last.acts == (Understood(Matter("0801", 1.0, "keys")),)
    assert spoken(last) == ["item_understood"]
    assert reaches_a_person(last)


def test_two_digits_are_a_whole_category() -> None:
    last = play("public_line", pressed("08", "08"))[-1]
    assert last.acts == (Understood(Matter("08", 1.0, "keys")),)


def test_the_item_of_what_was_said_is_read_back() -> None:
    turn = play("public_line", LAMP)[-1]
    assert spoken(turn) == ["you_said", Name("路灯故障"), "confirm_item"]
    assert not turn.acts


def test_an_item_read_back_is_noted_only_when_the_caller_presses_1() -> None:
    last = play("public_line", LAMP, pressed("1"))[-1]
    assert last.acts == (Understood(Matter("0903", 0.8, "confirmed", "路灯故障")),)
    assert spoken(last) == ["item_understood"]
    assert reaches_a_person(last)


@pytest.mark.parametrize(
    "answer", [SILENCE, UNHEARD, pressed("0"), pressed("2"), Heard("speech", words="对")]
)
def test_anything_but_1_leads_to_a_person_without_a_second_question(answer: Heard) -> None:
    last = play("public_line", LAMP, answer)[-1]
    assert reaches_a_person(last)
    assert not last.acts


def test_an_item_that_the_line_cannot_say_is_not_read_back() -> None:
    last = play("public_line", Heard("speech", words="路灯不亮", matter=Matter("0903", 0.8, "speech")))[-1]
    assert reaches_a_person(last)
    assert not last.acts


def test_words_that_no_recogniser_had_time_for_reach_a_person_with_the_ordinary_sentence() -> None:
    last = play("public_line", UNHEARD)[-1]
    assert spoken(last) == ["transfer_to_agent"]
    assert reaches_a_person(last)


def test_words_nobody_understands_reach_a_person_at_once() -> None:
    last = play("public_line", Heard("speech", words="那个嘛"))[-1]
    assert reaches_a_person(last)
    assert not last.acts


def test_nobody_in_need_is_asked_to_press_a_key() -> None:
    fire = Alarm("fire", "119", "1602", ("着火",))
    last = play("public_line", replace(LAMP, words="我家着火了", alarm=fire))[-1]
    assert spoken(last) == ["urgent_to_agent"]
    assert last.verbs[-1] == Enqueue("hotline_12345", urgent=True)
    assert last.acts == (EmergencySaid(fire),)


def test_silence_reaches_a_person_at_once() -> None:
    assert reaches_a_person(play("public_line", SILENCE)[-1])


@pytest.mark.parametrize("keys", ["0", "0#"])
@pytest.mark.parametrize("before", [(), (KEYLESS,)])
def test_zero_reaches_a_person_from_anywhere(keys: str, before: tuple[Heard, ...]) -> None:
    assert reaches_a_person(play("public_line", *before, pressed(keys))[-1])


def test_a_wrong_number_is_asked_once_more() -> None:
    second = play("public_line", KEYLESS)[-1]
    assert spoken(second) == ["invalid_keys", "menu_12345"]


def test_after_the_last_try_a_person_helps() -> None:
    assert reaches_a_person(play("public_line", KEYLESS, KEYLESS)[-1])


def test_the_number_of_tries_is_the_sites_choice() -> None:
    line = Line(hotline="12345", language="zh", queue="hotline_12345", tries=3)
    assert not reaches_a_person(play("public_line", KEYLESS, KEYLESS, line=line)[-1])
    assert reaches_a_person(play("public_line", KEYLESS, KEYLESS, KEYLESS, line=line)[-1])


def test_without_a_menu_the_caller_hears_the_greeting_and_waits() -> None:
    line = Line(hotline="12345", language="zh", queue="hotline_12345", menu=False)
    turn = play("public_line", line=line)[0]
    assert spoken(turn) == ["greeting_12345", "transfer_to_agent"]
    assert reaches_a_person(turn)


def test_a_line_without_a_recogniser_asks_nobody_to_speak() -> None:
    line = Line(hotline="12348", language="zh", queue="q", speech=False)
    turn = play("public_line", line=line)[0]
    assert spoken(turn)[-1] == "menu_12348_keys"
    assert isinstance(turn.verbs[-1], Gather)
    assert not turn.verbs[-1].speech


def test_the_menu_has_one_level() -> None:
    """Z18: from any answer the caller is put through, or asked the same again; there is no second menu."""
    asked = {spoken(play("public_line", heard)[-1])[-1] for heard in (KEYLESS, pressed("01", "01"), SILENCE)}
    assert asked == {"menu_12345", "item_understood", "transfer_to_agent"}


def test_a_satisfied_citizen_is_thanked() -> None:
    turns = play("survey", pressed("1"), pressed("2"))
    assert turns[-1].acts == (SurveyDone(solved=True, grade=2),)
    assert spoken(turns[-1]) == ["survey_thanks"]
    assert turns[-1].verbs[-1] == HangUp()


@pytest.mark.parametrize(("solved", "grade"), [("1", "4"), ("1", "5"), ("2", "1"), ("2", "5")])
def test_an_unhappy_citizen_is_promised_a_call(solved: str, grade: str) -> None:
    last = play("survey", pressed(solved), pressed(grade))[-1]
    assert spoken(last) == ["survey_sorry_callback"]
    assert last.acts == (SurveyDone(solved=solved == "1", grade=int(grade)),)


@pytest.mark.parametrize("bad", [SILENCE, pressed("3"), pressed("9"), Heard("speech", words="好")])
def test_a_survey_question_is_repeated_once_then_goodbye(bad: Heard) -> None:
    turns = play("survey", bad, bad)
    assert spoken(turns[1])[-1] == "survey_solved"
    assert spoken(turns[2]) == ["goodbye"]
    assert not turns[2].acts


def test_each_survey_question_has_its_own_second_chance() -> None:
    turns = play("survey", SILENCE, pressed("1"), SILENCE, pressed("1"))
    assert turns[-1].acts == (SurveyDone(solved=True, grade=1),)


def test_zero_reaches_a_person_from_the_survey() -> None:
    assert reaches_a_person(play("survey", pressed("0"))[-1])
    assert reaches_a_person(play("survey", pressed("1"), pressed("0"))[-1])


def test_when_nobody_came_a_call_back_is_promised() -> None:
    turn = play("after_queue")[0]
    assert spoken(turn)[0] == "callback_promised"
    assert turn.acts == (NobodyCame(),)
    assert turn.verbs[-1] == HangUp()


def test_a_caller_without_a_number_is_promised_nothing() -> None:
    line = Line(hotline="12345", language="zh", queue="q", known_number=False)
    assert spoken(play("after_queue", line=line)[0])[0] == "queue_full"


def test_what_a_dialogue_remembers_survives_the_trip_through_a_url() -> None:
    offered = DialogueState(LINE, "public_line", "confirmed", offered=Matter("0903", 0.8, "speech"))
    for state in (
        DialogueState(LINE, "survey"),
        DialogueState(LINE, "survey", "satisfied", 1, False),
        offered,
    ):
        assert DialogueState.resume(LINE, state.carried()) == state


@pytest.mark.parametrize("fields", [{}, {"flow": "survey", "place": "start", "wrong": "x"}])
def test_a_mangled_url_is_an_error_not_a_guess(fields: dict[str, str]) -> None:
    with pytest.raises((KeyError, ValueError)):
        DialogueState.resume(LINE, fields)


def test_a_turn_that_listens_says_where_it_goes() -> None:
    with pytest.raises(ValueError, match="where it goes"):
        Turn((Gather(("no_input",), 1, 5),), DialogueState(LINE, "survey"))


def test_every_prompt_a_flow_names_exists() -> None:
    heard = [SILENCE, UNHEARD, LAMP, KEYLESS, pressed("0"), pressed("1"), pressed("5"), pressed("01", "01")]
    lines = [
        Line(hotline=h, language="zh", queue="q", speech=s) for h in ("12345", "12348") for s in (True, False)
    ]
    said = {
        key
        for line in lines
        for flow in FLOWS
        for first in heard
        for second in heard
        for turn in _until_it_ends(flow, line, first, second)
        for key in spoken(turn)
        if isinstance(key, str)
    }
    assert said <= set(prompts.all_keys())


def _until_it_ends(flow: str, line: Line, *heard: Heard) -> list[Turn]:
    turns = play(flow, line=line)
    for said in heard:
        if turns[-1].goto:
            state = turns[-1].next_state
            turns.append(FLOWS[flow][state.place](state, said))
    return turns
