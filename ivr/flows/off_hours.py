"""The legal line out of its hours (Z26): a message that a lawyer answers, or by `0` a person now.

The people of 12345 are there day and night (Z01): who says nothing reaches one of them as well.
"""

from ivr.flow import START, DialogueState, Flow, Heard, MessageLeft, Turn
from ivr.verbs import Enqueue, Gather, HangUp, Record, Say

OPERATOR = "0"
# Shorter is a cough, or the receiver put down.
SHORTEST_SECONDS = 2
# After the greeting: a key pressed at its end still counts.
LISTEN_SECONDS = 1


def start(state: DialogueState, _: Heard) -> Turn:
    said = ("greeting_12348_closed", "leave_message")
    listen = Gather(said, max_digits=1, seconds=LISTEN_SECONDS)
    return Turn((listen,), state, goto="greeted", outcome="greeted")


def greeted(state: DialogueState, heard: Heard) -> Turn:
    """Any other key is one of impatience: the tone comes at once."""
    if heard.keys == OPERATOR:
        return _to_agent(state, "operator_asked")
    return Turn((Record(state.line.message_seconds),), state, goto="recorded", outcome="message_asked")


def recorded(state: DialogueState, heard: Heard) -> Turn:
    if heard.keys == OPERATOR:
        return _to_agent(state, "operator_asked")
    if is_message(heard):
        left = MessageLeft(heard.seconds, heard.recording)
        return Turn((Say("message_kept"), HangUp()), state, outcome="message_left", acts=(left,))
    return _to_agent(state, "no_message")


def is_message(heard: Heard) -> bool:
    return heard.kind == "message" and heard.seconds >= SHORTEST_SECONDS


def _to_agent(state: DialogueState, outcome: str) -> Turn:
    return Turn((Say("transfer_to_agent"), Enqueue(state.line.queue)), state, outcome=outcome)


FLOW: Flow = {START: start, "greeted": greeted, "recorded": recorded}
