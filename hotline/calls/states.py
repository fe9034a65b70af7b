"""The allowed moves of a call; pure."""

from enum import StrEnum


class CallState(StrEnum):
    RINGING = "ringing"
    IN_IVR = "in_ivr"
    QUEUED = "queued"
    ANSWERED = "answered"
    ENDED = "ended"


class EndReason(StrEnum):
    """Why a call ended. Reports count by these, so a call has exactly one."""

    ANSWERED = "answered"  # a person talked to the caller
    ABANDONED_IVR = "abandoned_ivr"  # the caller hung up before the queue
    ABANDONED_QUEUE = "abandoned_queue"  # the caller hung up waiting for a person
    OVERFLOWED = "overflowed"  # no agent in time; a call-back was promised
    MESSAGE = "message"  # out of hours: the caller left one for a lawyer (Z26)
    BLOCKED = "blocked"  # all lines taken
    SERVED = "served"  # an outbound call that the IVR finished, e.g. a survey
    NO_ANSWER = "no_answer"  # an outbound call nobody took
    FAILED = "failed"  # the telephone system lost it


MOVES: dict[CallState, frozenset[CallState]] = {
    # straight to the queue: "no menu" mode, or a flow that failed
    CallState.RINGING: frozenset({CallState.IN_IVR, CallState.QUEUED, CallState.ENDED}),
    CallState.IN_IVR: frozenset({CallState.QUEUED, CallState.ENDED}),
    CallState.QUEUED: frozenset({CallState.ANSWERED, CallState.ENDED}),
    # queued again: put through to the other hotline
    CallState.ANSWERED: frozenset({CallState.QUEUED, CallState.ENDED}),
    CallState.ENDED: frozenset(),
}
