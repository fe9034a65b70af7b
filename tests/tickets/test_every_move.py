"""Each legal move of a ticket is made on a real one, by the act of whoever makes it."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import hard_cases, merging, queries, returns, review, service, supplements
from hotline.db import transaction
from hotline.organisations.models import Organisation
from hotline.tickets import mending, outcomes
from hotline.tickets import service as tickets
from hotline.tickets import supplements as asked
from hotline.tickets.models import Ticket
from hotline.tickets.states import TABLE, Move, TicketState
from tests.dispatch.people import DISPATCHER, NOW, STREET_ITEM, open_ticket, send_back
from tests.tickets.matters import AGENT

ORGANISATION = "staff:99"
_callers = count(1)
Act = Callable[[Session, Ticket], object]
_S = TicketState


def new(session: Session) -> Ticket:
    return open_ticket(session, STREET_ITEM, number=f"+861380014{next(_callers):04d}")


def order(session: Session, ticket: Ticket) -> int:
    return queries.last_order(session, ticket.id).id


def another_office(session: Session, ticket: Ticket) -> int:
    departments = Organisation.kind == "department"
    others = select(Organisation.id).where(departments, Organisation.id != ticket.organisation_id)
    return session.scalars(others.order_by(Organisation.id).limit(1)).one()


def answer_the_lead(session: Session, ticket: Ticket) -> None:
    lead = merging.lead_of(session, ticket.id)
    tickets.release(session, lead, public_reply="已修好", actor=DISPATCHER, now=NOW)
    merging.answer_followers(session, lead, NOW)


def as_it_was(ticket: Ticket) -> mending.Mended:
    return mending.Mended(ticket.text, ticket.place or "", ticket.area_id, ticket.item.code)


ACTS: dict[str, Act] = {
    "dispatch": lambda s, it: service.dispatch(s, it, actor=DISPATCHER, now=NOW),
    "take_in_review": lambda s, it: review.take(s, it, staff_id=6, now=NOW),
    "return_to_agent": lambda s, it: review.return_to_agent(
        s, it, missing="哪条路？", actor=DISPATCHER, now=NOW
    ),
    "register_again": lambda s, it: mending.register_again(
        s, it, as_it_was(it), reason="补充", actor=AGENT, now=NOW
    ),
    "name_legal_route": lambda s, it: review.name_legal_route(s, it, "court", actor=DISPATCHER, now=NOW),
    "legal_route_as_verdict": lambda s, it: returns.name_legal_route(
        s, it, "court", grounds="须诉讼", explanation="", actor="staff:8", now=NOW
    ),
    "put_on_long_term_list": lambda s, it: hard_cases.put_on_list(
        s,
        it,
        code=hard_cases.LONG_TERM_REASONS[0],
        note="等规划批复",
        review_on=NOW.date() + timedelta(days=30),
        actor=DISPATCHER,
        now=NOW,
    ),
    "take_off_long_term_list": lambda s, it: hard_cases.take_off_list(s, it, actor=DISPATCHER, now=NOW),
    "not_accept": lambda s, it: review.not_accept(
        s, it, "no_matter", explanation="请写明地点", actor=DISPATCHER, now=NOW
    ),
    "merge": lambda s, it: merging.merge(s, it, new(s).id, actor=DISPATCHER, now=NOW),
    "answer_on_the_phone": lambda s, it: tickets.close_on_the_phone(
        s, it, reply="已答复", actor=AGENT, now=NOW
    ),
    "answer_directly": lambda s, it: tickets.release(s, it, public_reply="已答复", actor=DISPATCHER, now=NOW),
    "claim": lambda s, it: service.accept(
        s, order(s, it), responsible_person="王工", actor=ORGANISATION, now=NOW
    ),
    "begin": lambda s, it: service.begin(
        s, order(s, it), contact_note="约好周三", actor=ORGANISATION, now=NOW
    ),
    "ask_for_supplement": lambda s, it: supplements.ask(
        s, order(s, it), code=asked.REASONS[0], question="几号楼？", actor=ORGANISATION, now=NOW
    ),
    "supplement": lambda s, it: asked.give(s, it, answer="三号楼", how="web", actor=AGENT, now=NOW),
    "answer": lambda s, it: service.answer(
        s, order(s, it), public_reply="已修好", internal_note="", actor=ORGANISATION, now=NOW
    ),
    "come_back": lambda s, it: service.withdraw(s, it, reason="派错了", actor=DISPATCHER, now=NOW),
    "send_back": lambda s, it: send_back(s, order(s, it)),
    "dispute": lambda s, it: send_back(s, order(s, it)),
    "adjudicate": lambda s, it: returns.adjudicate(
        s,
        it,
        organisation_id=another_office(s, it),
        code=returns.GROUNDS[0],
        grounds="依三定方案",
        actor="staff:8",
        now=NOW,
    ),
    "reject_answer": lambda s, it: service.reject_answer(
        s, it, reason="没有写明时间", actor=DISPATCHER, now=NOW
    ),
    "release": lambda s, it: service.release(s, it, actor=DISPATCHER, now=NOW),
    "answer_with_the_other": answer_the_lead,
    "close": lambda s, it: tickets.told(s, it, it.closures, "by_text", actor="system:sms", now=NOW),
    "reopen": lambda s, it: tickets.reopen(s, it, reason="没修好", actor=DISPATCHER, now=NOW),
    "reconsider": lambda s, it: outcomes.reconsider(s, it, reason="有新材料", actor=DISPATCHER, now=NOW),
    "withdraw": lambda s, it: outcomes.withdraw(s, it, reason="不用了", actor=AGENT, now=NOW),
}
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
            ACTS[act](session, ticket)
        assert ticket.state == move.old
        verdict = (move.old, move.act) == (_S.ADJUDICATION, "name_legal_route")
        ACTS["legal_route_as_verdict" if verdict else move.act](session, ticket)
        assert ticket.state == move.new
