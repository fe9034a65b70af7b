"""A firm's rating is the average of what citizens said about its own work, with how many said it (E09)."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from dispatch import handlers, service
from hotline.db import transaction
from hotline.event_log import Event
from hotline.organisations.models import Organisation
from hotline.surveys import service as surveys
from hotline.surveys.grades import Satisfaction
from hotline.tickets import service as tickets
from tests.dispatch.people import DISPATCHER, NOW, agree, firms_of_the_trade, open_ticket

pytestmark = pytest.mark.usefixtures("seeded")


def work_done_and_rated(grade: Satisfaction, ticket_id: int | None = None, *, now: datetime = NOW) -> int:
    """The ticket of one job: offered, done, released and rated."""
    with transaction() as session:
        ticket = tickets.get(session, ticket_id) if ticket_id else open_ticket(session, now=now)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=now)
        assert order is not None
        firm = {"actor": "staff:99", "now": now}
        service.accept(session, order.id, responsible_person="李师傅", price_estimate="30 元", **firm)
        agree(session, ticket.id, now=now)
        service.begin(session, order.id, contact_note="约好上门", **firm)
        service.answer(session, order.id, public_reply="疏通了", internal_note="", **firm)
        service.release(session, ticket, actor=DISPATCHER, now=now)
        survey = surveys.invite(session, ticket, now)
        assert survey is not None
        surveys.answer(session, survey.id, solved=True, satisfaction=grade, mode="link", now=now)
        return ticket.id


def told() -> None:
    """Every rating is told twice, as the relay may."""
    with transaction() as session:
        for event in session.scalars(select(Event).where(Event.kind == "survey_answered")).all():
            handlers.on_survey_answered(session, event)
            handlers.on_survey_answered(session, event)


def rating(firm_id: int) -> tuple[float | None, int]:
    with transaction() as session:
        firm = session.get_one(Organisation, firm_id)
        return firm.rating, firm.ratings


def test_the_average_has_its_denominator() -> None:
    with transaction() as session:
        (firm,) = firms_of_the_trade(session, 9)
    work_done_and_rated(Satisfaction.VERY_SATISFIED)
    work_done_and_rated(Satisfaction.DISSATISFIED)
    told()
    assert rating(firm) == (0.625, 2)


def test_after_reopening_each_firm_is_rated_for_its_own_work() -> None:
    with transaction() as session:
        first, second = firms_of_the_trade(session, 9, 9)
    ticket_id = work_done_and_rated(Satisfaction.VERY_DISSATISFIED)
    with transaction() as session:
        ticket = tickets.get(session, ticket_id, lock=True)
        tickets.reopen(session, ticket, reason="又堵了", actor=DISPATCHER, now=NOW)
    work_done_and_rated(Satisfaction.VERY_SATISFIED, ticket_id, now=NOW + timedelta(days=2))
    told()
    assert (rating(first), rating(second)) == ((0.0, 1), (1.0, 1))


def test_a_ticket_no_firm_worked_on_rates_nobody() -> None:
    with transaction() as session:
        (firm,) = firms_of_the_trade(session, 9)
        ticket = open_ticket(session)
        tickets.close_on_the_phone(session, ticket, reply="已答复", actor="staff:1", now=NOW)
        survey = surveys.invite(session, ticket, NOW)
        assert survey is not None
        surveys.answer(
            session, survey.id, solved=True, satisfaction=Satisfaction.SATISFIED, mode="link", now=NOW
        )
    told()
    assert rating(firm) == (0.9, 0)
