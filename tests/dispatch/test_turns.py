"""Whose turn it is at the centre (E05), and who is there otherwise (E06)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import jobs, turns
from dispatch.turns import whose
from hotline import clock
from hotline.db import transaction
from hotline.errors import InvalidInput, NotFound, TransitionRefused
from hotline.event_log import Event
from hotline.organisations import presence
from hotline.organisations.models import Area, Organisation, Presence
from hotline.organisations.nearest import TOWN_GOVERNMENT
from tests.dispatch.people import NOW, STREET_ITEM, open_ticket, sign_in_as, staff_of
from tests.support.people import signed_in_as

PETITION = "2008"
MARCH, APRIL = date(2026, 3, 15), date(2026, 4, 1)
IN_APRIL = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
WHO: dict[str, Any] = {"actor": "staff:6", "now": NOW}


@pytest.mark.parametrize(
    ("petitions", "last_turn", "expected"),
    [
        ({}, {}, []),
        ({1: 4, 2: 9, 3: 1, 4: 5}, {}, [2, 4, 1]),
        ({1: 4, 2: 0, 3: 0}, {}, [1]),  # without petitions it is nobody's turn
        ({1: 4, 2: 4, 3: 4, 4: 4}, {}, [1, 2, 3]),
        ({1: 4, 2: 4, 3: 4, 4: 4}, {1: MARCH}, [2, 3, 4]),  # who has not been yet
        ({1: 4, 2: 4, 3: 5, 4: 4}, {1: APRIL, 2: MARCH, 4: APRIL}, [3, 2, 1]),  # whose turn is longer ago
    ],
)
def test_the_three_with_the_most_and_of_two_alike_the_one_longer_away(
    petitions: dict[int, int], last_turn: dict[int, date], expected: list[int]
) -> None:
    assert whose(petitions, last_turn, 3) == expected


def towns(session: Session) -> list[Area]:
    return list(session.scalars(select(Area).where(Area.level == "town").order_by(Area.code)))


def office(session: Session, town: Area) -> Organisation:
    theirs = select(Organisation).where(Organisation.area_id == town.id)
    return session.scalars(theirs.where(Organisation.role_name == TOWN_GOVERNMENT)).one()


@pytest.fixture
def petitioned(seeded: str) -> list[int]:
    """Offices of five towns, of which three had petitions in March: 3, 2 and 1."""
    with transaction() as session:
        five = towns(session)[:5]
        for town, count in zip(five, (1, 3, 2), strict=False):
            village = session.scalars(select(Area).where(Area.parent_id == town.id).limit(1)).one()
            for number in range(count):
                open_ticket(session, PETITION, area=village if number else town, now=NOW)
        # what is no petition, and what came in another month (by the city's clock), counts nothing
        for _ in range(5):
            open_ticket(session, STREET_ITEM, area=five[3], now=NOW)
            open_ticket(session, PETITION, area=five[4], now=datetime(2026, 2, 28, 15, 59, tzinfo=UTC))
            open_ticket(session, PETITION, area=five[4], now=datetime(2026, 3, 31, 16, 0, tzinfo=UTC))
        return [office(session, town).id for town in five]


def test_the_towns_with_most_petitions_last_month_come_this_month_once(petitioned: list[int]) -> None:
    first, second, third = petitioned[:3]
    assert jobs.take_turns(IN_APRIL) == jobs.take_turns(IN_APRIL) == 3
    with transaction() as session:
        there = turns.rotate(session, date(2026, 4, 20), IN_APRIL)
        assert [(it.organisation_id, it.petitions) for it in there] == [(second, 3), (third, 2), (first, 1)]
        assert {(it.first_day, it.last_day) for it in there} == {(APRIL, date(2026, 4, 30))}
        told = session.scalars(
            select(Event.data).where(Event.kind == "presence_made").order_by(Event.id)
        ).all()
        assert [fact["organisation_id"] for fact in told] == [second, third, first]


def test_a_town_whose_turn_it_is_reads_so_in_its_in_tray(client: FlaskClient, petitioned: list[int]) -> None:
    now = clock.now()
    today = clock.to_local(now, "Asia/Shanghai").date()
    with transaction() as session:
        town = towns(session)[0]
        open_ticket(session, PETITION, area=town, now=IN_APRIL)
        last = Presence(
            organisation_id=petitioned[0], kind="rotating", first_day=today, last_day=today, petitions=1
        )
        presence.add(session, last, **WHO)
        sign_in_as(client, staff_of(session, petitioned[0]))
    assert "请派人驻中心" in client.get("/work").text


def made(session: Session, kind: str, **fields: Any) -> Presence:
    given = {"organisation_id": office(session, towns(session)[0]).id, "first_day": MARCH, "kind": kind}
    return presence.add(session, Presence(**(given | fields)), **WHO)


def test_four_ways_to_be_at_the_centre(seeded: str) -> None:
    with transaction() as session:
        made(session, "permanent", at_window="3", hours="08:30-12:00 14:00-17:30")
        made(session, "on_call")
        made(session, "engaged", last_day=APRIL)
        made(session, "rotating", petitions=2, last_day=date(2026, 3, 31))
        kinds = [one.kind for one in session.scalars(presence.in_force(MARCH))]
        assert kinds == ["engaged", "on_call", "permanent", "rotating"]
        assert presence.on_call(session, MARCH) == [office(session, towns(session)[0]).name]
        assert [one.kind for one in session.scalars(presence.in_force(date(2026, 4, 2)))] == [
            "on_call",
            "permanent",
        ]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("permanent", {"at_window": "3"}),
        ("permanent", {"hours": "08:00-12:00"}),
        ("engaged", {"hours": "morning"}),
        ("engaged", {"last_day": date(2026, 3, 1)}),
        ("on_call", {"first_day": date(2026, 5, 1)}),  # it is on call already
        ("on_call", {"organisation_id": 0}),
    ],
)
def test_a_presence_that_makes_no_sense_is_refused(seeded: str, kind: str, fields: dict[str, Any]) -> None:
    with transaction() as session:
        made(session, "on_call")
        with pytest.raises(InvalidInput):
            made(session, kind, **fields)


def test_a_presence_ends_and_a_turn_does_not(seeded: str) -> None:
    terms: dict[str, Any] = {"today": MARCH, **WHO}
    with transaction() as session:
        here = made(session, "on_call")
        turn = made(session, "rotating", petitions=1, last_day=date(2026, 3, 31))
        assert presence.end(session, here.id, **terms).last_day == MARCH
        for presence_id, refused in (
            (here.id, TransitionRefused),
            (turn.id, TransitionRefused),
            (0, NotFound),
        ):
            with pytest.raises(refused):
                presence.end(session, presence_id, **terms)


def test_a_supervisor_keeps_the_list_and_others_read_it(app: Flask, seeded: str) -> None:
    with transaction() as session:
        name = office(session, towns(session)[0]).name
    keeper, reader = signed_in_as(app, "supervisor"), signed_in_as(app, "manager")
    assert "还没有单位驻中心" in reader.get("/dispatch/presence").text
    today = clock.to_local(clock.now(), "Asia/Shanghai").date()
    entry = {
        "office": name,
        "presence_kind": "permanent",
        "first_day": today,
        "at_window": "3 号窗",
        "hours": "08:30-12:00",
    }
    assert reader.post("/dispatch/presence", data=entry).status_code == 403
    for wrong, told in (
        ({"office": "没有的单位"}, "没有这个单位"),
        ({"hours": ""}, "常驻单位要填窗口和办公时间"),
        ({"hours": "上午"}, "请写成 08:30-12:00"),
        ({"last_day": date(2026, 1, 1)}, "结束日期不能早于开始日期"),
    ):
        answer = keeper.post("/dispatch/presence", data=entry | wrong)
        assert answer.status_code == 400 and told in answer.text
    assert keeper.post("/dispatch/presence", data=entry).status_code == 303
    assert "已经这样登记过" in keeper.post("/dispatch/presence", data=entry).text
    page = reader.get("/dispatch/presence").text
    assert name in page and "3 号窗" in page and "常驻" in page
    with transaction() as session:
        presence_id = session.scalars(select(Presence.id)).one()
    assert keeper.post(f"/dispatch/presence/{presence_id}/end").status_code == 303
    assert "已经结束" in keeper.post(f"/dispatch/presence/{presence_id}/end", follow_redirects=True).text
