"""The machine of a ticket: every allowed move is a row of `TABLE`; pure. "Transferred" is not an end (D10).

A hold is what stands against a move until somebody clears it: whoever places one (an assisting part, a
leader's sign-off) need not be known to the machine.
"""

from dataclasses import dataclass
from enum import StrEnum


class TicketState(StrEnum):
    REGISTERED = "registered"
    WITH_AGENT = "with_agent"  # sent back to whoever registered it
    IN_REVIEW = "in_review"  # 预审: somebody at the desk has it, or it came back there
    DISPATCHED = "dispatched"
    CLAIMED = "claimed"  # an organisation said yes and named who does it (D06)
    IN_HAND = "in_hand"
    SUPPLEMENT_ASKED = "supplement_asked"  # the citizen was asked for what is missing (C04)
    ADJUDICATION = "adjudication"  # the centre decides whose it is (D07)
    LONG_TERM = "long_term"  # 挂账: cannot be solved now, looked at again on a date
    ANSWERED = "answered"  # the hotline reviews the answer
    IN_FOLLOW_UP = "in_follow_up"  # the citizen is being told and asked
    CLOSED = "closed"
    REOPENED = "reopened"
    LEGAL_ROUTE = "legal_route"  # a matter for court, arbitration, petition …, and the citizen told so (Z04)
    NOT_ACCEPTED = "not_accepted"  # explained, not processed (Z06)
    MERGED = "merged"  # answered with another ticket about the same
    WITHDRAWN = "withdrawn"  # the citizen took it back


class Hold(StrEnum):
    PART = "part"  # an assisting organisation has not answered (F01)
    SPONSOR = "sponsor"  # the leader who took it on has not signed off (F04)
    CHILD = "child"  # a part split off is still open
    NOTICE = "notice"  # the citizen has not been told yet (E01)


class Doer(StrEnum):
    AGENT = "agent"
    DESK = "desk"
    ORGANISATION = "organisation"
    ADJUDICATOR = "adjudicator"
    CITIZEN = "citizen"
    HOTLINE = "hotline"  # agents, the desk or the machine itself


@dataclass(frozen=True)
class Move:
    """`act` is what somebody did; `stopped_by` are the holds that refuse it."""

    old: TicketState
    new: TicketState
    act: str
    by: Doer
    stopped_by: frozenset[Hold] = frozenset()


_S, _D, _H = TicketState, Doer, Hold
ENDED = frozenset({_S.CLOSED, _S.LEGAL_ROUTE, _S.NOT_ACCEPTED, _S.MERGED, _S.WITHDRAWN})
ON_THE_DESK = frozenset({_S.REGISTERED, _S.IN_REVIEW, _S.REOPENED})
# somebody said yes, so an organisation answers for it; before and after the hotline itself may (E03)
HELD_BY_ONE = frozenset({_S.CLAIMED, _S.IN_HAND, _S.SUPPLEMENT_ASKED, _S.LONG_TERM, _S.ANSWERED})
AT_WORK = frozenset({_S.DISPATCHED, _S.CLAIMED, _S.IN_HAND, _S.SUPPLEMENT_ASKED, _S.LONG_TERM})


def _all(
    olds: frozenset[TicketState], new: TicketState, act: str, by: Doer, *holds: Hold
) -> tuple[Move, ...]:
    return tuple(Move(old, new, act, by, frozenset(holds)) for old in TicketState if old in olds)


