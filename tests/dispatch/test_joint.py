"""Several organisations, one lead, one answer to the citizen (F01, F02)."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch import joint, parts, queries, service
from dispatch.models import WorkOrder
from hotline import clock
from hotline.db import transaction
from hotline.errors import InvalidInput, NotFound, TransitionRefused
from hotline.organisations.models import Organisation
from hotline.tickets import service as tickets
from hotline.tickets.holds import HeldBack
from hotline.tickets.queries import closing_clock
from tests.dispatch.people import DISPATCHER, NOW, facts, in_hand, send_back, sign_in_as, staff_of
from tests.dispatch.test_at_the_same_moment import all_at_once
from tests.support.people import staff_with

LEAD, HELPER = "staff:99", "staff:98"


def office(role_name: str = "水利局") -> Organisation:
    with transaction() as session:
        wanted = select(Organisation).where(Organisation.role_name == role_name)
        return session.scalars(wanted.order_by(Organisation.id).limit(1)).one()


def assisting(ticket_id: int, role_name: str = "水利局", *, days: int = 2, now: datetime = NOW) -> WorkOrder:
    with transaction() as session:
        return joint.add(
            session,
            tickets.get(session, ticket_id),
            organisation_id=office(role_name).id,
            kind="linkage",
            task="核查排水口",
            days=days,
            actor=DISPATCHER,
            now=now,
        )


def proposed(order_id: int, role_name: str = "水利局") -> WorkOrder:
    with transaction() as session:
        return joint.propose(
            session,
            order_id,
            organisation_id=office(role_name).id,
            kind="mediation",
            task="一起到现场",
            days=2,
            actor=LEAD,
            now=NOW,
        )


def claimed(part_id: int) -> None:
    with transaction() as session:
        joint.claim(session, part_id, responsible_person="赵工", actor=HELPER, now=NOW)


def part_answered(part_id: int, now: datetime = NOW) -> None:
    with transaction() as session:
        joint.answer(session, part_id, text="排水口已清淤", actor=HELPER, now=now)


def lead_answers(order_id: int) -> None:
    with transaction() as session:
        service.answer(session, order_id, public_reply="已联合处理。", internal_note="", actor=LEAD, now=NOW)


def moved(ticket_id: int) -> list[str]:
    return [fact["state"] for fact in facts(ticket_id, "part_moved")]


def test_the_lead_answers_only_when_every_part_has_answered_or_was_waived(seeded: str) -> None:
    lead = in_hand()
    one, other = assisting(lead.ticket_id), assisting(lead.ticket_id, "生态环境局")
    with pytest.raises(HeldBack):
        lead_answers(lead.id)
    claimed(one.id)
    part_answered(one.id)
    with pytest.raises(HeldBack):
        lead_answers(lead.id)
    with transaction() as session:
        joint.waive(session, other.id, lead_id=lead.id, reason="现场已查清", actor=LEAD, now=NOW)
    lead_answers(lead.id)
    with transaction() as session:
        ticket = tickets.get(session, lead.ticket_id)
        assert ticket.state == "answered"
        service.release(session, ticket, actor=DISPATCHER, now=NOW)
        assert ticket.public_reply == "已联合处理。"
    assert len(facts(lead.ticket_id, "answer_released")) == 1
    assert moved(lead.ticket_id) == ["sent", "sent", "accepted", "answered", "waived"]


def test_each_part_has_a_deadline_of_its_own_never_after_the_tickets_and_its_timeliness_is_kept(
    seeded: str,
) -> None:
    lead = in_hand()
    soon, late = assisting(lead.ticket_id, days=1), assisting(lead.ticket_id, "生态环境局", days=60)
    with transaction() as session:
        whole = closing_clock(tickets.get(session, lead.ticket_id))
        assert whole is not None and soon.due_at is not None
        assert soon.due_at < whole.due_at == late.due_at
    claimed(soon.id)
    claimed(late.id)
    part_answered(soon.id, soon.due_at + timedelta(seconds=1))
    part_answered(late.id)
    answered = [fact for fact in facts(lead.ticket_id, "part_moved") if fact["state"] == "answered"]
    assert [(fact["work_order_id"], fact["on_time"]) for fact in answered] == [
        (soon.id, False),
        (late.id, True),
    ]


def test_what_the_lead_asks_for_goes_out_when_the_dispatcher_has_said_yes(seeded: str) -> None:
    lead = in_hand()
    part = proposed(lead.id)
    with pytest.raises(NotFound), transaction() as session:
        queries.order_for(session, part.id, part.organisation_id)
    with pytest.raises(TransitionRefused):
        claimed(part.id)
    with transaction() as session:
        assert queries.desk_counts(session)["asked"] == 1
        joint.confirm(session, part.id, agreed=True, actor=DISPATCHER, now=NOW)
    with transaction() as session:
        assert queries.order_for(session, part.id, part.organisation_id).state == "sent"
    with pytest.raises(HeldBack):
        lead_answers(lead.id)


def test_what_the_dispatcher_refuses_keeps_nobody_waiting(seeded: str) -> None:
    lead = in_hand()
    part = proposed(lead.id)
    with transaction() as session:
        joint.confirm(session, part.id, agreed=False, actor=DISPATCHER, now=NOW)
    assert moved(lead.ticket_id) == ["proposed", "refused"]
    lead_answers(lead.id)


def test_parts_go_with_the_lead_when_the_ticket_is_taken_back_or_returned(seeded: str) -> None:
    taken, returned = in_hand(), in_hand()
    for lead in (taken, returned):
        claimed(assisting(lead.ticket_id).id)
        proposed(lead.id, "生态环境局")
    with transaction() as session:
        ticket = tickets.get(session, taken.ticket_id)
        service.withdraw(session, ticket, reason="派错了", actor=DISPATCHER, now=NOW)
        send_back(session, returned.id)
    for lead in (taken, returned):
        with transaction() as session:
            assert [part.state for part in parts.of(session, lead)] == ["withdrawn"]
        assert [fact["how"] for fact in facts(lead.ticket_id, "hold_cleared")] == ["taken_back"]


def test_a_part_is_nobody_elses_an_assistant_neither_returns_nor_answers_the_citizen(seeded: str) -> None:
    lead, stranger = in_hand(), in_hand()
    part = assisting(lead.ticket_id)
    claimed(part.id)
    with pytest.raises(TransitionRefused):
        lead_answers(part.id)
    with pytest.raises(TransitionRefused), transaction() as session:
        send_back(session, part.id)
    with pytest.raises(TransitionRefused), transaction() as session:
        service.begin(session, part.id, contact_note="我来联系", actor=HELPER, now=NOW)
    with pytest.raises(NotFound), transaction() as session:
        joint.waive(session, part.id, lead_id=stranger.id, reason="不要了", actor=LEAD, now=NOW)
    with transaction() as session:
        assert queries.contact_for(session.get_one(WorkOrder, part.id)) is None
        assert tickets.get(session, lead.ticket_id).organisation_id == lead.organisation_id


def test_neither_the_lead_nor_an_assistant_nor_a_firm_is_asked_again(seeded: str) -> None:
    lead = in_hand()
    assisting(lead.ticket_id)
    with transaction() as session:
        firm = session.scalars(select(Organisation.id).where(Organisation.kind == "firm").limit(1)).one()
    for organisation_id in (lead.organisation_id, office().id, firm):
        with pytest.raises(InvalidInput, match="assisting"), transaction() as session:
            joint.add(
                session,
                tickets.get(session, lead.ticket_id),
                organisation_id=organisation_id,
                kind="office",
                task="一起",
                days=1,
                actor=DISPATCHER,
                now=NOW,
            )


def test_a_part_answered_and_waived_at_once_ends_once(seeded: str) -> None:
    lead = in_hand()
    part = assisting(lead.ticket_id)
    claimed(part.id)

    def waive() -> None:
        with transaction() as session:
            joint.waive(session, part.id, lead_id=lead.id, reason="不需要了", actor=LEAD, now=NOW)

    got = all_at_once(lambda: part_answered(part.id), waive)
    assert Counter(got) == {"done": 1, "transition_refused": 1}
    assert len(facts(lead.ticket_id, "hold_cleared")) == 1


# --- pages -----------------------------------------------------------------------------------------------


def test_two_departments_work_on_one_ticket_through_their_pages(client: FlaskClient) -> None:
    lead = in_hand(now=clock.now())
    desk, there = f"/dispatch/tickets/{lead.ticket_id}", f"/work/{lead.id}"
    said = {"assisting": "水利局", "joint_kind": "linkage", "task": "核查排水口", "part_days": "2"}
    with transaction() as session:
        sign_in_as(client, staff_of(session, lead.organisation_id))
    unknown = client.post(f"{there}/parts", data=said | {"assisting": "没有的局"})
    assert unknown.status_code == 400 and "没有这个单位" in unknown.text
    assert client.post(f"{there}/parts", data=said | {"part_days": "0"}).status_code == 400
    assert client.post(f"{there}/parts", data=said).status_code == 303
    assert "待同意" in client.get(there).text
    with transaction() as session:
        (part,) = parts.of(session, lead)
    sign_in_as(client, staff_with("dispatcher").id)
    assert "同意协办" in client.get(desk).text
    assert client.post(f"{desk}/parts/{part.id}", data={"agreed": "yes"}).status_code == 303
    assert client.post(f"{desk}/parts", data=said | {"assisting": "生态环境局"}).status_code == 303
    helper = client.application.test_client()
    with transaction() as session:
        sign_in_as(helper, staff_of(session, part.organisation_id))
    assert "协办" in helper.get("/work").text
    page = helper.get(f"/work/{part.id}").text
    assert "核查排水口" in page and "退回热线" not in page and "138" not in page
    assert helper.post(f"/work/{part.id}/part/claim", data={"responsible_person": "赵工"}).status_code == 303
    assert helper.post(f"/work/{part.id}/part/answer", data={"part_answer": ""}).status_code == 400
    assert helper.post(f"/work/{part.id}/part/answer", data={"part_answer": "已清淤"}).status_code == 303
    with transaction() as session:
        sign_in_as(client, staff_of(session, lead.organisation_id))
        _first, second = parts.of(session, lead)
    page = client.get(there).text
    assert "已清淤" in page and "按时" in page
    early = client.post(f"{there}/answer", data={"public_reply": "已联合处理，排水口已清淤。"})
    assert early.status_code == 409 and "协办单位尚未答复：请催办" in early.text and "签批" not in early.text
    assert client.post(f"{there}/parts/{second.id}/waive", data={"waive_reason": "已查清"}).status_code == 303
    assert (
        client.post(f"{there}/answer", data={"public_reply": "已联合处理，排水口已清淤。"}).status_code == 303
    )
