"""The public line: greeting with emergencies first (Z05), one level of menu (Z18), then a person (Z01).

Two digits are a category, four digits and # an item. Words are looked up; if the catalogue is sure, the item
is read back once, and only `1` confirms it. Whatever was understood only pre-fills the item. `0` and silence
reach a person, and so do words that nobody understood, and anybody after `tries` wrong inputs. An emergency
reaches one at once, ahead of others.
"""

from dataclasses import replace

from hotline.catalogue.understanding.emergencies import Alarm
from ivr.flow import START, DialogueState, EmergencySaid, Flow, Heard, Matter, Turn, Understood
from ivr.verbs import Enqueue, Gather, Name, Prompt, Say

OPERATOR = "0"
RIGHT = "1"
MOST_DIGITS = 4


def start(state: DialogueState, _: Heard) -> Turn:
    line = state.line
    greeting = f"greeting_{line.hotline}"
    if not line.menu:
        return _to_agent(state, "no_menu", greeting, "transfer_to_agent")
    return _ask(state, greeting, _menu(state), outcome="greeted")


def chosen(state: DialogueState, heard: Heard) -> Turn:
    if heard.kind == "silence":
        return _to_agent(state, "silence_to_agent", "transfer_to_agent")
    if heard.keys.strip("#") == OPERATOR:
        return _to_agent(state, "operator_asked", "transfer_to_agent")
    if heard.kind == "keys":
        return _noted(state, heard.matter) if heard.matter else _wrong(state)
    if heard.alarm:
        return _urgent(state, heard.alarm)
    if heard.matter and heard.matter.name:
        return _read_back(state, heard.matter)
    # words that fit nothing go to somebody who understands them: asking again only costs time
    return _to_agent(state, f"{'words' if heard.words else 'unheard'}_to_agent", "transfer_to_agent")


def confirmed(state: DialogueState, heard: Heard) -> Turn:
    """Whatever is not a yes goes to a person, who sees the words and the three best guesses."""
    if heard.keys == RIGHT and state.offered:
        return _noted(state, replace(state.offered, source="confirmed"))
    return _to_agent(state, "not_confirmed", "transfer_to_agent")


def _noted(state: DialogueState, matter: Matter) -> Turn:
    turn = _to_agent(state, "understood", "item_understood")
    return replace(turn, acts=(Understood(matter),))


def _urgent(state: DialogueState, alarm: Alarm) -> Turn:
    """Nobody in need is asked to press a key."""
    verbs = (Say("urgent_to_agent"), Enqueue(state.line.queue, urgent=True))
    return Turn(verbs, state, outcome="emergency_to_agent", acts=(EmergencySaid(alarm),))


def _read_back(state: DialogueState, matter: Matter) -> Turn:
    said: tuple[Prompt, ...] = ("you_said", Name(matter.name), "confirm_item")
    listen = Gather(said, max_digits=1, seconds=state.line.seconds)
    return Turn((listen,), replace(state, offered=matter), goto="confirmed", outcome="read_back")


def _wrong(state: DialogueState) -> Turn:
    state = replace(state, wrong=state.wrong + 1)
    if state.wrong >= state.line.tries:
        return _to_agent(state, "wrong_to_agent", "transfer_to_agent")
    return _ask(state, "invalid_keys", _menu(state), outcome="asked_again")


def _menu(state: DialogueState) -> str:
    # a line without a recogniser must not ask anyone to speak
    return f"menu_{state.line.hotline}" if state.line.speech else f"menu_{state.line.hotline}_keys"


def _ask(state: DialogueState, *prompts: str, outcome: str) -> Turn:
    line = state.line
    listen = Gather(prompts, max_digits=MOST_DIGITS, seconds=line.seconds, speech=line.speech)
    return Turn((listen,), state, goto="chosen", outcome=outcome)


def _to_agent(state: DialogueState, outcome: str, *prompts: str) -> Turn:
    spoken = tuple(Say(prompt) for prompt in prompts)
    return Turn((*spoken, Enqueue(state.line.queue)), state, outcome=outcome)


FLOW: Flow = {START: start, "chosen": chosen, "confirmed": confirmed}
