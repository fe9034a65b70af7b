"""A ticket's and a call's whole life, turn by turn, with the pages people would look at after each turn."""

from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from agents import service as agents
from agents.states import PauseReason
from dispatch import merging, review
from dispatch import queries as orders
from dispatch import service as dispatch
from hotline import clock
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.db import transaction
from hotline.surveys import service as surveys
from hotline.surveys.grades import Satisfaction
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from tests.agents.people import waiting_call
from tests.dispatch.people import STREET_ITEM, firms_of_the_trade, open_ticket, send_back, staff_of
from tests.support.people import staff_with
from tests.support.surveys import invited_survey, survey_of

WHO = "staff:1"
Look = tuple[int, str]  # a staff id, 0 for a citizen, and the page
TURNS = (
    "dispatch", "return", "dispatch", "withdraw", "dispatch", "accept", "begin", "answer", "reject", "answer",
    "release", "reopen",
)  # fmt: skip


def a_tickets_life() -> Iterator[list[Look]]:
    """A department's ticket with all that can come back; a firm's; what citizens and managers see."""
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM, now=clock.now())
        number, ticket_id = ticket.number, ticket.id
    agent, dispatcher = staff_with("agent").id, staff_with("dispatcher").id
    looks = [(agent, f"/agent/tickets/{number}"), (agent, "/agent/tickets")]
    looks += [
        (dispatcher, f"/dispatch/tickets/{ticket_id}"),
        (dispatcher, f"/dispatch/tickets/{ticket_id}?q=局"),
    ]
    yield looks
    for turn in TURNS:
        yield [*looks, *_turn(turn, ticket_id), (dispatcher, "/dispatch")]
    yield from _at_the_desk(agent, dispatcher)
    with transaction() as session:
        firms_of_the_trade(session, 5)
        job = open_ticket(session, now=clock.now()).id
    yield [*_turn("dispatch", job), (dispatcher, f"/dispatch/tickets/{job}")]
    yield from _survey()


def _at_the_desk(agent: int, dispatcher: int) -> Iterator[list[Look]]:
    """Two alike, one with a part of its own: returned to the agent, merged, turned away."""
    now = clock.now()
    with transaction() as session:
        one, lead = (open_ticket(session, STREET_ITEM, now=now) for _ in range(2))
        merging.split(session, lead, text="下水道堵了", item_code="0804", actor=WHO, now=now)
        review.return_to_agent(session, one, missing="哪一段路？", actor=WHO, now=now)
    looks = [(dispatcher, f"/dispatch/tickets/{it.id}") for it in (one, lead)]
    looks += [(agent, f"/agent/tickets/{one.number}"), (agent, "/agent/tickets")]
    yield [*looks, (dispatcher, "/dispatch?tab=with_agent")]
    with transaction() as session:
        merging.merge(session, tickets.get(session, one.id), lead.id, actor=WHO, now=now)
        review.name_legal_route(session, tickets.get(session, lead.id), "court", actor=WHO, now=now)
    yield [*looks, (dispatcher, "/dispatch?tab=closed")]


def _turn(turn: str, ticket_id: int) -> list[Look]:
    """Does it; the organisation's own pages."""
    with transaction() as session:
        ACTS[turn](session, tickets.get(session, ticket_id))
        order = orders.last_order(session, ticket_id)
        staff_id = staff_of(session, order.organisation_id)
    return [(staff_id, "/work"), (staff_id, f"/work/{order.id}")]


def _send_back(session: Session, ticket: Ticket) -> None:
    order_id = orders.last_order(session, ticket.id).id
    send_back(session, order_id, reason="属交警职责", actor=WHO, now=clock.now())


def _accept(session: Session, ticket: Ticket) -> None:
    order_id = orders.last_order(session, ticket.id).id
    dispatch.accept(session, order_id, responsible_person="王工", actor=WHO, now=clock.now())


def _begin(session: Session, ticket: Ticket) -> None:
    order_id = orders.last_order(session, ticket.id).id
    dispatch.begin(session, order_id, contact_note="约好周三上门", actor=WHO, now=clock.now())


def _answer(session: Session, ticket: Ticket) -> None:
    order_id = orders.last_order(session, ticket.id).id
    reply = {"public_reply": "已修好。", "internal_note": "已核实"}
    dispatch.answer(session, order_id, **reply, actor=WHO, now=clock.now())


ACTS: dict[str, Callable[[Session, Ticket], object]] = {
    "dispatch": lambda session, it: dispatch.dispatch(session, it, actor=WHO, now=clock.now()),
    "return": _send_back,
    "withdraw": lambda session, it: dispatch.withdraw(
        session, it, reason="派错了", actor=WHO, now=clock.now()
    ),
    "accept": _accept,
    "begin": _begin,
    "answer": _answer,
    "reject": lambda session, it: dispatch.reject_answer(
        session, it, reason="请写明时间", actor=WHO, now=clock.now()
    ),
    "release": lambda session, it: dispatch.release(session, it, actor=WHO, now=clock.now()),
    "reopen": lambda session, it: tickets.reopen(session, it, reason="没有解决", actor=WHO, now=clock.now()),
}


def _survey() -> Iterator[list[Look]]:
    survey = survey_of(invited_survey())
    manager = staff_with("manager").id
    yield [(0, f"/p/s/{survey.token}")]
    bad = Satisfaction("dissatisfied")
    with transaction() as session:
        surveys.answer(session, survey.id, solved=False, satisfaction=bad, mode="link", now=clock.now())
    lists = [(manager, f"/manage/rows/{name}/denominator") for name in ("solved_rate", "tickets_accepted")]
    groups = [(manager, f"/manage?by={by}") for by in ("category", "organisation_id")]
    yield [(0, f"/p/s/{survey.token}"), *lists, *groups, (staff_with("agent").id, "/agent/callbacks")]


def a_calls_life() -> Iterator[list[Look]]:
    """Waiting, ringing, talking, wrap-up, a pause; the agent's page after each."""
    me, now = staff_with("agent").id, clock.now()
    looks = [(me, "/agent")]
    with transaction() as session:
        agents.become_available(session, me, now)
        call_id = waiting_call(session, "life", at=now).id
    yield looks
    with transaction() as session:
        agents.ring(session, me, session.get_one(Call, call_id), now)
    yield looks
    with transaction() as session:
        call = session.get_one(Call, call_id)
        calls.answer(session, call, staff_id=me, system_id="leg", now=now)
        agents.talk(session, me, call, now)
    yield looks
    with transaction() as session:
        call = session.get_one(Call, call_id)
        calls.end(session, call, now)
        agents.call_over(session, call, now)
    yield looks
    with transaction() as session:
        agents.pause(session, me, PauseReason("break"), now)
    yield [*looks, (staff_with("manager").id, "/manage/rows/calls_received/numerator")]
