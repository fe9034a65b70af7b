"""A whistle for departments, the call-out of an organisation on call (E06, E07): who comes, who does not."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import jobs, service, summons
from dispatch.models import CheckIn, Summons, WorkOrder
from dispatch.work_order import ConcernsThemselves
from hotline import clock
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import InvalidInput, NotFound, TransitionRefused
from hotline.organisations import duty
from hotline.organisations import queries as organisations
from hotline.organisations import service as publishing
from hotline.organisations.models import Area, Organisation
from hotline.organisations.nearest import TOWN_GOVERNMENT
from hotline.organisations.roster_file import Shift
from hotline.supervision import papers
from hotline.supervision.models import Matter
from hotline.supervision.rules import PaperKind
from hotline.tickets import outcomes
from hotline.tickets.models import Ticket
from sms.models import SmsMessage
from tests.dispatch.people import (
    DISPATCHER,
    NOW,
    STREET_ITEM,
    facts,
    in_hand,
    open_ticket,
    sign_in_as,
    staff_of,
)
from tests.supervision.people import DAY, officer
from tests.support.people import signed_in_as
from tests.support.relay import deliver_all

pytestmark = pytest.mark.usefixtures("seeded")
LIMIT = timedelta(hours=1)
WATER, HOUSING = "水利局", "住房和城乡建设局"


def office(session: Session, role: str, ticket: Ticket) -> Organisation:
    return organisations.handler_for(session, role, ticket.area_id).organisation


def called(*roles: str, **named: Any) -> Summons:
    """The centre asks these departments to come to a ticket at work."""
    order = in_hand()
    with transaction() as session:
        ticket = session.get_one(Ticket, order.ticket_id)
        whom = [office(session, role, ticket) for role in roles]
        return summons.call(session, ticket, whom, reason="到现场会商", actor=DISPATCHER, now=NOW, **named)


def check_ins(summons_id: int) -> list[CheckIn]:
    with transaction() as session:
        wanted = select(CheckIn).where(CheckIn.summons_id == summons_id).order_by(CheckIn.id)
        return list(session.scalars(wanted))


def cards() -> list[tuple[int, str]]:
    """What supervision is proposed: for whom and why."""
    deliver_all()
    with transaction() as session:
        proposed = select(Matter).where(Matter.because == "not_reported").order_by(Matter.id)
        return [(matter.organisation_id, matter.what) for matter in session.scalars(proposed)]


def test_whoever_is_called_reports_in_time_and_nobody_gets_a_card() -> None:
    made = called(WATER, HOUSING)
    assert made.report_by == NOW + LIMIT
    for it in check_ins(made.id):
        with transaction() as session:
            summons.report(session, it.id, it.organisation_id, actor="staff:9", now=NOW + LIMIT)
    assert [fact["in_time"] for fact in facts(made.ticket_id, "reported")] == [True, True]
    assert jobs.miss_check_ins(NOW + DAY) == 0
    assert cards() == []


def test_who_has_not_come_in_time_is_proposed_one_yellow_card_and_may_still_come() -> None:
    made = called(WATER, HOUSING)
    came, stayed_away = check_ins(made.id)
    with transaction() as session:
        summons.report(session, came.id, came.organisation_id, actor="staff:9", now=NOW)
    assert jobs.miss_check_ins(NOW + LIMIT) == 0
    assert jobs.miss_check_ins(NOW + LIMIT + timedelta(seconds=1)) == 1
    assert jobs.miss_check_ins(NOW + DAY) == 0
    assert cards() == [(stayed_away.organisation_id, PaperKind.YELLOW)]
    with transaction() as session:
        late = summons.report(
            session, stayed_away.id, stayed_away.organisation_id, actor="staff:9", now=NOW + DAY
        )
        assert late.missed_at is not None
    assert [fact["in_time"] for fact in facts(made.ticket_id, "reported")] == [True, False]
    assert len(cards()) == 1


def test_the_card_goes_to_who_stayed_away_not_to_whoever_has_the_ticket() -> None:
    made = called(WATER)
    jobs.miss_check_ins(NOW + DAY)
    ((unit_id, _kind),) = cards()
    with transaction() as session:
        ticket = session.get_one(Ticket, made.ticket_id)
        assert ticket.organisation_id != unit_id
        terms: dict[str, Any] = {"reason": "未按时报到", "answer_by": NOW + 2 * DAY, "now": NOW + DAY}
        stranger = office(session, HOUSING, ticket)
        with pytest.raises(InvalidInput):  # nothing was proposed about this one
            papers.issue(
                session, PaperKind.YELLOW, ticket, staff=officer(session), unit_id=stranger.id, **terms
            )
        card = papers.issue(
            session, PaperKind.YELLOW, ticket, staff=officer(session), unit_id=unit_id, **terms
        )
        assert card.organisation_id == unit_id
        assert session.scalars(select(Matter.state).where(Matter.because == "not_reported")).all() == ["done"]


def test_nobody_has_to_come_for_a_ticket_that_is_over() -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
        whom = office(session, WATER, ticket)
        summons.call(session, ticket, [whom], reason="到现场", actor=DISPATCHER, now=NOW)
        assert [it.organisation_id for it in summons.expected(session, whom.id)] == [whom.id]
        outcomes.withdraw(session, ticket, reason="自己好了", actor="citizen", now=NOW)
        assert summons.expected(session, whom.id) == []
        with pytest.raises(TransitionRefused):
            summons.call(session, ticket, [whom], reason="到现场", actor=DISPATCHER, now=NOW)
    assert jobs.miss_check_ins(NOW + DAY) == 0


def test_nobody_firms_the_caller_and_who_is_expected_already_are_not_called() -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
        water = office(session, WATER, ticket)
        firm = session.scalars(select(Organisation).where(Organisation.kind == "firm").limit(1)).one()
        terms: dict[str, Any] = {"reason": "到现场", "actor": DISPATCHER, "now": NOW}
        summons.call(session, ticket, [water], **terms)
        for whom in ([], [firm], [water]):
            with pytest.raises(InvalidInput):
                summons.call(session, ticket, whom, **terms)
        housing = office(session, HOUSING, ticket)
        with pytest.raises(InvalidInput):
            summons.call(session, ticket, [housing], caller=housing, **terms)
        ticket.complained_of_id = housing.id
        with pytest.raises(ConcernsThemselves):
            summons.call(session, ticket, [housing], **terms)


def test_a_unit_reports_once_and_only_for_itself() -> None:
    made = called(WATER)
    (mine,) = check_ins(made.id)
    with transaction() as session:
        with pytest.raises(NotFound):
            summons.report(session, mine.id, mine.organisation_id + 1, actor="staff:9", now=NOW)
        summons.report(session, mine.id, mine.organisation_id, actor="staff:9", now=NOW)
        with pytest.raises(TransitionRefused):
            summons.report(session, mine.id, mine.organisation_id, actor="staff:9", now=NOW)


def test_whoever_is_on_duty_at_the_unit_is_texted_the_number_only() -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
        water = office(session, WATER, ticket)
        shift = Shift(NOW - LIMIT, NOW + DAY, "赵值班", "13900139001")
        duty.add(session, water.id, shift, actor="staff:9", now=NOW)
        summons.call(session, ticket, [water], reason="幸福路积水，带泵", actor=DISPATCHER, now=NOW)
    deliver_all()
    with transaction() as session:
        (text,) = session.scalars(select(SmsMessage).where(SmsMessage.template == "called_out"))
        assert text.recipient == "+8613900139001"
        assert ticket.number in text.text and "积水" not in text.text


# --- pages -----------------------------------------------------------------------------------------------


def at_the_town(client: FlaskClient) -> WorkOrder:
    """A town's office has the ticket; its person is signed in."""
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM, now=clock.now())
        town = select(Organisation).where(
            Organisation.role_name == TOWN_GOVERNMENT, Organisation.level == "town"
        )
        town_office = session.scalars(town.order_by(Organisation.id).limit(1)).one()
        theirs = session.get_one(Area, town_office.area_id)
        publishing.offer(session, theirs, "12345", [STREET_ITEM], seen=(), actor="staff:2", now=NOW)
        order = service.dispatch(
            session, ticket, actor=DISPATCHER, now=clock.now(), organisation_id=town_office.id
        )
        assert order is not None
        sign_in_as(client, staff_of(session, town_office.id))
        return order


