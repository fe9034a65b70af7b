"""Who sees the citizen's number: whoever works for them, after saying why."""

import pytest
from sqlalchemy import select

from dispatch import queries, service
from dispatch.models import WorkOrder
from hotline.db import transaction
from hotline.errors import NotAllowed
from hotline.event_log import Event
from tests.dispatch.people import (
    DISPATCHER,
    NOW,
    STREET_ITEM,
    open_ticket,
)
from tests.dispatch.test_work_orders import accept, begin, offered_to_a_firm


def test_a_firm_sees_the_number_only_after_accepting_and_each_look_is_recorded(seeded: str) -> None:
    ticket_id, offer_id, _firms = offered_to_a_firm()
    with transaction() as session:
        order = session.get_one(WorkOrder, offer_id)
        assert queries.contact_for(order) is None
        with pytest.raises(NotAllowed):
            service.reveal_contact(session, order, staff_id=99, purpose="联系上门", now=NOW)
    accept(offer_id)
    with transaction() as session:
        order = session.get_one(WorkOrder, offer_id)
        number = service.reveal_contact(session, order, staff_id=99, purpose="联系上门", now=NOW)
        assert number == "+8613800138000"
        seen = session.scalars(select(Event).where(Event.kind == "contact_revealed")).one()
        assert (seen.ticket_id, seen.actor, seen.data["purpose"]) == (ticket_id, "staff:99", "联系上门")
        order.ticket.confidential = True
        assert queries.contact_for(order) is None


def test_a_firm_that_has_answered_no_longer_sees_the_number(seeded: str) -> None:
    _ticket_id, offer_id, _firms = offered_to_a_firm()
    begin(offer_id)
    with transaction() as session:
        order = service.answer(
            session, offer_id, public_reply="已疏通", internal_note="", actor="staff:99", now=NOW
        )
        assert queries.contact_for(order) is None


@pytest.mark.parametrize(
    ("confidential", "wish", "seen"), [(False, "sms", True), (True, "sms", False), (False, "none", False)]
)
def test_a_department_sees_the_number_unless_the_citizen_objects(
    seeded: str, confidential: bool, wish: str, seen: bool
) -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM, confidential=confidential, contact_wish=wish)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=NOW)
        assert order is not None
        assert (queries.contact_for(order) is not None) is seen


# --- the database itself refuses -------------------------------------------------------------------------
