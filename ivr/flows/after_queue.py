"""Nobody was free in time: a call-back is promised (Z09), or, without a number, the caller is told the truth."""

from ivr.flow import START, DialogueState, Flow, Heard, NobodyCame, Turn
from ivr.verbs import HangUp, Say


def start(state: DialogueState, _: Heard) -> Turn:
    promise = ("callback_promised", "goodbye") if state.line.known_number else ("queue_full", "goodbye")
    outcome = "callback_promised" if state.line.known_number else "nobody_free"
    return Turn((*map(Say, promise), HangUp()), outcome=outcome, acts=(NobodyCame(),))


FLOW: Flow = {START: start}
