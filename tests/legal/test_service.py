"""A question left at night becomes a ticket and a lawyer's task, and the citizen is told, once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from dispatch import service as dispatch
from dispatch.queries import desk
from hotline.callbacks.models import CallBack
from hotline.db import transaction
from hotline.errors import InvalidInput, TransitionRefused
from hotline.event_log import Event
from hotline.legal import service
from hotline.legal.models import LawyerTask
from hotline.surveys.handlers import on_answer_released
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from sms import handlers as sms
from sms.models import SmsMessage
from tests.conftest import Servers, sections
from tests.legal.people import (
    NIGHT,
    OFFICE_HOURS,
    another_lawyer,
    call,
    claimed,
    lawyer,
    message,
    now_as_kept,
)
from tests.support.instance import configured
from tests.tickets.matters import AGENT, facts, opened

SAID = service.Answer(text="可以申请劳动仲裁，时效一年。", item_code="L0204")


@pytest.fixture(autouse=True)
def office_hours(servers: Servers, seeded: str, tmp_path: Path) -> Iterator[None]:
    with configured(tmp_path / "hotline.toml", sections(servers, seeded) | {"legal": OFFICE_HOURS}):
        yield


def answer(task: LawyerTask, said: service.Answer, by: int) -> None:
    with transaction() as session:
        service.answer(session, task.id, said, staff_id=by, now=NIGHT + timedelta(hours=12))


def told_of(ticket_id: int) -> list[str]:
    """Runs what follows a closed ticket; the texts that then wait to be sent, and call-backs."""
    with transaction() as session:
        closed = select(Event).where(Event.kind == "answer_released", Event.ticket_id == ticket_id)
        on_answer_released(session, session.scalars(closed).one())
    with transaction() as session:
        invited = select(Event).where(Event.kind == "survey_invited", Event.ticket_id == ticket_id)
        for event in session.scalars(invited):
            sms.on_survey_invited(session, event)
    with transaction() as session:
        texts = select(SmsMessage.template).where(SmsMessage.ticket_id == ticket_id)
        asked = select(CallBack.reason).where(CallBack.ticket_id == ticket_id)
        return [*session.scalars(texts), *session.scalars(asked)]


def on_the_desk(ticket: Ticket) -> bool:
    with transaction() as session:
        return ticket.id in [row.id for row in session.scalars(desk("new"))]


def test_a_message_is_a_ticket_of_12348_due_on_the_next_legal_day() -> None:
    task = now_as_kept(message().id)
    assert task.due_at == NIGHT.replace(day=11, hour=9)  # 17:00 in Shanghai
    ticket = task.ticket
    assert (ticket.hotline, ticket.channel, ticket.item.code) == ("12348", "phone", "L1004")
    assert ticket.call_id == task.call_id
    assert "42 秒" in ticket.text
    with transaction() as session:
        assert facts(session, ticket.id)[-1] == "lawyer_asked"


def test_a_message_told_of_twice_is_one_task() -> None:
    ringing = call()
    with transaction() as session:
        first = service.take_message(session, ringing, seconds=10, now=NIGHT).id
    with transaction() as session:
        assert service.take_message(session, ringing, seconds=10, now=NIGHT).id == first


def test_the_answer_goes_out_as_number_and_code_and_never_as_text() -> None:
    task, me = message(), lawyer()
    claimed(task, me)
    answer(task, SAID, me)
    kept = now_as_kept(task.id)
    assert (kept.state, kept.told, kept.ticket.state) == ("answered", "sms", "in_follow_up")
    assert (kept.ticket.public_reply, kept.ticket.item.code) == (SAID.text, "L0204")
    assert told_of(kept.ticket_id) == ["result_notice"]
    with transaction() as session:
        text = session.scalars(select(SmsMessage.text).where(SmsMessage.ticket_id == kept.ticket_id)).one()
    assert kept.ticket.number in text
    assert kept.ticket.query_code in text
    assert "仲裁" not in text


def test_who_shall_be_rung_is_rung_by_a_person() -> None:
    task, me = message("13800138001"), lawyer()
    claimed(task, me)
    answer(task, service.Answer(text="请带证据来。", item_code="L1004", by_phone=True), me)
    assert told_of(now_as_kept(task.id).ticket_id) == ["result"]


def test_a_withheld_number_is_answered_if_the_message_says_one() -> None:
    task, me = message(None), lawyer()
    claimed(task, me)
    with pytest.raises(InvalidInput) as refused:
        answer(task, SAID, me)
    assert refused.value.field == "number"
    answer(task, service.Answer(text=SAID.text, item_code="L0204", number="13800138002"), me)
    caller = now_as_kept(task.id).ticket.caller
    assert caller
    assert caller.number == "+8613800138002"
    assert told_of(task.ticket_id) == ["result_notice"]


def test_who_left_no_number_at_all_is_closed_with_the_reason() -> None:
    task, me = message(None), lawyer()
    claimed(task, me)
    with transaction() as session:
        service.close_unreachable(session, task.id, reason="没有号码", staff_id=me, now=NIGHT)
    kept = now_as_kept(task.id)
    assert (kept.state, kept.closed_because, kept.ticket.state) == ("closed", "unreachable", "closed")
    assert told_of(kept.ticket_id) == []


def test_of_two_lawyers_only_one_has_it() -> None:
    task = message()
    claimed(task, lawyer())
    claimed(task, lawyer())  # a second click
    with pytest.raises(TransitionRefused):
        claimed(task, another_lawyer())
    with pytest.raises(TransitionRefused):
        answer(task, SAID, another_lawyer())
    with transaction() as session:
        service.give_back(session, task.id, staff_id=lawyer(), now=NIGHT)
    claimed(task, another_lawyer())


def test_a_task_held_too_long_is_anybodys_again() -> None:
    held, fresh = message(), message()
    claimed(held, lawyer())
    with transaction() as session:
        service.claim(session, fresh.id, staff_id=lawyer(), now=NIGHT + timedelta(hours=3))
    later = NIGHT + timedelta(hours=5)
    with transaction() as session:
        service.release_stale(session, later - timedelta(hours=4), later)
    assert (now_as_kept(held.id).state, now_as_kept(fresh.id).state) == ("open", "claimed")
    assert now_as_kept(held.id).staff_id is None


def test_the_desk_has_it_once_the_lawyer_hands_it_over() -> None:
    task, me = message(), lawyer()
    ticket = now_as_kept(task.id).ticket
    assert not on_the_desk(ticket)
    with pytest.raises(dispatch.WithALawyer), transaction() as session:
        dispatch.dispatch(session, tickets.get(session, ticket.id), actor=AGENT, now=NIGHT)
    claimed(task, me)
    with transaction() as session:
        service.hand_to_desk(session, task.id, staff_id=me, now=NIGHT)
    assert on_the_desk(ticket)


def test_a_ticket_closed_by_other_means_takes_the_task_along() -> None:
    task = message()
    with transaction() as session:
        ticket = tickets.get(session, task.ticket_id)
        tickets.close_on_the_phone(session, ticket, reply="已电话答复", actor=AGENT, now=NIGHT)
        service.close_with_ticket(session, ticket.id, now=NIGHT)
        service.close_with_ticket(session, ticket.id, now=NIGHT)
    kept = now_as_kept(task.id)
    assert (kept.state, kept.closed_because) == ("closed", "elsewhere")


def test_a_question_from_the_web_without_a_number_is_read_on_the_web() -> None:
    with transaction() as session:
        ticket = opened(session, number=None, hotline="12348", item_code="L0201", channel="web")
        task = service.ask(session, ticket, now=NIGHT)
    claimed(task, lawyer())
    answer(task, SAID, lawyer())
    assert now_as_kept(task.id).told == "web"


def test_only_the_legal_line_takes_messages_and_only_when_closed() -> None:
    assert service.takes_messages("12348", NIGHT)
    assert not service.takes_messages("12345", NIGHT)
    assert not service.takes_messages("12348", NIGHT.replace(hour=2))
    # no calendar for that year: people answer, rather than a machine that cannot promise a day
    assert not service.takes_messages("12348", NIGHT.replace(year=2031))
