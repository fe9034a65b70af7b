"""The allowed moves of an agent's presence; pure."""

from enum import StrEnum


class AgentState(StrEnum):
    SIGNED_OUT = "signed_out"
    AVAILABLE = "available"
    PAUSED = "paused"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"


class PauseReason(StrEnum):
    """Why an agent takes no calls. Reports count by these."""

    BREAK = "break"
    MEAL = "meal"
    TRAINING = "training"
    CALL_BACKS = "call_backs"
    PAPERWORK = "paperwork"
    NO_ANSWER = "no_answer"  # the machine's: the telephone rang and nobody took it


CHOSEN_REASONS = tuple(reason for reason in PauseReason if reason != PauseReason.NO_ANSWER)
WITH_CALL = frozenset({AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP})


class Disposition(StrEnum):
    """How a call went, as the agent says in wrap-up. Reports count by these."""

    TICKET = "ticket"
    ANSWERED = "answered"  # told what they wanted to know, no ticket needed
    TRANSFERRED = "transferred"  # put through to 110, 119, 120, 122
    PROGRESS = "progress"  # asked about a ticket there was
    NOT_OURS = "not_ours"  # courts, discipline, disclosure: the legal route was explained (Z04)
    WRONG_NUMBER = "wrong_number"
    SILENT = "silent"
    HARASSMENT = "harassment"
    NOT_GIVEN = "not_given"  # the machine's: wrap-up time ran out


CHOSEN_DISPOSITIONS = tuple(one for one in Disposition if one != Disposition.NOT_GIVEN)

_S = AgentState
MOVES: dict[AgentState, frozenset[AgentState]] = {
    _S.SIGNED_OUT: frozenset({_S.AVAILABLE, _S.PAUSED}),
    # straight to talking: a telephone system that tells of the answer but not of the ring
    _S.AVAILABLE: frozenset({_S.PAUSED, _S.RINGING, _S.TALKING, _S.SIGNED_OUT}),
    # a call that rang in the moment the agent paused still arrives
    _S.PAUSED: frozenset({_S.AVAILABLE, _S.RINGING, _S.TALKING, _S.SIGNED_OUT}),
    # available: the caller hung up; paused: nobody took it
    _S.RINGING: frozenset({_S.TALKING, _S.AVAILABLE, _S.PAUSED}),
    _S.TALKING: frozenset({_S.WRAP_UP}),
    # talking again: the caller could not be put through after all
    _S.WRAP_UP: frozenset({_S.AVAILABLE, _S.PAUSED, _S.SIGNED_OUT, _S.TALKING}),
}
