"""D04: down to an office below and up again; whoever handed it down stays responsible."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from dispatch import hand_down, parts, queries, service
from dispatch.models import WorkOrder
from dispatch.parts import WaitsForThoseBelow
from hotline import clock
from hotline.db import transaction
from hotline.errors import InvalidInput, NotFound, TransitionRefused
from hotline.organisations import service as organisations
from hotline.organisations.models import Area, Organisation
from hotline.organisations.nearest import TOWN_GOVERNMENT
from hotline.tickets import service as tickets
from hotline.tickets.holds import HeldBack
from hotline.tickets.queries import closing_clock
from tests.dispatch.people import DISPATCHER, NOW, STREET_ITEM, county, facts, in_hand, sign_in_as, staff_of
from tests.dispatch.test_joint import claimed, lead_answers, part_answered

BUREAU, TOWN = "staff:99", "staff:98"


@pytest.fixture
def towns(seeded: str) -> list[Organisation]:
    """The governments of a county's towns; the matter stands on their lists of duties."""
    with transaction() as session:
        here = select(Area).where(Area.parent_id == county(session).id).order_by(Area.code)
        for town in session.scalars(here):
            organisations.offer(session, town, "12345", [STREET_ITEM], seen=(), actor="staff:2", now=NOW)
        offices = select(Organisation).join(Organisation.area).where(Area.parent_id == county(session).id)
        governments = offices.where(Organisation.role_name == TOWN_GOVERNMENT).order_by(Area.code)
        return list(session.scalars(governments.options(joinedload(Organisation.area))))


def handed(order_id: int, office: Organisation, days: int = 3) -> WorkOrder:
    with transaction() as session:
        return hand_down.hand_down(
            session,
            order_id,
            organisation_id=office.id,
            task="到现场看一看",
            days=days,
            actor=BUREAU,
            now=NOW,
        )


def back(part_id: int) -> None:
    with transaction() as session:
        reason = "不在我镇范围"
        hand_down.hand_back(session, part_id, code="not_our_area", reason=reason, actor=TOWN, now=NOW)


def state(ticket_id: int) -> str:
    with transaction() as session:
        return tickets.get(session, ticket_id).state


def test_the_bureau_stays_responsible_and_answers_when_the_town_has(towns: list[Organisation]) -> None:
    bureau = in_hand()
    part = handed(bureau.id, towns[0])
    with transaction() as session:
        ticket = tickets.get(session, bureau.ticket_id)
        whole = closing_clock(ticket)
        assert (ticket.state, ticket.organisation_id) == ("in_hand", bureau.organisation_id)
        assert part.due_at and whole and part.due_at < whole.due_at
        assert queries.contact_for(session.get_one(WorkOrder, part.id)) is None
    with pytest.raises(HeldBack):
        lead_answers(bureau.id)
    claimed(part.id)
    part_answered(part.id)
    lead_answers(bureau.id)
    assert facts(bureau.ticket_id, "work_handed_down") == [
        {
            "work_order_id": part.id,
            "organisation_id": towns[0].id,
            "from_organisation_id": bureau.organisation_id,
            "hops": 2,
        }
    ]


def test_a_town_hands_on_to_its_village_with_a_clock_inside_its_own(towns: list[Organisation]) -> None:
    bureau = in_hand()
    part = handed(bureau.id, towns[0], days=2)
    claimed(part.id)
    with transaction() as session:
        villages = hand_down.may_be_asked(session, session.get_one(WorkOrder, part.id))
        assert {village.level for village in villages} == {"village"}
        assert all(village.area.parent_id == towns[0].area_id for village in villages)
    below = handed(part.id, villages[0], days=9)
    assert below.due_at == part.due_at
    with pytest.raises(WaitsForThoseBelow):
        part_answered(part.id)
    claimed(below.id)
    part_answered(below.id)
    part_answered(part.id)
    lead_answers(bureau.id)


def test_what_is_taken_back_from_the_town_is_taken_back_from_its_village(towns: list[Organisation]) -> None:
    bureau = in_hand()
    part = handed(bureau.id, towns[0])
    claimed(part.id)
    with transaction() as session:
        village = hand_down.may_be_asked(session, session.get_one(WorkOrder, part.id))[0]
    below = handed(part.id, village)
    with pytest.raises(NotFound), transaction() as session:
        hand_down.take_back(session, below.id, order_id=bureau.id, reason="不用了", actor=BUREAU, now=NOW)
    with transaction() as session:
        hand_down.take_back(session, part.id, order_id=bureau.id, reason="自己去", actor=BUREAU, now=NOW)
    with transaction() as session:
        assert [one.state for one in parts.of(session, bureau)] == ["withdrawn", "withdrawn"]
    lead_answers(bureau.id)


