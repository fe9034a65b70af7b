"""Which fact makes which text, and to whom none is sent."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import clock
from hotline.callbacks.models import CallBack
from hotline.callers.service import caller_for
from hotline.catalogue.models import Item
from hotline.db import transaction
from hotline.errors import ProviderError
from hotline.event_log import Event
from hotline.surveys import service as surveys
from hotline.surveys.grades import Satisfaction
from hotline.surveys.models import Survey
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from sms import handlers, service
from sms.models import SmsInbound, SmsMessage
from tests.sms.conftest import CITIZEN

pytestmark = pytest.mark.usefixtures("seeded")
Handler = Callable[[Session, Event], None]
COMPLAINT = "小区路灯坏了三个月没人管"


def open_ticket(*, number: str | None = CITIZEN, wish: str = "sms", language: str = "zh") -> int:
    with transaction() as session:
        now = clock.now()
        caller = caller_for(session, number, now) if number else None
        if caller:
            caller.language = language
        code = session.scalars(select(Item.code).limit(1)).first() or ""
        new = tickets.NewTicket(
            hotline="12345",
            channel="phone",
            kind="complaint",
            item_code=code,
            text=COMPLAINT,
            caller_id=caller.id if caller else None,
            contact_wish=wish,
        )
        return tickets.open_ticket(session, new, actor="staff:1", now=now).id


def close(ticket_id: int) -> None:
    with transaction() as session:
        ticket = tickets.get(session, ticket_id, lock=True)
        tickets.close_on_the_phone(session, ticket, reply="已修复", actor="staff:1", now=clock.now())
        surveys.invite(session, ticket, clock.now())


def happen(kind: str, handler: Handler, times: int = 1) -> None:
    """Deliver every fact of this kind; the relay may do it more than once."""
    with transaction() as session:
        ids = session.scalars(select(Event.id).where(Event.kind == kind).order_by(Event.id)).all()
    for event_id in [*ids] * times:
        with transaction() as session:
            handler(session, session.get_one(Event, event_id))


def texts() -> list[SmsMessage]:
    with transaction() as session:
        return list(session.scalars(select(SmsMessage).order_by(SmsMessage.id)))


def survey() -> Survey:
    with transaction() as session:
        return session.scalars(select(Survey)).one()


def write(text: str, number: str = CITIZEN) -> None:
    with transaction() as session:
        service.receive(
            session, provider="simulated", provider_ref=text, sender=number, text=text, now=clock.now()
        )


def test_a_citizen_gets_the_number_and_code_of_their_ticket_once() -> None:
    ticket_id = open_ticket()
    happen("ticket_opened", handlers.on_ticket_opened, times=2)
    [sent] = texts()
    with transaction() as session:
        ticket = session.get_one(Ticket, ticket_id)
    assert (sent.template, sent.recipient, sent.ticket_id) == ("ticket_accepted", CITIZEN, ticket_id)
    assert ticket.number in sent.text and ticket.query_code in sent.text
    assert COMPLAINT not in sent.text


@pytest.mark.parametrize(("number", "wish"), [(None, "sms"), (CITIZEN, "phone"), (CITIZEN, "none")])
def test_nobody_who_is_unknown_or_wishes_no_text_gets_one(number: str | None, wish: str) -> None:
    ticket_id = open_ticket(number=number, wish=wish)
    happen("ticket_opened", handlers.on_ticket_opened)
    close(ticket_id)
    happen("survey_invited", handlers.on_survey_invited)
    assert texts() == []


def test_at_closure_one_text_brings_the_result_the_two_questions_and_a_one_time_link() -> None:
    close(open_ticket())
    happen("survey_invited", handlers.on_survey_invited, times=2)
    [sent] = texts()
    assert sent.subject == f"result:ticket:{sent.ticket_id}:closure:1"
    assert f"/p/s/{survey().token}" in sent.text
    assert "已办结" in sent.text and "回复两位数字" in sent.text and COMPLAINT not in sent.text
    assert re.match(r"【[^【】]+】[^【】]+$", sent.text)


def test_a_citizen_who_speaks_english_reads_english() -> None:
    open_ticket(language="en")
    happen("ticket_opened", handlers.on_ticket_opened)
    assert "Your request is registered" in texts()[0].text


def test_an_answer_by_text_is_read_and_thanked() -> None:
    close(open_ticket())
    write("11")
    happen("sms_received", handlers.on_sms_received, times=2)
    happen("survey_answered", handlers.on_survey_answered, times=2)
    assert (survey().solved, survey().satisfaction) == (True, Satisfaction.VERY_SATISFIED)
    assert [sent.template for sent in texts()] == ["survey_thanks"]
    with transaction() as session:
        assert session.scalars(select(SmsInbound.handled_at)).one() is not None


def test_an_answer_by_link_is_not_thanked_by_text() -> None:
    close(open_ticket())
    with transaction() as session:
        surveys.answer(
            session,
            survey().id,
            solved=True,
            satisfaction=Satisfaction.SATISFIED,
            mode="link",
            now=clock.now(),
        )
    happen("survey_answered", handlers.on_survey_answered)
    assert texts() == []


def test_an_unreadable_reply_gets_one_polite_repeat_and_the_second_none() -> None:
    close(open_ticket())
    for text in ("你们好", "什么意思"):
        write(text)
    happen("sms_received", handlers.on_sms_received)
    happen("survey_reply_unreadable", handlers.on_survey_reply_unreadable, times=2)
    assert [sent.template for sent in texts()] == ["survey_repeat"]


def test_a_stranger_who_writes_is_kept_and_harms_nothing() -> None:
    write("11", number="+8613900139000")
    happen("sms_received", handlers.on_sms_received)
    with transaction() as session:
        row = session.scalars(select(SmsInbound)).one()
    assert row.caller_id is None and row.handled_at is not None


@pytest.mark.parametrize("closes", [True, False])
def test_only_a_result_that_could_not_be_told_by_text_is_told_by_a_person(closes: bool) -> None:
    ticket_id = open_ticket()
    happen("ticket_opened", handlers.on_ticket_opened)
    if closes:
        close(ticket_id)
        happen("survey_invited", handlers.on_survey_invited)
    with transaction() as session:
        for sms in service.claim(session, "simulated", now=clock.now(), limit=9):
            error = ProviderError("no such number", permanent=True)
            service.record_failure(session, sms.id, error, safe_to_repeat=True, now=clock.now())
    happen("sms_failed", handlers.on_sms_failed, times=2)
    with transaction() as session:
        tasks = session.scalars(select(CallBack)).all()
    assert [(task.reason, task.ticket_id) for task in tasks] == (
        [("sms_failed", ticket_id)] if closes else []
    )
