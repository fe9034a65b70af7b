"""D05: one centre, three sub-centres and linked platforms, each reached by the routing there is."""

import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from dispatch import queries, service
from dispatch.partners import jobs
from hotline import clock
from hotline.callers.service import caller_for
from hotline.db import transaction
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from tests.dispatch.people import DISPATCHER, county
from tests.partners.conftest import System
from tests.partners.test_api import Partner
from tests.partners.test_hooks import set_hook
from tests.support.relay import deliver_all


def opened(hotline: str, item: str, text: str) -> Ticket:
    with transaction() as session:
        caller = caller_for(session, "+8613800138000", clock.now())
        new = tickets.NewTicket(
            hotline=hotline,
            channel="phone",
            kind="help",
            item_code=item,
            text=text,
            area_id=county(session).id,
            caller_id=caller.id,
            contact_wish="sms",
        )
        return tickets.open_ticket(session, new, actor="staff:1", now=clock.now())


MATTERS = [
    ("12348", "L0903", "邻居漏水赔偿谈不拢，想先调解再立案", "法院诉调对接调解室"),
    ("12345", "2009", "想咨询离婚财产怎么分", "公共法律服务中心(12348)"),
    ("12345", "2008", "信访答复不服，想复查", "信访局"),
]


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize(("hotline", "item", "text", "role"), MATTERS)
def test_a_dispute_a_legal_service_and_a_petition_land_in_their_sub_centre(
    hotline: str, item: str, text: str, role: str
) -> None:
    ticket = opened(hotline, item, text)
    with transaction() as session:
        it = tickets.get(session, ticket.id)
        plan = queries.suggestion(session, it, clock.now())
        order = service.dispatch(session, it, actor=DISPATCHER, now=clock.now())
        assert order is not None and plan.organisation is not None
        assert order.organisation_id == plan.organisation.id
        assert (order.organisation.role_name, order.state) == (role, "sent")


@pytest.mark.usefixtures("house")
def test_a_linked_platform_hears_of_its_ticket_and_tells_how_it_stands(
    client: FlaskClient, system: Callable[[], System]
) -> None:
    platform = system()
    ticket = opened(*MATTERS[0][:3])
    with transaction() as session:
        court = queries.suggestion(session, tickets.get(session, ticket.id), clock.now()).organisation
    assert court is not None
    set_hook(court.id, platform.url)
    with transaction() as session:
        order = service.dispatch(session, tickets.get(session, ticket.id), actor=DISPATCHER, now=clock.now())
        assert order is not None
    deliver_all()
    jobs.send_due()
    ((_headers, body),) = platform.heard
    assert json.loads(body)["ticket"] == ticket.number
    answered = Partner(client, court.id).post(f"/{order.id}/accept", responsible_person="李法官")
    assert answered.json["state"] == "accepted"
    with transaction() as session:
        assert tickets.get(session, ticket.id).state == "claimed"
