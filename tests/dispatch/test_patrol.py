"""Grid staff report from patrol, also after a day without network, and nothing is there twice (A08)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from dispatch.partners import keys
from dispatch.patrol.models import PatrolReport
from hotline import clock
from hotline.db import transaction
from hotline.organisations.models import Area, Organisation
from hotline.tickets.models import Ticket
from tests.dispatch.people import firms_of_the_trade, sign_in_as, staff_of
from tests.support.people import signed_in_as

pytestmark = pytest.mark.usefixtures("seeded")
SEEN = "2026-03-03T09:30:00+08:00"
WORDS = ("小区路灯不亮", "井盖松动", "道路积水", "垃圾没有清运", "占道经营")


@pytest.fixture
def of() -> Organisation:
    """An office of a town that has grids."""
    village = aliased(Area)
    towns = select(village.parent_id).join(Area, Area.parent_id == village.id).where(Area.level == "grid")
    offices = select(Organisation).where(Organisation.area_id.in_(towns), Organisation.kind != "firm")
    with transaction() as session:
        first = offices.options(joinedload(Organisation.area)).order_by(Organisation.id).limit(1)
        return session.scalars(first).one()


def grid_of(of: Organisation) -> Area:
    with transaction() as session:
        below = select(Area).where(Area.level == "grid", Area.path.startswith(f"{of.area.path}/"))
        return session.scalars(below.order_by(Area.code).limit(1)).one()


def carrying(app: Flask, organisation_id: int) -> FlaskClient:
    """A telephone signed in for this organisation."""
    client = app.test_client()
    with transaction() as session:
        sign_in_as(client, staff_of(session, organisation_id))
    return client


def reports(count: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {"client_id": f"patrol-{n:04d}", "text": f"{WORDS[n % 5]}，第{n}处", "seen_at": SEEN} | more
        for n in range(count)
    ]


def sent(client: FlaskClient, batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answer = client.post("/work/patrol/batch", json={"reports": batch})
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.get_json()["reports"]
    return found


def tickets_made() -> int:
    with transaction() as session:
        return session.scalars(select(func.count()).select_from(Ticket)).one()


def test_a_batch_of_fifty_is_fifty_tickets_and_sent_again_none(app: Flask, of: Organisation) -> None:
    client, before = carrying(app, of.id), tickets_made()
    batch = reports(50, area=grid_of(of).code, latitude="31.204811", longitude="118.388410", accuracy=12)
    first = sent(client, batch)
    assert tickets_made() == before + 50 and all(one["new"] for one in first)
    again = sent(client, batch)
    assert tickets_made() == before + 50 and not any(one["new"] for one in again)
    assert [one["ticket"] for one in again] == [one["ticket"] for one in first]
    with transaction() as session:
        kept = session.scalars(select(PatrolReport).order_by(PatrolReport.id)).all()
        assert {(one.ticket.channel, one.ticket.area_id) for one in kept} == {("grid", grid_of(of).id)}
        assert {(str(one.latitude), str(one.longitude), one.accuracy) for one in kept} == {
            ("31.204811", "118.388410", 12)
        }


def test_the_same_report_sent_twice_at_once_is_one_ticket(app: Flask, of: Organisation) -> None:
    before, telephones = tickets_made(), [carrying(app, of.id) for _ in range(2)]
    with ThreadPoolExecutor(2) as at_once:
        answers = list(at_once.map(lambda client: sent(client, reports(3)), telephones))
    assert tickets_made() == before + 3
    assert sum(one["new"] for answer in answers for one in answer) == 3


def test_a_bad_report_is_named_and_holds_up_no_other(app: Flask, of: Organisation) -> None:
    good, no_words, elsewhere, half_a_place, no_number, nobody = reports(6)
    no_words["text"] = " "
    elsewhere["area"] = "moon"
    half_a_place["latitude"] = 31
    no_number["number"] = "12"
    batch = [good, no_words, elsewhere, half_a_place, no_number, {"text": "没有编号"}, nobody]
    blamed = [one.get("field", "") for one in sent(carrying(app, of.id), batch)]
    assert blamed == ["", "text", "area", "client_id", "number", "client_id", ""]
    for wrong in ("", {"reports": "x"}, {"reports": reports(101)}):
        assert carrying(app, of.id).post("/work/patrol/batch", json=wrong).status_code == 400


def test_a_firm_does_not_patrol_and_nobody_reports_for_another_town(app: Flask, of: Organisation) -> None:
    with transaction() as session:
        (firm,) = firms_of_the_trade(session, 1)
        outside = ~Area.path.startswith(f"{of.area.path}/")
        other = session.scalars(select(Area).where(Area.level == "grid", outside).limit(1)).one()
    assert carrying(app, firm).get("/work/patrol").status_code == 403
    assert carrying(app, firm).post("/work/patrol/batch", json={"reports": reports(1)}).status_code == 403
    (answer,) = sent(carrying(app, of.id), reports(1, area=other.code))
    assert answer["field"] == "area"


def test_a_grid_system_sends_the_same_with_its_key(app: Flask, of: Organisation) -> None:
    with transaction() as session:
        _row, key = keys.make(session, of.id, "网格系统", actor="staff:1", now=clock.now())
    client, url = app.test_client(), "/api/v1/patrol-reports"
    assert client.post(url, json={"reports": reports(2)}).status_code == 401
    signed = {"Authorization": f"Bearer {key}"}
    for new in (True, False):
        answer = client.post(url, json={"reports": reports(2)}, headers=signed).get_json()["reports"]
        assert [one["new"] for one in answer] == [new, new]
    assert client.post(url, json=[], headers=signed).status_code == 422


def test_without_javascript_it_is_a_form_and_one_follows_ones_reports(app: Flask, of: Organisation) -> None:
    client = carrying(app, of.id)
    assert "还没有上报过" in client.get("/work/patrol").text
    said = {"client_id": "form-00001", "text": "小区路灯不亮", "kind": "help", "number": "13800138000"}
    assert client.post("/work/patrol", data=said | {"text": ""}).status_code == 400
    wrong = client.post("/work/patrol", data=said | {"area": "moon"})
    assert wrong.status_code == 400 and "请核对这一栏" in wrong.text
    done = client.post("/work/patrol", data=said, follow_redirects=True).text
    assert "已上报" in done and "小区路灯不亮" in done and "13800138000" not in done
    assert client.post("/work/patrol", data=said).status_code == 303  # pressed twice
    with transaction() as session:
        assert len(session.scalars(select(PatrolReport)).all()) == 1


def test_the_desk_reads_where_it_was_seen(app: Flask, of: Organisation) -> None:
    sent(carrying(app, of.id), reports(1, latitude=31.2, longitude=118.4, accuracy=9))
    with transaction() as session:
        ticket_id = session.scalars(select(PatrolReport.ticket_id)).one()
    page = signed_in_as(app, "dispatcher").get(f"/dispatch/tickets/{ticket_id}").text
    assert "31.200000, 118.400000" in page and "±9 m" in page
