"""The allowed moves of a ticket; pure. "Transferred" is not an end (D10)."""

from enum import StrEnum


class TicketState(StrEnum):
    REGISTERED = "registered"
    DISPATCHED = "dispatched"
    IN_HAND = "in_hand"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"


MOVES: dict[TicketState, frozenset[TicketState]] = {
    # answered on the telephone (在线解答): closed without a dispatch
    TicketState.REGISTERED: frozenset({TicketState.DISPATCHED, TicketState.CLOSED}),
    # returned, or no firm took it: back to the dispatcher
    TicketState.DISPATCHED: frozenset({TicketState.IN_HAND, TicketState.REGISTERED}),
    TicketState.IN_HAND: frozenset({TicketState.ANSWERED, TicketState.REGISTERED}),
    # the hotline did not accept the answer: back to the same organisation
    TicketState.ANSWERED: frozenset({TicketState.CLOSED, TicketState.IN_HAND}),
    TicketState.CLOSED: frozenset({TicketState.REOPENED}),
    TicketState.REOPENED: frozenset({TicketState.DISPATCHED, TicketState.CLOSED}),
}

PUBLIC_STATE: dict[TicketState, str] = {
    TicketState.REGISTERED: "accepted",
    TicketState.DISPATCHED: "in_progress",
    TicketState.IN_HAND: "in_progress",
    TicketState.ANSWERED: "in_progress",
    TicketState.CLOSED: "finished",
    TicketState.REOPENED: "in_progress",
}
