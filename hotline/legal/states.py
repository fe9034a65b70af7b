"""The allowed moves of a lawyer's task; pure."""

from enum import StrEnum


class LawyerTaskState(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    ANSWERED = "answered"
    CLOSED = "closed"  # without an answer of a lawyer: see ClosedBecause


class ClosedBecause(StrEnum):
    UNREACHABLE = "unreachable"  # no number shown, none said
    TO_DESK = "to_desk"  # not for a lawyer: the dispatcher has it
    ELSEWHERE = "elsewhere"  # the ticket was closed by other means


_S = LawyerTaskState
LIVE = (_S.OPEN, _S.CLAIMED)
MOVES: dict[LawyerTaskState, frozenset[LawyerTaskState]] = {
    _S.OPEN: frozenset({_S.CLAIMED, _S.CLOSED}),
    # open: given back, or held too long (M05)
    _S.CLAIMED: frozenset({_S.OPEN, _S.ANSWERED, _S.CLOSED}),
    _S.ANSWERED: frozenset(),
    _S.CLOSED: frozenset(),
}
