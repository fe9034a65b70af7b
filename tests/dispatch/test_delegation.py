"""B04, Z11: authority for a matter moves to another office or level; only tickets filed later follow."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import queries, service, territory
from hotline.catalogue import drafts
from hotline.catalogue import queries as catalogue
from hotline.catalogue import service as versions
from hotline.catalogue.content import content_of, digest
from hotline.catalogue.models import Item
from hotline.db import transaction
from hotline.organisations import queries as organisation_queries
from hotline.organisations import service as organisations
from hotline.organisations.models import Area, Organisation
from hotline.organisations.nearest import TOWN_GOVERNMENT
from hotline.tickets.models import Ticket
from tests.dispatch.people import DISPATCHER, NOW, STREET_ITEM, open_ticket

ADMINISTRATOR = "staff:2"


def now_says(code: str, **said: object) -> None:
    """The catalogue is changed and published."""
    with transaction() as session:
        draft = drafts.open_draft(session, "12345", actor=ADMINISTRATOR, now=NOW)
        edition = drafts.item_of(session, draft, code).edition
        drafts.edit_item(session, draft, code, said, edition=edition, actor=ADMINISTRATOR, now=NOW)
        seen = digest(content_of(session, draft))
        versions.publish(session, draft, seen=seen, note="权责清单调整", actor=ADMINISTRATOR, now=NOW)


def town(session: Session, number: int = 0) -> Area:
    return session.scalars(select(Area).where(Area.level == "town").order_by(Area.code)).all()[number]


def filed(area: Area | None = None, item: str = STREET_ITEM) -> int:
    with transaction() as session:
        return open_ticket(session, item, area=area or town(session)).id


def sent_to(ticket_id: int) -> Organisation:
    """Who gets it, now that a dispatcher sends it."""
    with transaction() as session:
        ticket = session.get(Ticket, ticket_id)
        assert ticket is not None
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=NOW)
        assert order is not None
        return order.organisation


def offers(area: Area, *codes: str) -> None:
    with transaction() as session:
        organisations.offer(session, area, "12345", codes, seen=(), actor=ADMINISTRATOR, now=NOW)


def test_a_matter_that_moves_to_another_department_takes_only_later_tickets_along(seeded: str) -> None:
    earlier = filed()
    now_says(STREET_ITEM, department="交通运输局")
    later = filed()
    assert sent_to(earlier).role_name == "城市管理局"
    assert sent_to(later).role_name == "交通运输局"


def test_rolling_back_sends_the_tickets_after_it_to_the_first_department_again(seeded: str) -> None:
    with transaction() as session:
        first = catalogue.live_version(session, "12345")
        assert first
    now_says(STREET_ITEM, department="交通运输局")
    between = filed()
    with transaction() as session:
        version = catalogue.version(session, "12345", first.id)
        versions.roll_back(session, version, note="改错了", actor=ADMINISTRATOR, now=NOW)
    after = filed()
    assert sent_to(between).role_name == "交通运输局"
    assert sent_to(after).role_name == "城市管理局"


@pytest.mark.parametrize(
    ("level", "expected"), [(None, "county"), ("city", "city"), ("county", "county"), ("town", "county")]
)
def test_a_matter_goes_no_lower_than_its_authority(seeded: str, level: str | None, expected: str) -> None:
    earlier = filed()
    if level:
        now_says(STREET_ITEM, level=level)
    later = filed()
    assert sent_to(later).level == expected
    assert sent_to(earlier).level == "county"


def test_a_matter_delegated_to_towns_goes_to_those_that_have_it_on_their_list(seeded: str) -> None:
    with transaction() as session:
        with_list, without = town(session, 0), town(session, 1)
    offers(with_list, STREET_ITEM)
    offers(without, "0101")
    now_says(STREET_ITEM, level="town")
    done_by_town = sent_to(filed(with_list))
    assert (done_by_town.role_name, done_by_town.area_id) == ("街道办事处(乡镇政府)", with_list.id)
    left_with_county = sent_to(filed(without))
    assert (left_with_county.role_name, left_with_county.level) == ("城市管理局", "county")


def chosen_town(session: Session, here: Area) -> Organisation:
    return organisation_queries.handler_for(session, TOWN_GOVERNMENT, here.id).organisation


def test_a_dispatcher_cannot_push_work_down_to_a_town_whose_duty_it_is_not(seeded: str) -> None:
    ticket_id = filed()
    with pytest.raises(service.NotATownsDuty, match="on its list"), transaction() as session:
        office = chosen_town(session, town(session))
        ticket = session.get_one(Ticket, ticket_id)
        service.dispatch(session, ticket, actor=DISPATCHER, now=NOW, organisation_id=office.id)
    with transaction() as session:
        here = town(session)
    offers(here, STREET_ITEM)
    with transaction() as session:
        office = chosen_town(session, here)
        ticket = session.get_one(Ticket, ticket_id)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=NOW, organisation_id=office.id)
        assert order is not None and order.organisation_id == office.id


def test_what_the_catalogue_names_towns_for_needs_no_list(seeded: str) -> None:
    assert sent_to(filed(item="0612")).level == "town"
    with transaction() as session:
        ticket = session.get_one(Ticket, filed(item="0612"))
        office = chosen_town(session, town(session, 1))
        assert service.dispatch(session, ticket, actor=DISPATCHER, now=NOW, organisation_id=office.id)


def test_who_has_an_office_in_the_town_needs_no_list(seeded: str) -> None:
    with transaction() as session:
        law = session.scalars(select(Item).where(Item.department == "司法所").limit(1)).one()
        here = town(session)
        law.level = "town"
        plan = queries.suggestion(session, Ticket(item=law, area=here, area_id=here.id), NOW)
        assert plan.organisation is not None
        assert (plan.organisation.role_name, plan.organisation.area_id) == ("司法所", here.id)
        session.expunge_all()


def test_a_matter_of_the_citys_own_needs_no_place(seeded: str) -> None:
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
        ticket.area_id = ticket.area = None
        assert territory.undecided(session, ticket)
    now_says(STREET_ITEM, level="city")
    with transaction() as session:
        ticket = open_ticket(session, STREET_ITEM)
        ticket.area_id = ticket.area = None
        assert not territory.undecided(session, ticket)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=NOW)
        assert order is not None and order.organisation.level == "city"


def test_a_matter_of_which_nobody_knows_the_place_stays_in_the_city(seeded: str) -> None:
    now_says(STREET_ITEM, level="town")
    with transaction() as session:
        item = catalogue.item(session, "12345", STREET_ITEM)
        plan = queries.suggestion(session, Ticket(item=item), NOW)
        assert plan.organisation is not None and plan.organisation.level == "city"
        session.expunge_all()
