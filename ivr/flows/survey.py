"""The survey we ring about: solved? (1, 2), satisfied? (1 to 5, Z21), by keys; each is asked twice at most.

`0` reaches a person here as well. A survey left unanswered becomes a person's work (hotline/surveys).
"""

from dataclasses import replace

from ivr.flow import START, DialogueState, Flow, Heard, SurveyDone, Turn
from ivr.verbs import Enqueue, Gather, HangUp, Say

OPERATOR = "0"
SOLVED = {"1": True, "2": False}
GRADES = {str(grade): grade for grade in range(1, 6)}
UNHAPPY_FROM = 4
MOST_ASKED = 2


def start(state: DialogueState, _: Heard) -> Turn:
    intro = "survey_intro" if state.line.hotline == "12345" else f"survey_intro_{state.line.hotline}"
    return _ask(state, "solved", intro, "survey_solved", outcome="greeted")


def solved(state: DialogueState, heard: Heard) -> Turn:
    if heard.keys == OPERATOR:
        return _to_agent(state)
    answer = SOLVED.get(heard.keys)
    if answer is None:
        return _again(state, heard, "solved", "survey_solved")
    state = replace(state, wrong=0, solved=answer)
    return _ask(state, "satisfied", "survey_satisfied", outcome="solved" if answer else "unsolved")


def satisfied(state: DialogueState, heard: Heard) -> Turn:
    if heard.keys == OPERATOR:
        return _to_agent(state)
    grade = GRADES.get(heard.keys)
    if grade is None or state.solved is None:
        return _again(state, heard, "satisfied", "survey_satisfied")
    happy = state.solved and grade < UNHAPPY_FROM
    farewell = "survey_thanks" if happy else "survey_sorry_callback"
    return Turn((Say(farewell), HangUp()), state, outcome="answered", acts=(SurveyDone(state.solved, grade),))


def _to_agent(state: DialogueState) -> Turn:
    return Turn((Say("transfer_to_agent"), Enqueue(state.line.queue)), state, outcome="operator_asked")


def _again(state: DialogueState, heard: Heard, place: str, question: str) -> Turn:
    state = replace(state, wrong=state.wrong + 1)
    if state.wrong >= MOST_ASKED:
        return Turn((Say("goodbye"), HangUp()), state, outcome="unanswered")
    complaint = "no_input" if heard.kind == "silence" else "survey_invalid"
    return _ask(state, place, complaint, question, outcome="asked_again")


def _ask(state: DialogueState, place: str, *prompts: str, outcome: str) -> Turn:
    listen = Gather(prompts, max_digits=1, seconds=state.line.seconds)
    return Turn((listen,), state, goto=place, outcome=outcome)


FLOW: Flow = {START: start, "solved": solved, "satisfied": satisfied}
