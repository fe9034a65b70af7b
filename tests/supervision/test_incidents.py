"""An incident that bad handling led to is put down with its tickets and counts once (H12)."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import clock
from hotline.db import transaction
from hotline.errors import InvalidInput, TransitionRefused
from hotline.event_log import Event
from hotline.organisations.models import Organisation
from hotline.supervision import circulars, incidents
from hotline.supervision.models import Incident
from hotline.tickets.models import Ticket
from tests.dispatch.people import NOW
from tests.supervision.people import DAY, in_hand, officer
from tests.supervision.test_circulars import LATER, MARCH
from tests.support.people import signed_in_as

pytestmark = pytest.mark.usefixtures("seeded")
WHEN = NOW + 2 * DAY


def tickets_of_a_unit(count: int) -> tuple[Organisation, list[str]]:
    with transaction() as session:
        orders = [in_hand(session) for _ in range(count)]
        unit = session.get_one(Organisation, orders[0].organisation_id)
        unit.supervised = True
        return unit, [order.ticket.number for order in orders]


def put_down(unit: Organisation, numbers: list[str], **changes: Any) -> Incident:
    said = {"happened_at": WHEN, "place": "市政府门前", "what": "多次反映无果，聚集上访"} | changes
    with transaction() as session:
        return incidents.put_down(
            session, unit_code=unit.code, numbers=numbers, staff=officer(session), now=LATER, **said
        )


def on_the_scoreboard(unit: Organisation) -> int:
    with transaction() as session:
        made = circulars.draw_up(session, MARCH, note="", staff=officer(session), now=LATER)
        (line,) = (one for one in made.lines if one["code"] == unit.code)
        return int(line["incidents"])


def test_three_tickets_that_led_to_one_incident_are_one_on_the_scoreboard() -> None:
    unit, numbers = tickets_of_a_unit(3)
    assert on_the_scoreboard(unit) == 0
    made = put_down(unit, [*numbers, numbers[0].lower()])
    assert on_the_scoreboard(unit) == 1
    with pytest.raises(InvalidInput, match="on record"):
        put_down(unit, numbers)  # sent twice
    assert on_the_scoreboard(unit) == 1
    with transaction() as session:
        kept = session.get_one(Incident, made.id)
        assert [ticket.number for ticket in kept.tickets] == sorted(numbers)
        (fact,) = session.scalars(select(Event).where(Event.kind == "incident_recorded"))
        assert len(fact.data["ticket_ids"]) == 3


def test_it_counts_in_the_period_it_happened_in_and_for_this_unit_alone() -> None:
    unit, numbers = tickets_of_a_unit(1)
    put_down(unit, numbers, happened_at=MARCH.stop)  # April's first second
    assert on_the_scoreboard(unit) == 0
    put_down(unit, numbers, happened_at=MARCH.stop - timedelta(seconds=1))
    assert on_the_scoreboard(unit) == 1
    with transaction() as session:
        assert incidents.counts(session, MARCH) == {unit.id: 1}


def test_taken_back_it_counts_no_more_and_stays_with_the_reason() -> None:
    unit, numbers = tickets_of_a_unit(1)
    made = put_down(unit, numbers)
    with transaction() as session:
        incidents.take_back(session, made.id, "查明与该单位无关", staff=officer(session), now=LATER)
    assert on_the_scoreboard(unit) == 0
    with transaction() as session, pytest.raises(TransitionRefused):
        incidents.take_back(session, made.id, "再收回一次", staff=officer(session), now=LATER)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"numbers": ["GD1"]}, "numbers"),
        ({"numbers": []}, "numbers"),
        ({"happened_at": NOW - DAY}, "numbers"),  # before the ticket
        ({"happened_at": LATER + DAY}, "happened_at"),
        ({"what": "电话 13800138000"}, "what"),
        ({"place": " "}, "place"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any], field: str) -> None:
    unit, numbers = tickets_of_a_unit(1)
    with pytest.raises(InvalidInput) as refused:
        put_down(unit, wrong.pop("numbers", numbers), **wrong)
    assert refused.value.field == field


def test_a_supervisor_puts_it_down_on_the_page_and_takes_it_back(app: Flask) -> None:
    unit, numbers = tickets_of_a_unit(2)
    supervisor, url = signed_in_as(app, "supervisor"), "/manage/supervision/incidents"
    assert "没有记录过不稳定事件" in supervisor.get(url).text
    local = f"{clock.now() - timedelta(days=1):%Y-%m-%dT%H:%M}"
    said = {"unit": unit.code, "happened_at": local, "place": "市政府门前", "what": "多次反映无果，聚集上访"}
    assert supervisor.post(url, data=said).status_code == 400
    unknown = supervisor.post(url, data=said | {"numbers": "GD1"})
    assert unknown.status_code == 400 and "请核对编号" in unknown.text and "聚集上访" in unknown.text
    done = supervisor.post(url, data=said | {"numbers": " ".join(numbers)}, follow_redirects=True).text
    assert "已记录" in done and all(number in done for number in numbers)
    with transaction() as session:
        made = session.scalars(select(Incident.id)).one()
        assert session.scalars(select(Ticket.state)).all() == ["in_hand", "in_hand"]
    back = f"{url}/{made}/take-back"
    assert supervisor.post(back, data={}).status_code == 400
    gone = supervisor.post(
        back, data={f"incident-{made}-why": "查明与该单位无关"}, follow_redirects=True
    ).text
    assert "不再计入" in gone and "查明与该单位无关" in gone
    assert signed_in_as(app, "agent").get(url).status_code == 403
