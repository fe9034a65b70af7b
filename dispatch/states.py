"""The allowed moves of a work order; pure. A department is sent one, a firm is offered one."""

from enum import StrEnum


class WorkOrderState(StrEnum):
    PROPOSED = "proposed"  # the lead asked for a part, the dispatcher has not said yes
    SENT = "sent"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    WAIVED = "waived"  # a part the lead can do without
    ANSWERED = "answered"


class Part(StrEnum):
    LEAD = "lead"
    ASSIST = "assist"


_S = WorkOrderState
MOVES: dict[WorkOrderState, frozenset[WorkOrderState]] = {
    _S.PROPOSED: frozenset({_S.SENT}),
    # a department cannot decline: it accepts, or returns with a reason (D07)
    _S.SENT: frozenset({_S.ACCEPTED, _S.RETURNED, _S.WITHDRAWN, _S.WAIVED}),
    _S.OFFERED: frozenset({_S.ACCEPTED, _S.DECLINED, _S.TIMED_OUT, _S.WITHDRAWN}),
    _S.ACCEPTED: frozenset({_S.ANSWERED, _S.RETURNED, _S.WITHDRAWN, _S.WAIVED}),
    # the hotline did not accept the answer: the same organisation goes on
    _S.ANSWERED: frozenset({_S.ACCEPTED}),
    _S.DECLINED: frozenset(),
    _S.TIMED_OUT: frozenset(),
    _S.WITHDRAWN: frozenset(),
    _S.RETURNED: frozenset(),
    _S.WAIVED: frozenset(),
}

WAITING = (_S.SENT, _S.OFFERED)  # the organisation has not said yes
LIVE = (*WAITING, _S.ACCEPTED)  # somebody has to act; at most one a ticket
HELD = (_S.ACCEPTED, _S.ANSWERED)  # somebody said yes; at most one a ticket and round
ENDED = (_S.DECLINED, _S.TIMED_OUT, _S.WITHDRAWN, _S.RETURNED, _S.WAIVED)
