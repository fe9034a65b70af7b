"""Several tickets about the same are answered once; one about several things waits for its parts."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch import alike, handlers, merging, review, service
from hotline.db import transaction
from hotline.errors import InvalidInput, TransitionRefused
from hotline.event_log import Event
from hotline.organisations.models import Area
from hotline.surveys import handlers as surveys
from hotline.surveys.models import Survey
from hotline.tickets import holds, outcomes
from hotline.tickets import service as tickets
from hotline.tickets.holds import HeldBack
from hotline.tickets.models import Ticket, TicketClock
from tests.dispatch.people import DISPATCHER, DRAIN_ITEM, NOW, STREET_ITEM, county, kinds, open_ticket
from tests.dispatch.test_reactions import tell

pytestmark = pytest.mark.usefixtures("seeded")


def registered(count: int = 1, **wish: object) -> list[int]:
    """One caller each."""
    with transaction() as session:
        return [
            open_ticket(session, STREET_ITEM, number=f"+86138001380{n:02d}", **wish).id for n in range(count)
        ]


def merge(ticket_id: int, into_id: int) -> None:
    with transaction() as session:
        merging.merge(session, tickets.get(session, ticket_id), into_id, actor=DISPATCHER, now=NOW)


def get(ticket_id: int) -> Ticket:
    with transaction() as session:
        return tickets.get(session, ticket_id)


def answered(ticket_id: int) -> None:
    with transaction() as session:
        ticket = tickets.get(session, ticket_id)
        tickets.release(session, ticket, public_reply="摊贩已入市", actor=DISPATCHER, now=NOW)
    tell(handlers.on_answer_released, "answer_released")


def split(ticket_id: int) -> int:
    with transaction() as session:
        parent = tickets.get(session, ticket_id)
        child = merging.split(
            session, parent, text="下水道也堵了", item_code="0804", actor=DISPATCHER, now=NOW
        )
        return child.id


def waits(ticket_id: int) -> list[str]:
    with transaction() as session:
        return [row.hold for row in holds.standing(session, tickets.get(session, ticket_id))]


# --- merge -----------------------------------------------------------------------------------------------


def test_each_merged_citizen_gets_the_leads_answer_and_is_asked_about_it() -> None:
    lead, one, two = registered(3)
    merge(one, lead)
    merge(two, lead)
    assert (get(one).state, get(one).merged_into_id, get(one).closed_at) == ("merged", lead, NOW)
    answered(lead)
    tell(surveys.on_answer_released, "answer_released")
    for ticket in (get(one), get(two)):
        assert (ticket.state, ticket.public_reply, ticket.closures) == ("in_follow_up", "摊贩已入市", 1)
    with transaction() as session:
        asked = session.scalars(select(Survey.ticket_id).order_by(Survey.ticket_id)).all()
        assert list(asked) == sorted([lead, one, two])
        tickets.told(session, tickets.get(session, one), 1, "by_text", actor="system:sms", now=NOW)
        assert kinds(session, one).count("ticket_closed") == 1
    assert get(one).state == "closed"


def test_a_merged_tickets_clocks_count_neither_as_met_nor_as_late() -> None:
    lead, one = registered(2)
    merge(one, lead)
    with transaction() as session:
        rows = session.scalars(select(TicketClock).where(TicketClock.ticket_id == one)).all()
        assert {(row.stopped_at, row.met) for row in rows} == {(NOW, None)}
        told = session.scalars(
            select(Event.data).where(Event.kind == "clock_stopped", Event.ticket_id == one)
        ).all()
    assert [fact["met"] for fact in told] == [None] * len(rows)


def test_there_are_no_chains() -> None:
    lead, middle, last, other = registered(4)
    merge(last, middle)
    merge(middle, lead)
    assert (get(last).merged_into_id, get(middle).merged_into_id) == (lead, lead)
    merge(other, last)
    assert get(other).merged_into_id == lead


def test_nothing_is_merged_into_itself_or_into_what_was_answered() -> None:
    lead, one = registered(2)
    with pytest.raises(InvalidInput):
        merge(lead, lead)
    merge(one, lead)
    with pytest.raises(InvalidInput):  # its own follower stands for it
        merge(lead, one)
    answered(lead)
    (late,) = registered()
    with pytest.raises(TransitionRefused):
        merge(late, lead)


def test_what_is_out_is_not_merged() -> None:
    lead, one = registered(2)
    with transaction() as session:
        service.dispatch(session, tickets.get(session, one), actor=DISPATCHER, now=NOW)
    with pytest.raises(TransitionRefused):
        merge(one, lead)
    merge(lead, one)  # the other way round is fine


def test_a_ticket_merged_by_mistake_stands_for_itself_again() -> None:
    lead, one = registered(2)
    merge(one, lead)
    with transaction() as session:
        outcomes.reconsider(session, tickets.get(session, one), reason="不是一处", actor=DISPATCHER, now=NOW)
    assert (get(one).state, get(one).merged_into_id) == ("in_review", None)
    answered(lead)
    assert get(one).state == "in_review"


def test_when_the_lead_is_turned_away_the_others_read_the_same_reason() -> None:
    lead, one = registered(2)
    merge(one, lead)
    with transaction() as session:
        review.name_legal_route(session, tickets.get(session, lead), "court", actor=DISPATCHER, now=NOW)
    tell(handlers.on_ticket_turned_away, "ticket_turned_away")
    assert (get(one).state, get(one).public_reply) == ("in_follow_up", get(lead).public_reply)


def test_when_the_leads_citizen_takes_it_back_the_others_are_on_the_desk() -> None:
    lead, one = registered(2)
    merge(one, lead)
    with transaction() as session:
        outcomes.withdraw(session, tickets.get(session, lead), reason="不用了", actor="staff:1", now=NOW)
    tell(handlers.on_ticket_withdrawn, "ticket_withdrawn")
    assert (get(one).state, get(one).merged_into_id) == ("in_review", None)


# --- proposals -------------------------------------------------------------------------------------------


def places(level: str, count: int) -> list[Area]:
    """Of one county, all in one town where the level is below it."""
    with transaction() as session:
        town = session.scalars(select(Area).where(Area.level == "town").order_by(Area.code)).first()
        assert town
        inside = Area.path.startswith(town.path.rpartition("/")[0] if level == "town" else town.path)
        found = session.scalars(select(Area).where(Area.level == level, inside).order_by(Area.code))
        return list(found.all()[:count])


def test_what_is_nearest_comes_first_and_its_distance_is_told() -> None:
    grids, (_, other_town) = places("grid", 2), places("town", 2)
    with transaction() as session:
        this = open_ticket(session, STREET_ITEM, area=grids[0])
        far = open_ticket(session, STREET_ITEM, area=other_town, number="+8613800138001")
        mine = open_ticket(session, STREET_ITEM, area=other_town)
        same = open_ticket(session, STREET_ITEM, area=grids[0], number="+8613800138002")
        near = open_ticket(session, STREET_ITEM, area=grids[1], number="+8613800138003")
        open_ticket(session, DRAIN_ITEM, area=grids[0])
        found = alike.proposals(session, this, NOW)
    assert [one.ticket.id for one in found] == [same.id, near.id, mine.id]
    assert far.id not in [one.ticket.id for one in found]
    assert (found[0].near, found[2].near, found[2].same_caller) == ("grid", "", True)
    assert found[1].near in ("village", "town")


def test_what_is_old_or_ended_is_not_proposed() -> None:
    with transaction() as session:
        this = open_ticket(session, STREET_ITEM)
        open_ticket(session, STREET_ITEM, now=NOW - timedelta(days=31))
        closed = open_ticket(session, STREET_ITEM)
        tickets.close_on_the_phone(session, closed, reply="已修好", actor=DISPATCHER, now=NOW)
        assert alike.proposals(session, this, NOW) == []


def test_where_only_the_county_is_known_the_county_is_near() -> None:
    with transaction() as session:
        here = county(session)
        this = open_ticket(session, STREET_ITEM, area=here, number=None)
        other = open_ticket(session, STREET_ITEM, area=here)
        found = alike.proposals(session, this, NOW)
        assert [(one.ticket.id, one.near, one.same_caller) for one in found] == [(other.id, "county", False)]


# --- split -----------------------------------------------------------------------------------------------


def test_a_part_has_its_own_number_item_and_clocks_and_the_same_case_and_caller() -> None:
    (parent_id,) = registered()
    with transaction() as session:
        child = tickets.get(session, split(parent_id))
        assert child.item.code == "0804"
    parent = get(parent_id)
    assert (child.parent_id, child.case_number, child.caller_id) == (
        parent_id,
        parent.case_number,
        parent.caller_id,
    )
    assert (child.text, child.state) == ("下水道也堵了", "registered")
    assert child.number != parent.number
    assert waits(parent_id) == ["child"]


def test_a_ticket_is_not_answered_before_its_parts_have_ended() -> None:
    (parent_id,) = registered()
    child_id = split(parent_id)
    with pytest.raises(HeldBack):
        answered(parent_id)
    with transaction() as session:
        tickets.close_on_the_phone(
            session, tickets.get(session, child_id), reply="已疏通", actor=DISPATCHER, now=NOW
        )
    tell(handlers.on_ticket_ended, "ticket_closed")
    assert waits(parent_id) == []
    answered(parent_id)


@pytest.mark.parametrize("end", ["withdrawn", "merged", "legal_route"])
def test_a_part_that_ends_otherwise_is_waited_for_no_longer_until_it_is_looked_at_again(end: str) -> None:
    parent_id, other = registered(2)
    child_id = split(parent_id)
    with transaction() as session:
        child = tickets.get(session, child_id)
        if end == "withdrawn":
            outcomes.withdraw(session, child, reason="不用了", actor="staff:1", now=NOW)
        elif end == "merged":
            merging.merge(session, child, other, actor=DISPATCHER, now=NOW)
        else:
            review.name_legal_route(session, child, "court", actor=DISPATCHER, now=NOW)
    tell(handlers.on_ticket_withdrawn, "ticket_withdrawn")
    tell(handlers.on_ticket_turned_away, "ticket_turned_away")
    tell(handlers.on_ticket_ended, "ticket_merged")
    assert waits(parent_id) == []
    with transaction() as session:
        outcomes.reconsider(session, tickets.get(session, child_id), reason="再看", actor=DISPATCHER, now=NOW)
    tell(handlers.on_ticket_opened_again, "ticket_reconsidered")
    assert waits(parent_id) == ["child"]


def test_what_was_answered_is_not_split() -> None:
    (parent_id,) = registered()
    answered(parent_id)
    with pytest.raises(TransitionRefused):
        split(parent_id)
