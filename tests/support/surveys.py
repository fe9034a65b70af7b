"""A citizen whose matter was closed and who was asked about it."""

from sqlalchemy import select, update

from hotline import clock
from hotline.callers.service import caller_for
from hotline.db import transaction
from hotline.event_log import Event
from hotline.surveys import service as surveys
from hotline.surveys.models import Survey
from hotline.tickets import service as tickets

CITIZEN = "+8613800138000"


def invited_survey(number: str = CITIZEN, *, hotline: str = "12345") -> int:
    """The id of a survey that waits for an answer."""
    now = clock.now()
    with transaction() as session:
        new = tickets.NewTicket(
            hotline=hotline,
            channel="web",
            kind="consult",
            item_code={"12345": "0101", "12348": "L0101"}[hotline],
            text="请问办理时间",
            caller_id=caller_for(session, number, now).id,
        )
        ticket = tickets.open_ticket(session, new, actor="system:test", now=now)
        tickets.close_on_the_phone(session, ticket, reply="已答复", actor="system:test", now=now)
        survey = surveys.invite(session, ticket, now)
        assert survey is not None
        return survey.id


def call_due() -> Event:
    """The text message was not answered in time: a call is due. The fact."""
    now = clock.now()
    with transaction() as session:
        session.execute(update(Survey).values(next_at=now))
        surveys.advance_due(session, now)
    with transaction() as session:
        due = select(Event).where(Event.kind == "survey_call_due").order_by(Event.id.desc())
        return session.scalars(due).first() or _never()


def survey_of(survey_id: int) -> Survey:
    with transaction() as session:
        return surveys.get(session, survey_id)


def _never() -> Event:
    raise AssertionError("no survey call is due")