def test_a_town_blows_the_whistle_and_the_department_answers_from_its_in_tray(
    client: FlaskClient, app: Flask
) -> None:
    order = at_the_town(client)
    assert "吹哨报到" in client.get(f"/work/{order.id}").text
    sent = {"called": f"{WATER}\n{HOUSING}\n", "summons_reason": "幸福路积水，请带泵到场"}
    assert client.post(f"/work/{order.id}/summons", data=sent).status_code == 303
    with transaction() as session:
        (made,) = summons.of_ticket(session, order.ticket_id)
        assert made.caller is not None and made.caller.id == order.organisation_id
        water = made.called[0]
        department = app.test_client()
        sign_in_as(department, staff_of(session, water.organisation_id))
    tray = department.get("/work").text
    assert "请报到" in tray and "幸福路积水，请带泵到场" in tray
    assert department.post(f"/work/check-ins/{water.id}").status_code == 303
    assert "幸福路积水" not in department.get("/work").text
    page = client.get(f"/work/{order.id}").text
    assert "已报到" in page and "等待报到" in page
    desk = signed_in_as(app, "dispatcher").get(f"/dispatch/tickets/{order.ticket_id}").text
    assert "已报到" in desk and "等待报到" in desk


def test_the_desk_calls_out_and_what_is_wrong_is_said(app: Flask) -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM, now=clock.now())
    desk, url = signed_in_as(app, "dispatcher"), f"/dispatch/tickets/{ticket.id}/summons"
    for sent, told in (
        ({"called": "", "summons_reason": "到场"}, "请至少写一个单位"),
        ({"called": WATER, "summons_reason": ""}, "请写明到哪里、做什么"),
        ({"called": f"{WATER}\n没有的局", "summons_reason": "到场"}, "有的单位找不到"),
    ):
        answer = desk.post(url, data=sent)
        assert answer.status_code == 400 and told in answer.text
    good = {"called": WATER, "summons_reason": "到场"}
    assert desk.post(url, data=good).status_code == 303
    assert "不能再通知" in desk.post(url, data=good).text


