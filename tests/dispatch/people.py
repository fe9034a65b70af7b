"""Tickets and firms the dispatch tests talk about."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dispatch import returns, service
from dispatch.models import WorkOrder
from hotline.callers.service import caller_for
from hotline.db import transaction
from hotline.event_log import Event
from hotline.organisations.models import Area, Organisation, ServiceArea
from hotline.staff.models import Staff
from hotline.tickets import quotes
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.quotes import Verdict

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
DISPATCHER = "staff:6"
DRAINS = "管道疏通企业"
DRAIN_ITEM = "1802"  # to firms
STREET_ITEM = "0801"  # to a department
_codes = count(1)


def county(session: Session) -> Area:
    return session.scalars(select(Area).where(Area.level == "county").order_by(Area.code).limit(1)).one()


def open_ticket(
    session: Session,
    item: str = DRAIN_ITEM,
    *,
    number: str | None = "+8613800138000",
    share_contact: bool = True,
    confidential: bool = False,
    contact_wish: str = "sms",
    area: Area | None = None,
    now: datetime = NOW,
) -> Ticket:
    caller = caller_for(session, number, now) if number else None
    new = tickets.NewTicket(
        hotline="12345",
        channel="phone",
        kind="service" if item == DRAIN_ITEM else "complaint",
        item_code=item,
        text="厨房下水道堵了" if item == DRAIN_ITEM else "占道经营",
        area_id=(area or county(session)).id,
        caller_id=caller.id if caller else None,
        share_contact=share_contact,
        confidential=confidential,
        contact_wish=contact_wish,
    )
    return tickets.open_ticket(session, new, actor="staff:1", now=now)


def firms_of_the_trade(session: Session, *capacities: int) -> list[int]:
    """Firms of one trade in one county, one for each daily capacity; those of the seed are barred."""
    session.execute(update(Organisation).where(Organisation.role_name == DRAINS).values(suspended=True))
    area = county(session)
    ids = []
    for capacity in capacities:
        number = next(_codes)
        firm = Organisation(
            code=f"T{number}",
            name=f"畅通{number}号疏通店",
            role_name=DRAINS,
            kind="firm",
            level="county",
            area_id=area.id,
            capacity_per_day=capacity,
            rating=0.9,
        )
        session.add(firm)
        session.flush()
        session.add(ServiceArea(organisation_id=firm.id, area_id=area.id))
        ids.append(firm.id)
    session.flush()
    return ids


def staff_of(session: Session, organisation_id: int) -> int:
    """A person of the organisation; made when there is none."""
    found = session.scalar(select(Staff.id).where(Staff.organisation_id == organisation_id).limit(1))
    if found:
        return found
    person = Staff(
        username=f"org-{organisation_id}",
        name="承办人",
        password_hash="none",
        role="organisation",
        organisation_id=organisation_id,
    )
    session.add(person)
    session.flush()
    return person.id


def sign_in_as(client: FlaskClient, staff_id: int) -> None:
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie["staff_id"] = staff_id


def in_hand(item: str = STREET_ITEM, *, now: datetime = NOW, **wish: Any) -> WorkOrder:
    """A department has the ticket and has spoken to the citizen."""
    with transaction() as session:
        order = service.dispatch(
            session, open_ticket(session, item, now=now, **wish), actor=DISPATCHER, now=now
        )
        assert order is not None
        service.accept(session, order.id, responsible_person="王工", actor="staff:99", now=now)
        return service.begin(session, order.id, contact_note="约好周三上门", actor="staff:99", now=now)


def agree(session: Session, ticket_id: int, verdict: Verdict = Verdict.AGREED, now: datetime = NOW) -> None:
    """The citizen tells an agent what they say to the firm's price."""
    ticket = tickets.get(session, ticket_id, lock=True)
    quotes.answer(session, ticket, verdict, how="telephone", words="太贵", actor="staff:1", now=now)


def facts(ticket_id: int, kind: str) -> list[dict[str, Any]]:
    """What each fact of this kind says about the ticket, in their order."""
    with transaction() as session:
        wanted = select(Event.data).where(Event.ticket_id == ticket_id, Event.kind == kind)
        return list(session.scalars(wanted.order_by(Event.id)))


def send_back(
    session: Session,
    order_id: int,
    *,
    reason: str = "不归我们",
    suggested_id: int | None = None,
    actor: str = "staff:99",
    now: datetime = NOW,
) -> WorkOrder:
    """An organisation returns what is not its duty."""
    return returns.return_to_hotline(
        session,
        order_id,
        code="not_our_duty",
        reason=reason,
        legal_basis="职责清单第3项",
        suggested_id=suggested_id,
        actor=actor,
        now=now,
    )


def kinds(session: Session, ticket_id: int) -> list[str]:
    """The facts of a ticket in their order."""
    return list(session.scalars(select(Event.kind).where(Event.ticket_id == ticket_id).order_by(Event.id)))


def states(session: Session, ticket_id: int) -> list[tuple[int, str]]:
    """(organisation, state) of the ticket's work orders, in their order."""
    wanted = select(WorkOrder.organisation_id, WorkOrder.state).where(WorkOrder.ticket_id == ticket_id)
    return [(organisation, state) for organisation, state in session.execute(wanted.order_by(WorkOrder.id))]