_BEFORE_WORK = ON_THE_DESK | {_S.WITH_AGENT}
TABLE = (
    # the desk
    *_all(ON_THE_DESK, _S.DISPATCHED, "dispatch", _D.DESK),
    *_all(frozenset({_S.REGISTERED, _S.REOPENED}), _S.IN_REVIEW, "take_in_review", _D.DESK),
    *_all(frozenset({_S.REGISTERED, _S.IN_REVIEW}), _S.WITH_AGENT, "return_to_agent", _D.DESK),
    Move(_S.WITH_AGENT, _S.REGISTERED, "register_again", _D.AGENT),
    *_all(ON_THE_DESK, _S.LEGAL_ROUTE, "name_legal_route", _D.DESK),
    *_all(ON_THE_DESK, _S.NOT_ACCEPTED, "not_accept", _D.DESK),
    *_all(_BEFORE_WORK, _S.MERGED, "merge", _D.DESK),
    # answered without anybody else
    *_all(_BEFORE_WORK, _S.CLOSED, "answer_on_the_phone", _D.HOTLINE, _H.SPONSOR, _H.CHILD),
    *_all(ON_THE_DESK, _S.IN_FOLLOW_UP, "answer_directly", _D.HOTLINE, _H.SPONSOR, _H.CHILD),
    # the organisation
    Move(_S.DISPATCHED, _S.CLAIMED, "claim", _D.ORGANISATION),
    Move(_S.CLAIMED, _S.IN_HAND, "begin", _D.ORGANISATION),
    Move(_S.IN_HAND, _S.SUPPLEMENT_ASKED, "ask_for_supplement", _D.ORGANISATION),
    Move(_S.SUPPLEMENT_ASKED, _S.IN_HAND, "supplement", _D.CITIZEN),
    Move(_S.IN_HAND, _S.ANSWERED, "answer", _D.ORGANISATION, frozenset({_H.PART})),
    # it comes back: returned, taken back, or no firm took it; from the second return the centre decides
    *_all(AT_WORK, _S.IN_REVIEW, "come_back", _D.HOTLINE),
    *_all(frozenset({_S.DISPATCHED, _S.CLAIMED, _S.IN_HAND}), _S.ADJUDICATION, "dispute", _D.ORGANISATION),
    Move(_S.ADJUDICATION, _S.DISPATCHED, "adjudicate", _D.ADJUDICATOR),
    Move(_S.ADJUDICATION, _S.LEGAL_ROUTE, "name_legal_route", _D.ADJUDICATOR),
    # what cannot be solved now
    Move(_S.IN_HAND, _S.LONG_TERM, "put_on_long_term_list", _D.DESK),
    Move(_S.LONG_TERM, _S.IN_HAND, "take_off_long_term_list", _D.DESK),
    # the answer
    Move(_S.ANSWERED, _S.IN_HAND, "reject_answer", _D.DESK),
    Move(_S.ANSWERED, _S.IN_FOLLOW_UP, "release", _D.DESK, frozenset({_H.SPONSOR, _H.CHILD})),
    Move(_S.MERGED, _S.IN_FOLLOW_UP, "answer_with_the_other", _D.HOTLINE),
    Move(_S.IN_FOLLOW_UP, _S.CLOSED, "close", _D.HOTLINE, frozenset({_H.NOTICE})),
    # opened again
    *_all(frozenset({_S.IN_FOLLOW_UP, _S.CLOSED}), _S.REOPENED, "reopen", _D.HOTLINE),
    *_all(ENDED - {_S.CLOSED}, _S.IN_REVIEW, "reconsider", _D.DESK),
    # the citizen
    *_all(_BEFORE_WORK | AT_WORK, _S.WITHDRAWN, "withdraw", _D.CITIZEN),
)  # fmt: skip
BY_ENDS = {(move.old, move.new): move for move in TABLE}
MOVES: dict[TicketState, frozenset[TicketState]] = {
    state: frozenset(move.new for move in TABLE if move.old == state) for state in TicketState
}

# what a citizen is told, in four words
PUBLIC_STATE: dict[TicketState, str] = {
    **dict.fromkeys(_BEFORE_WORK - {_S.REOPENED}, "accepted"),
    **dict.fromkeys(AT_WORK | {_S.ADJUDICATION, _S.ANSWERED, _S.REOPENED, _S.MERGED}, "in_progress"),
    _S.IN_FOLLOW_UP: "answered",
    **dict.fromkeys(ENDED - {_S.MERGED}, "finished"),
}