def test_a_county_bureau_blows_no_whistle(client: FlaskClient) -> None:
    order = in_hand(now=clock.now())
    with transaction() as session:
        sign_in_as(client, staff_of(session, order.organisation_id))
    assert "吹哨报到" not in client.get(f"/work/{order.id}").text
    refused = client.post(f"/work/{order.id}/summons", data={"called": WATER, "summons_reason": "到场"})
    assert refused.status_code == 409


def test_the_proposed_card_is_issued_from_the_list_to_the_unit_it_is_about(app: Flask) -> None:
    made = called(WATER)
    jobs.miss_check_ins(clock.now())
    ((unit_id, _kind),) = cards()
    officers = signed_in_as(app, "supervisor")
    link = f"/manage/supervision/tickets/{made.ticket_id}/yellow?unit={unit_id}"
    assert "吹哨后未按时报到" in (tasks := officers.get("/manage/supervision").text) and link in tasks
    with transaction() as session:
        name = session.get_one(Organisation, unit_id).name
    assert name in officers.get(link).text
    day = (clock.to_local(clock.now(), settings().site.time_zone) + 3 * DAY).date()
    assert officers.post(link, data={"reason": "未按时报到现场", "answer_by": day}).status_code == 303
    with transaction() as session:
        assert papers.issued(session, made.ticket_id, unit_id) == {"yellow"}
