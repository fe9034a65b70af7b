"""A firm is asked while it is open; when nobody is, the ticket waits and says until when (E08)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from dispatch import jobs, offers, service
from dispatch.models import PostponedOffer
from hotline import clock
from hotline.config import settings
from hotline.db import transaction
from hotline.organisations.models import Organisation
from hotline.tickets import outcomes
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from tests.dispatch.people import DISPATCHER, DRAIN_ITEM, facts, firms_of_the_trade, open_ticket, states
from tests.support.people import signed_in_as

pytestmark = pytest.mark.usefixtures("seeded")
NIGHT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
EIGHT = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)


def daytime(*firm_ids: int) -> None:
    with transaction() as session:
        for firm_id in firm_ids:
            session.get_one(Organisation, firm_id).hours = "08:00-18:00"


def firms(*capacities: int) -> list[int]:
    with transaction() as session:
        return firms_of_the_trade(session, *capacities)


def sent(at: datetime) -> Ticket:
    with transaction() as session:
        ticket = open_ticket(session, now=at)
        service.dispatch(session, ticket, actor=DISPATCHER, now=at)
        return ticket


def waits_until(ticket_id: int) -> datetime | None:
    with transaction() as session:
        waits = offers.postponed(session, ticket_id)
        return waits.until if waits else None


def test_at_night_the_firm_that_is_open_is_asked_whoevers_turn_it_were() -> None:
    by_day, by_night = firms(9, 1)
    daytime(by_day)
    ticket = sent(NIGHT)
    with transaction() as session:
        assert states(session, ticket.id) == [(by_night, "offered")]


def test_when_nobody_is_open_the_ticket_waits_until_the_first_one_opens() -> None:
    daytime(*firms(1, 2))
    ticket = sent(NIGHT)
    assert (waits_until(ticket.id), ticket.state) == (EIGHT, "registered")
    assert [fact["until"] for fact in facts(ticket.id, "offer_postponed")] == ["2026-03-03T08:00:00+08:00"]
    assert jobs.resume_offers(EIGHT - timedelta(seconds=1)) == 0
    assert jobs.resume_offers(EIGHT) == 1
    assert jobs.resume_offers(EIGHT) == 0
    with transaction() as session:
        assert [state for _firm, state in states(session, ticket.id)] == ["offered"]
    assert waits_until(ticket.id) is None


def test_who_declined_in_the_evening_is_not_asked_again_in_the_morning() -> None:
    by_night, by_day = firms(1, 1)
    daytime(by_day)
    ticket = sent(NIGHT)
    with transaction() as session:
        order = offers.to_pass_on(session, NIGHT + timedelta(minutes=10))
    with transaction() as session:
        offers.decline(session, order[0], actor="staff:99", now=NIGHT)
        assert tickets.get(session, ticket.id).state == "in_review"
    assert jobs.resume_offers(EIGHT) == 1
    with transaction() as session:
        assert states(session, ticket.id) == [(by_night, "declined"), (by_day, "offered")]


def test_a_dispatcher_may_send_it_to_somebody_meanwhile_and_nobody_else_is_asked_then() -> None:
    first, second = firms(1, 1)
    daytime(first, second)
    ticket = sent(NIGHT)
    with transaction() as session:
        service.dispatch(
            session,
            tickets.get(session, ticket.id),
            actor=DISPATCHER,
            now=NIGHT,
            organisation_id=second,
        )
    assert jobs.resume_offers(EIGHT) == 0
    with transaction() as session:
        assert states(session, ticket.id) == [(second, "offered")]
        assert session.get(PostponedOffer, ticket.id) is None


def test_what_was_withdrawn_meanwhile_is_offered_to_nobody() -> None:
    daytime(*firms(1))
    ticket = sent(NIGHT)
    with transaction() as session:
        it = tickets.get(session, ticket.id, lock=True)
        outcomes.withdraw(session, it, reason="自己通了", actor="citizen", now=NIGHT)
    assert jobs.resume_offers(EIGHT) == 0
    with transaction() as session:
        assert states(session, ticket.id) == []


def test_the_desk_reads_until_when_it_waits(app: Flask) -> None:
    daytime(*firms(1))
    ticket = sent(NIGHT)
    page = signed_in_as(app, "dispatcher").get(f"/dispatch/tickets/{ticket.id}")
    assert "2026-03-03 08:00 开门后自动询问" in page.text


def test_who_presses_the_button_at_night_reads_when_the_first_firm_opens_not_that_it_went_out(
    app: Flask,
) -> None:
    (only,) = firms(1)
    now = clock.now()
    local = now.astimezone(settings().site.zone)
    with transaction() as session:
        opens, closes = local + timedelta(hours=2), local + timedelta(hours=3)
        session.get_one(Organisation, only).hours = f"{opens:%H:%M}-{closes:%H:%M}"
        ticket_id = open_ticket(session, now=now).id
    url = f"/dispatch/tickets/{ticket_id}/dispatch"
    said = signed_in_as(app, "dispatcher").post(url, follow_redirects=True).text
    assert "还没有派出：企业都未营业" in said and "已按建议派出" not in said
    assert f"{opens:%H:%M} 开门后自动询问" in said


def test_who_presses_the_button_when_nobody_is_left_reads_what_to_do(app: Flask) -> None:
    firms()
    with transaction() as session:
        ticket_id = open_ticket(session, now=clock.now()).id
    url = f"/dispatch/tickets/{ticket_id}/dispatch"
    said = signed_in_as(app, "dispatcher").post(url, follow_redirects=True).text
    assert "请在下面指定承办单位" in said and "已按建议派出" not in said


def test_whoever_is_barred_by_licence_review_or_suspension_is_not_asked() -> None:
    expired, unreviewed, failed, suspended, good = firms(1, 1, 1, 1, 1)
    with transaction() as session:
        session.get_one(Organisation, expired).licence_until = date(2026, 3, 1)
        session.get_one(Organisation, unreviewed).review_due = date(2026, 3, 1)
        session.get_one(Organisation, failed).review_passed = False
        session.get_one(Organisation, suspended).suspended = True
        session.get_one(Organisation, good).licence_until = date(2026, 3, 2)  # holds to the end of the day
    ticket = sent(NIGHT)
    with transaction() as session:
        assert states(session, ticket.id) == [(good, "offered")]
        assert offers.to_pass_on(session, NIGHT + timedelta(minutes=1)) == []
        assert len(offers.to_pass_on(session, EIGHT)) == 1


def test_a_firm_of_two_classes_is_asked_for_both_and_the_next_one_is_of_the_tickets_class() -> None:
    first, second = firms(1, 1)
    with transaction() as session:
        for firm_id in (first, second):
            firm = session.get_one(Organisation, firm_id)
            firm.role_name, firm.further_roles = "家政服务企业", [firm.role_name]
    with transaction() as session:
        ticket = open_ticket(session, DRAIN_ITEM, now=NIGHT)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=NIGHT)
        assert order is not None
        offers.decline(session, order.id, actor="staff:99", now=NIGHT)
        assert states(session, ticket.id) == [(first, "declined"), (second, "offered")]
