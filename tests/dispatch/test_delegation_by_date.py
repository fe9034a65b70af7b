"""An office's matters go to another from one day to another: routing follows, and the history stays."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import queries
from dispatch.routing import Principle
from hotline import clock
from hotline.db import transaction
from hotline.errors import InvalidInput, TransitionRefused
from hotline.organisations import delegations
from hotline.organisations.models import Delegation, Organisation
from hotline.tickets.models import Ticket
from tests.dispatch.people import NOW, STREET_ITEM, county, open_ticket, sign_in_as, staff_of
from tests.support.people import signed_in_as

FIRST, LAST = date(2026, 3, 5), date(2026, 3, 9)


def office(session: Session, role_name: str) -> Organisation:
    wanted = select(Organisation).where(
        Organisation.role_name == role_name, Organisation.area_id == county(session).id
    )
    return session.scalars(wanted).one()


def delegated(first: date = FIRST, last: date = LAST, to: str = "交通运输局") -> int:
    with transaction() as session:
        return delegations.make(
            session,
            office(session, "城市管理局").id,
            office(session, to).id,
            first_day=first,
            last_day=last,
            basis="府办〔2026〕3号",
            actor="staff:7",
            now=NOW,
        ).id


def route_on(day: date, complained_of: str = "") -> tuple[str, Principle]:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
        if complained_of:
            ticket.complained_of_id = office(session, complained_of).id
        plan = queries.suggestion(session, ticket, NOW + (day - NOW.date()))
        assert plan.organisation is not None
        return plan.organisation.role_name, plan.route.principle


def test_routing_follows_from_the_first_day_to_the_last(seeded: str) -> None:
    delegated()
    own, theirs = ("城市管理局", Principle.TERRITORIAL), ("交通运输局", Principle.DELEGATED)
    one = timedelta(days=1)
    assert [route_on(day) for day in (FIRST - one, FIRST, LAST, LAST + one)] == [own, theirs, theirs, own]


def test_a_delegate_complained_of_does_not_get_the_complaint(seeded: str) -> None:
    delegated()
    assert route_on(FIRST, "交通运输局")[0] == "城市管理局"


def test_what_was_delegated_is_not_delegated_on(seeded: str) -> None:
    delegated()
    with transaction() as session:
        first, other = office(session, "交通运输局").id, office(session, "水利局").id
        delegations.make(
            session, first, other, first_day=FIRST, last_day=LAST, basis="文件", actor="staff:7", now=NOW
        )
    assert route_on(FIRST)[0] == "交通运输局"


def test_called_off_the_office_has_its_matters_back_and_the_days_are_free_again(seeded: str) -> None:
    made = delegated()
    with transaction() as session:
        delegations.call_off(session, made, today=FIRST + timedelta(days=2), actor="staff:7", now=NOW)
    assert route_on(FIRST + timedelta(days=1))[0] == "交通运输局"
    assert route_on(FIRST + timedelta(days=2))[0] == "城市管理局"
    with pytest.raises(TransitionRefused), transaction() as session:
        delegations.call_off(session, made, today=FIRST, actor="staff:7", now=NOW)
    delegated(first=FIRST + timedelta(days=2), to="水利局")
    with transaction() as session:
        assert len(session.scalars(delegations.history()).all()) == 2


@pytest.mark.parametrize(
    ("first", "last", "to", "field"),
    [
        (LAST, FIRST, "交通运输局", "last_day"),
        (FIRST, LAST, "城市管理局", "delegate"),
        (LAST, LAST, "水利局", "first_day"),
    ],
)
def test_days_that_run_backwards_or_are_taken_and_the_office_itself_are_refused(
    seeded: str, first: date, last: date, to: str, field: str
) -> None:
    delegated()
    with pytest.raises(InvalidInput) as refused:
        delegated(first, last, to)
    assert refused.value.field == field


def test_the_supervisor_enters_it_the_dispatcher_reads_it_and_both_offices_see_it(app: Flask) -> None:
    with transaction() as session:
        names = {role: office(session, role).name for role in ("城市管理局", "交通运输局")}
        people = [staff_of(session, office(session, role).id) for role in ("交通运输局", "水利局")]
    today = clock.to_local(clock.now(), "Asia/Shanghai").date()
    said = {
        "office": names["城市管理局"],
        "delegate": names["交通运输局"],
        "first_day": today.isoformat(),
        "last_day": today.isoformat(),
        "basis": "府办〔2026〕3号",
    }
    supervisor, dispatcher = signed_in_as(app, "supervisor"), signed_in_as(app, "dispatcher")
    page = "/dispatch/delegations"
    assert "没有委托" in supervisor.get(page).text
    unknown = supervisor.post(page, data=said | {"office": "城市管理"})
    assert unknown.status_code == 400 and "名称相近的有" in unknown.text
    assert dispatcher.post(page, data=said).status_code == 403
    assert supervisor.post(page, data=said).status_code == 303
    again = supervisor.post(page, data=said)
    assert again.status_code == 400 and "其中有的日子已经委托出去" in again.text
    assert "终止委托" not in dispatcher.get(page).text
    assert "生效中" in dispatcher.get(page).text
    client = app.test_client()
    for person, seen in zip(people, (True, False), strict=True):
        sign_in_as(client, person)
        assert ("府办〔2026〕3号" in client.get("/work/office").text) == seen
    with transaction() as session:
        made = session.scalars(select(Delegation.id)).one()
        ticket_id = open_ticket(session, STREET_ITEM, now=clock.now()).id
    assert "受委托办理" in dispatcher.get(f"/dispatch/tickets/{ticket_id}").text
    assert supervisor.post(f"{page}/{made}/call-off").status_code == 303
    assert "已提前终止" in supervisor.get(page).text
    with transaction() as session:
        assert session.get_one(Ticket, ticket_id).organisation_id is None
