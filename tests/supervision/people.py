"""A unit with tickets, the office that supervises it, and citizens who are not satisfied."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import service
from dispatch.models import WorkOrder
from hotline.event_log import Event
from hotline.staff.models import Staff
from hotline.supervision import handlers, papers
from hotline.supervision.models import Matter, Paper
from hotline.supervision.rules import PaperKind
from hotline.surveys import service as surveys
from hotline.surveys.grades import Satisfaction
from hotline.tickets import clocks
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from tests.dispatch.people import DISPATCHER, NOW, STREET_ITEM, open_ticket

DAY = timedelta(days=1)
HEARD = {
    "light_turned": handlers.on_light_turned,
    "clock_extended": handlers.on_clock_corrected,
    "clock_limit_changed": handlers.on_clock_corrected,
    "survey_answered": handlers.on_survey_answered,
}


def officer(session: Session) -> Staff:
    supervisors = select(Staff).where(Staff.role == "supervisor").order_by(Staff.id)
    return session.scalars(supervisors.limit(1)).one()


def in_hand(session: Session, now: datetime = NOW, person: str = "张三") -> WorkOrder:
    """A ticket that the unit accepted and began."""
    ticket = open_ticket(session, STREET_ITEM, now=now)
    order = service.dispatch(session, ticket, actor=DISPATCHER, now=now)
    assert order is not None
    service.accept(session, order.id, responsible_person=person, actor="staff:99", now=now)
    service.begin(session, order.id, contact_note="已联系", actor="staff:99", now=now)
    return order


def rated(session: Session, grade: Satisfaction, now: datetime = NOW, person: str = "张三") -> Ticket:
    """Answered by the unit, and the citizen says what they think of it."""
    order = in_hand(session, now, person)
    end(session, order, now)
    survey = surveys.invite(session, order.ticket, now)
    assert survey is not None
    surveys.answer(session, survey.id, solved=True, satisfaction=grade, mode="sms", now=now)
    hear(session)
    return order.ticket


def end(session: Session, order: WorkOrder, now: datetime) -> None:
    reply = "已处理完毕" * 20
    service.answer(session, order.id, public_reply=reply, internal_note="", actor="staff:99", now=now)
    service.release(session, order.ticket, actor=DISPATCHER, now=now)


def red_light(session: Session, now: datetime = NOW) -> WorkOrder:
    """No reply for three days, then all is done: one red light."""
    order = in_hand(session, now)
    late(session, now + 3 * DAY + DAY / 2)
    end(session, order, now + 3 * DAY + DAY / 2)
    return order


def dissatisfied(session: Session, times: int, now: datetime = NOW, person: str = "张三") -> list[Ticket]:
    return [rated(session, Satisfaction.DISSATISFIED, now, person) for _ in range(times)]


def late(session: Session, now: datetime) -> None:
    """The lights that turned by now come on record, and supervision hears of them."""
    clocks.turn_lights(session, now, 500)
    hear(session)


def hear(session: Session) -> None:
    """Every fact so far is told, again too: handlers may be told twice."""
    for event in session.scalars(select(Event).where(Event.kind.in_(HEARD)).order_by(Event.id)).all():
        HEARD[event.kind](session, event)


def issued(session: Session, kind: PaperKind, ticket: Ticket, now: datetime = NOW) -> Paper:
    return papers.issue(
        session,
        kind,
        tickets.get(session, ticket.id),
        reason="逾期未办，请说明原因",
        answer_by=now + 3 * DAY,
        staff=officer(session),
        now=now,
    )


def matters_of(session: Session, what: str) -> list[Matter]:
    return list(session.scalars(select(Matter).where(Matter.what == what).order_by(Matter.id)))
