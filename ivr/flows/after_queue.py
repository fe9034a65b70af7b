"""Nobody was free in time: a call-back is promised (Z09); a caller without a number is told how it is."""

from ivr.flow import START, DialogueState, Flow, Heard, NobodyCame, Turn
from ivr.verbs import HangUp, Say


def start(state: DialogueState, _: Heard) -> Turn:
    promise = ("callback_promised", "goodbye") if state.line.known_number else ("queue_full", "goodbye")
    outcome = "callback_promised" if state.line.known_number else "nobody_free"
    return Turn((*map(Say, promise), HangUp()), state, outcome=outcome, acts=(NobodyCame(),))


FLOW: Flow = {START: start}
