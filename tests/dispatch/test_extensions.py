"""More days: asked for in time, decided by another, both dates kept (G01)."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from dispatch import extensions, queries, service
from dispatch.models import Extension
from hotline import clock
from hotline.db import transaction
from hotline.errors import InvalidInput, TransitionRefused
from hotline.tickets import service as tickets
from hotline.tickets.queries import closing_clock
from tests.dispatch.people import DISPATCHER, NOW, facts, in_hand, sign_in_as, staff_of
from tests.dispatch.test_at_the_same_moment import all_at_once
from tests.support.people import staff_with

ASKER = "staff:99"


def due(ticket_id: int) -> datetime:
    with transaction() as session:
        clock_ = closing_clock(tickets.get(session, ticket_id))
        assert clock_ is not None
        return clock_.due_at


def asked(order_id: int, days: int = 3, now: datetime = NOW) -> Extension:
    with transaction() as session:
        return extensions.ask(
            session, order_id, days=days, code="survey", reason="要等检测报告", actor=ASKER, now=now
        )


def decided(
    extension_id: int, *, granted: bool = True, actor: str = DISPATCHER, now: datetime = NOW
) -> Extension:
    with transaction() as session:
        return extensions.decide(session, extension_id, granted=granted, note="请抓紧", actor=actor, now=now)


def test_days_asked_for_in_time_and_granted_by_another_move_the_deadline_and_both_dates_stay(
    seeded: str,
) -> None:
    order = in_hand()
    before = due(order.ticket_id)
    kept = decided(asked(order.id).id)
    after = due(order.ticket_id)
    assert before == datetime(2026, 3, 9, 16, tzinfo=UTC)  # the fifth day is a Sunday and moves on
    assert after == datetime(2026, 3, 11, 16, tzinfo=UTC)  # counted anew: the eighth day
    assert (kept.old_due_at, kept.new_due_at, kept.decided_by) == (before, after, DISPATCHER)
    (told,) = facts(order.ticket_id, "extension_decided")
    assert (told["granted"], told["old_due_at"]) == (True, before.isoformat())
    assert [fact["code"] for fact in facts(order.ticket_id, "extension_asked")] == ["survey"]


def test_until_it_is_decided_and_when_it_is_refused_the_old_deadline_holds(seeded: str) -> None:
    order = in_hand()
    before = due(order.ticket_id)
    first = asked(order.id)
    assert due(order.ticket_id) == before
    assert decided(first.id, granted=False).state == "refused"
    assert due(order.ticket_id) == before
    assert decided(asked(order.id).id).state == "granted"  # a refusal does not use up the one there is


def test_on_the_second_it_is_due_it_may_be_asked_for_and_a_second_later_no_more(seeded: str) -> None:
    order = in_hand()
    with pytest.raises(extensions.ExtensionTooLate):
        asked(order.id, now=due(order.ticket_id) + timedelta(seconds=1))
    assert asked(order.id, now=due(order.ticket_id)).state == "asked"


def test_what_was_asked_in_time_is_not_granted_after_the_deadline(seeded: str) -> None:
    order = in_hand()
    late = due(order.ticket_id) + timedelta(seconds=1)
    waiting = asked(order.id)
    with pytest.raises(extensions.ExtensionTooLate):
        decided(waiting.id, now=late)
    assert decided(waiting.id, granted=False, now=late).state == "refused"


def test_nobody_decides_what_they_asked_for_and_a_refusal_says_why(seeded: str) -> None:
    waiting = asked(in_hand().id)
    with pytest.raises(extensions.OwnRequest):
        decided(waiting.id, actor=ASKER)
    with pytest.raises(InvalidInput, match="note"), transaction() as session:
        extensions.decide(session, waiting.id, granted=False, note=" ", actor=DISPATCHER, now=NOW)


def test_a_ticket_is_extended_no_more_often_and_no_longer_than_allowed(seeded: str) -> None:
    order = in_hand()
    for days in (0, 6):  # a general matter: at most five more
        with pytest.raises(InvalidInput, match="days"):
            asked(order.id, days)
    first = asked(order.id, 2)
    with pytest.raises(extensions.NoMoreExtensions):
        asked(order.id)
    decided(first.id)
    with pytest.raises(extensions.NoMoreExtensions):
        asked(order.id)


def test_what_an_organisation_asked_before_the_ticket_went_elsewhere_is_not_granted(seeded: str) -> None:
    order = in_hand()
    waiting = asked(order.id)
    with transaction() as session:
        ticket = tickets.get(session, order.ticket_id)
        service.withdraw(session, ticket, reason="派错了", actor=DISPATCHER, now=NOW)
    with pytest.raises(TransitionRefused):
        decided(waiting.id)
    with transaction() as session:
        ticket = tickets.get(session, order.ticket_id)
        again = service.dispatch(session, ticket, actor=DISPATCHER, now=NOW)
        assert again is not None
        service.accept(session, again.id, responsible_person="李工", actor=ASKER, now=NOW)
    assert asked(again.id).state == "asked"
    with transaction() as session:
        assert session.get_one(Extension, waiting.id).state == "refused"


def test_of_two_people_who_decide_at_once_one_does(seeded: str) -> None:
    order = in_hand()
    waiting = asked(order.id)
    got = all_at_once(
        lambda: decided(waiting.id, actor="staff:6"),
        lambda: decided(waiting.id, granted=False, actor="staff:7"),
    )
    assert Counter(got) == {"done": 1, "transition_refused": 1}
    assert len(facts(order.ticket_id, "extension_decided")) == 1


# --- pages -----------------------------------------------------------------------------------------------


def test_the_department_asks_and_the_dispatcher_finds_it_on_the_desk_and_grants_it(
    client: FlaskClient,
) -> None:
    order = in_hand(now=clock.now())
    there, desk = f"/work/{order.id}", f"/dispatch/tickets/{order.ticket_id}"
    said = {"days": "2", "extension_code": "survey", "extension_reason": "等检测报告"}
    with transaction() as session:
        sign_in_as(client, staff_of(session, order.organisation_id))
    assert "申请延期" in client.get(there).text
    assert client.post(f"{there}/extension", data=said | {"days": ""}).status_code == 400
    too_long = client.post(f"{there}/extension", data=said | {"days": "99"})
    assert too_long.status_code == 400 and "超过了本单可以延长的天数" in too_long.text
    assert client.post(f"{there}/extension", data=said).status_code == 303
    with transaction() as session:
        (waiting,) = extensions.of_ticket(session, order.ticket_id)
        assert queries.desk_counts(session)["asked"] == 1
    sign_in_as(client, staff_with("dispatcher").id)
    assert desk in client.get("/dispatch?tab=asked").text
    assert "等检测报告" in client.get(desk).text
    without = client.post(f"{desk}/extension/{waiting.id}", data={"granted": "no"})
    assert without.status_code == 400 and "请写明不同意的理由" in without.text
    assert client.post(f"{desk}/extension/{waiting.id}", data={"granted": "yes"}).status_code == 303
    assert "准予延期" in client.get(desk).text


def test_an_organisation_cannot_decide(client: FlaskClient) -> None:
    order = in_hand(now=clock.now())
    waiting = asked(order.id, now=clock.now())
    with transaction() as session:
        sign_in_as(client, staff_of(session, order.organisation_id))
    there = f"/dispatch/tickets/{order.ticket_id}/extension/{waiting.id}"
    assert client.post(there, data={"granted": "yes"}).status_code == 403
