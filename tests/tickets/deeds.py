"""What each act of the machine's table is, done by whoever does it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import hard_cases, merging, queries, returns, review, service, supplements
from hotline.organisations.models import Organisation
from hotline.tickets import mending, outcomes
from hotline.tickets import service as tickets
from hotline.tickets import supplements as asked
from hotline.tickets.models import Ticket
from tests.dispatch.people import DISPATCHER, NOW, STREET_ITEM, open_ticket, send_back
from tests.tickets.matters import AGENT

ORGANISATION = "staff:99"
_callers = count(1)
Act = Callable[[Session, Ticket, datetime], object]


def new(session: Session, item: str = STREET_ITEM, now: datetime = NOW) -> Ticket:
    return open_ticket(session, item, number=f"+861380014{next(_callers):04d}", now=now)


def order(session: Session, ticket: Ticket) -> int:
    return queries.last_order(session, ticket.id).id


def another_office(session: Session, ticket: Ticket) -> int:
    departments = Organisation.kind == "department"
    others = select(Organisation.id).where(departments, Organisation.id != ticket.organisation_id)
    return session.scalars(others.order_by(Organisation.id).limit(1)).one()


def answer_the_lead(session: Session, ticket: Ticket, now: datetime) -> None:
    lead = merging.lead_of(session, ticket.id)
    tickets.release(session, lead, public_reply="已修好", actor=DISPATCHER, now=now)
    merging.answer_followers(session, lead, now)


def as_it_was(ticket: Ticket) -> mending.Mended:
    return mending.Mended(ticket.text, ticket.place or "", ticket.area_id, ticket.item.code)


ACTS: dict[str, Act] = {
    "dispatch": lambda s, it, now: service.dispatch(s, it, actor=DISPATCHER, now=now),
    "take_in_review": lambda s, it, now: review.take(s, it, staff_id=6, now=now),
    "return_to_agent": lambda s, it, now: review.return_to_agent(
        s, it, missing="哪条路？", actor=DISPATCHER, now=now
    ),
    "register_again": lambda s, it, now: mending.register_again(
        s, it, as_it_was(it), reason="补充", actor=AGENT, now=now
    ),
    "name_legal_route": lambda s, it, now: review.name_legal_route(s, it, "court", actor=DISPATCHER, now=now),
    "legal_route_as_verdict": lambda s, it, now: returns.name_legal_route(
        s, it, "court", grounds="须诉讼", explanation="", actor="staff:8", now=now
    ),
    "put_on_long_term_list": lambda s, it, now: hard_cases.put_on_list(
        s,
        it,
        code=hard_cases.LONG_TERM_REASONS[0],
        note="等规划批复",
        review_on=now.date() + timedelta(days=30),
        actor=DISPATCHER,
        now=now,
    ),
    "take_off_long_term_list": lambda s, it, now: hard_cases.take_off_list(s, it, actor=DISPATCHER, now=now),
    "not_accept": lambda s, it, now: review.not_accept(
        s, it, "no_matter", explanation="请写明地点", actor=DISPATCHER, now=now
    ),
    "merge": lambda s, it, now: merging.merge(s, it, new(s, now=now).id, actor=DISPATCHER, now=now),
    "answer_on_the_phone": lambda s, it, now: tickets.close_on_the_phone(
        s, it, reply="已答复", actor=AGENT, now=now
    ),
    "answer_directly": lambda s, it, now: tickets.release(
        s, it, public_reply="已答复", actor=DISPATCHER, now=now
    ),
    "claim": lambda s, it, now: service.accept(
        s, order(s, it), responsible_person="王工", price_estimate="80元", actor=ORGANISATION, now=now
    ),
    "begin": lambda s, it, now: service.begin(
        s, order(s, it), contact_note="约好周三", actor=ORGANISATION, now=now
    ),
    "ask_for_supplement": lambda s, it, now: supplements.ask(
        s, order(s, it), code=asked.REASONS[0], question="几号楼？", actor=ORGANISATION, now=now
    ),
    "supplement": lambda s, it, now: asked.give(s, it, answer="三号楼", how="web", actor=AGENT, now=now),
    "answer": lambda s, it, now: service.answer(
        s, order(s, it), public_reply="已修好", internal_note="", actor=ORGANISATION, now=now
    ),
    "come_back": lambda s, it, now: service.withdraw(s, it, reason="派错了", actor=DISPATCHER, now=now),
    "send_back": lambda s, it, now: send_back(s, order(s, it), now=now),
    "dispute": lambda s, it, now: send_back(s, order(s, it), now=now),
    "adjudicate": lambda s, it, now: returns.adjudicate(
        s,
        it,
        organisation_id=another_office(s, it),
        code=returns.GROUNDS[0],
        grounds="依三定方案",
        actor="staff:8",
        now=now,
    ),
    "reject_answer": lambda s, it, now: service.reject_answer(
        s, it, reason="没有写明时间", actor=DISPATCHER, now=now
    ),
    "release": lambda s, it, now: service.release(s, it, actor=DISPATCHER, now=now),
    "answer_with_the_other": answer_the_lead,
    "close": lambda s, it, now: tickets.told(s, it, it.closures, "by_text", actor="system:sms", now=now),
    "reopen": lambda s, it, now: tickets.reopen(s, it, reason="没修好", actor=DISPATCHER, now=now),
    "reconsider": lambda s, it, now: outcomes.reconsider(s, it, reason="有新材料", actor=DISPATCHER, now=now),
    "withdraw": lambda s, it, now: outcomes.withdraw(s, it, reason="不用了", actor=AGENT, now=now),
}
