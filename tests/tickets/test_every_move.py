"""Each legal move of a ticket is made on a real one, by the act of whoever makes it."""

import pytest

from hotline.db import transaction
from hotline.tickets.states import TABLE, Move, TicketState
from tests.dispatch.people import NOW
from tests.tickets.deeds import ACTS, new

_S = TicketState
_AT_WORK = ("dispatch", "claim", "begin")
WAYS: dict[TicketState, tuple[str, ...]] = {
    _S.REGISTERED: (),
    _S.WITH_AGENT: ("return_to_agent",),
    _S.IN_REVIEW: ("take_in_review",),
    _S.DISPATCHED: _AT_WORK[:1],
    _S.CLAIMED: _AT_WORK[:2],
    _S.IN_HAND: _AT_WORK,
    _S.SUPPLEMENT_ASKED: (*_AT_WORK, "ask_for_supplement"),
    _S.ADJUDICATION: ("dispatch", "send_back", "dispatch", "dispute"),
    _S.LONG_TERM: (*_AT_WORK, "put_on_long_term_list"),
    _S.ANSWERED: (*_AT_WORK, "answer"),
    _S.IN_FOLLOW_UP: ("answer_directly",),
    _S.CLOSED: ("answer_on_the_phone",),
    _S.REOPENED: ("answer_on_the_phone", "reopen"),
    _S.LEGAL_ROUTE: ("name_legal_route",),
    _S.NOT_ACCEPTED: ("not_accept",),
    _S.MERGED: ("merge",),
    _S.WITHDRAWN: ("withdraw",),
}


def test_every_act_of_the_table_is_somebodys_function() -> None:
    assert {move.act for move in TABLE} == set(ACTS) - {"send_back", "legal_route_as_verdict"}


@pytest.mark.parametrize("move", TABLE, ids=lambda move: f"{move.old}-{move.act}-{move.new}")
def test_the_move_is_made(seeded: str, move: Move) -> None:
    first = ("dispatch", "send_back") if move.act == "dispute" else ()
    with transaction() as session:
        ticket = new(session)
        for act in (*first, *WAYS[move.old]):
            ACTS[act](session, ticket, NOW)
        assert ticket.state == move.old
        verdict = (move.old, move.act) == (_S.ADJUDICATION, "name_legal_route")
        ACTS["legal_route_as_verdict" if verdict else move.act](session, ticket, NOW)
        assert ticket.state == move.new