def test_a_ticket_handed_down_counts_as_open_until_the_citizen_has_the_answer(
    towns: list[Organisation],
) -> None:
    bureau = in_hand()
    part = handed(bureau.id, towns[0])
    assert state(bureau.ticket_id) == "in_hand"
    claimed(part.id)
    part_answered(part.id)
    assert state(bureau.ticket_id) == "in_hand"
    assert facts(bureau.ticket_id, "ticket_closed") == []


def test_passed_up_and_down_too_often_the_centre_decides(towns: list[Organisation]) -> None:
    """Three towns that send it back: more hands than `dispatch.hop_limit` (3) allows."""
    bureau = in_hand()
    for town in towns[:2]:
        back(handed(bureau.id, town).id)
        assert state(bureau.ticket_id) == "in_hand"
    back(handed(bureau.id, towns[2]).id)
    assert state(bureau.ticket_id) == "adjudication"
    assert [fact["because"] for fact in facts(bureau.ticket_id, "dispute_opened")] == ["passed_on"]
    assert [fact["code"] for fact in facts(bureau.ticket_id, "work_handed_back")] == ["not_our_area"] * 3
    with transaction() as session:
        ended = session.get_one(WorkOrder, bureau.id)
        assert (ended.state, ended.ticket.organisation_id) == ("withdrawn", bureau.organisation_id)


def test_only_an_office_right_below_is_asked_once_and_for_what_is_on_its_list(
    towns: list[Organisation],
) -> None:
    bureau = in_hand()
    with transaction() as session:
        elsewhere = select(Area.id).where(Area.level == "town", Area.parent_id != county(session).id)
        wanted = select(Organisation).where(Organisation.area_id.in_(elsewhere))
        stranger = session.scalars(wanted.where(Organisation.role_name == TOWN_GOVERNMENT)).first()
        assert stranger
        organisations.offer(session, towns[1].area, "12345", [], seen=[STREET_ITEM], actor="staff:2", now=NOW)
    for office in (stranger, towns[1]):
        with pytest.raises(InvalidInput, match="below"):
            handed(bureau.id, office)
    part = handed(bureau.id, towns[0])
    with pytest.raises(InvalidInput, match="below"):
        handed(bureau.id, towns[0])
    with pytest.raises(TransitionRefused):  # not before the town has said who does it
        handed(part.id, towns[2])


def test_neither_town_nor_village_of_the_unit_complained_of_is_asked(towns: list[Organisation]) -> None:
    bureau = in_hand()
    with transaction() as session:
        tickets.get(session, bureau.ticket_id).complained_of_id = towns[0].id
    with pytest.raises(InvalidInput):
        handed(bureau.id, towns[0])


# --- pages -----------------------------------------------------------------------------------------------


def test_bureau_and_town_pass_it_down_and_up_on_their_pages_and_the_other_town_sees_nothing(
    client: FlaskClient, towns: list[Organisation]
) -> None:
    bureau = in_hand(now=clock.now() - timedelta(minutes=1))
    there = f"/work/{bureau.id}"
    said = {"below": str(towns[0].id), "hand_down_task": "到现场看一看", "hand_down_days": "2"}
    with transaction() as session:
        sign_in_as(client, staff_of(session, bureau.organisation_id))
    assert towns[0].name in client.get(there).text
    wrong = client.post(f"{there}/hand-down", data=said | {"below": "1"})
    assert wrong.status_code == 400 and "只能下派给直接下级" in wrong.text
    assert client.post(f"{there}/hand-down", data=said).status_code == 303
    early = client.post(f"{there}/answer", data={"public_reply": "已处理完毕，请放心。"})
    assert early.status_code == 409
    with transaction() as session:
        (part,) = parts.of(session, bureau)
        sign_in_as(client, staff_of(session, towns[1].id))
    assert client.get(f"/work/{part.id}").status_code == 404
    assert client.get(there).status_code == 404
    with transaction() as session:
        sign_in_as(client, staff_of(session, towns[0].id))
    page = client.get(f"/work/{part.id}").text
    assert "到现场看一看" in page and "上级下派" in page
    assert "138●" not in page and "13800138000" not in page
    nothing = client.post(f"/work/{part.id}/hand-back", data={"hand_back_code": "not_our_area"})
    assert nothing.status_code == 400
    reason = {"hand_back_code": "not_our_area", "hand_back_reason": "在邻镇"}
    assert client.post(f"/work/{part.id}/hand-back", data=reason).status_code == 303
    with transaction() as session:
        sign_in_as(client, staff_of(session, bureau.organisation_id))
    page = client.get(there).text
    assert "在邻镇" in page and "已退回" in page
    answered = client.post(f"{there}/answer", data={"public_reply": "已处理完毕，请放心。"})
    assert answered.status_code == 303
    with transaction() as session:
        assert service.release(
            session, tickets.get(session, bureau.ticket_id), actor=DISPATCHER, now=clock.now()
        )
