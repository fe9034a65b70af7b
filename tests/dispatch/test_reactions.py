"""Dispatch reacts to facts raised elsewhere, once, however often it is told."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import handlers, queries, service
from hotline.db import transaction
from hotline.event_log import Event
from hotline.learning import decisions
from hotline.learning.models import Source
from hotline.learning.shown import Shown
from hotline.organisations import service as organisations
from hotline.staff.models import Staff
from hotline.tickets.models import Ticket, TicketClock
from tests.dispatch.people import (
    DISPATCHER,
    NOW,
    STREET_ITEM,
    facts,
    firms_of_the_trade,
    kinds,
    open_ticket,
    states,
)
from tests.support.instance import configured

LATER = NOW + timedelta(hours=3)


def tell(handler: Callable[..., None], kind: str) -> None:
    """Every fact of the kind, told twice."""
    for _ in range(2):
        with transaction() as session:
            for event in session.scalars(select(Event).where(Event.kind == kind)).all():
                handler(session, event)


def opened(sure: float = 0.9, **wish: Any) -> int:
    """`sure` is how sure the classifier was of the item the agent chose."""
    with transaction() as session:
        firms_of_the_trade(session, 5, 5)
        ticket = open_ticket(session, **wish)
        suggested(session, ticket, sure)
        return ticket.id


def suggested(session: Session, ticket: Ticket, sure: float) -> None:
    shown = Shown(((ticket.item.code, sure), ("0104", 0.05)), model_id=7)
    decisions.remember(session, ticket, Source.AGENT, shown=shown, actor="staff:1", now=NOW)


def decided(ticket_id: int) -> list[tuple[str, float, str]]:
    told = facts(ticket_id, "automatic_dispatch_decided")
    return [(fact["reason"], fact["score"], fact["model"]) for fact in told]


def ticket_clocks(ticket_id: int) -> list[TicketClock]:
    with transaction() as session:
        return list(session.scalars(select(TicketClock).where(TicketClock.ticket_id == ticket_id)))


def tell_once(session: Session, ticket_id: int) -> None:
    opened_ = select(Event).where(Event.kind == "ticket_opened", Event.ticket_id == ticket_id)
    handlers.on_ticket_opened(session, session.scalars(opened_).one())


@pytest.fixture
def auto_dispatch(seeded: str, settings_of: Callable[[str], dict[str, Any]], tmp_path: Path) -> Any:
    sections = settings_of(seeded) | {"dispatch": {"auto_confidence": 0.8, "offer_minutes": 10}}
    with configured(tmp_path / "auto.toml", sections):
        yield


@pytest.mark.usefixtures("seeded")
def test_a_new_ticket_waits_for_a_dispatcher_unless_the_site_dispatches_by_itself() -> None:
    ticket_id = opened(item=STREET_ITEM)
    tell(handlers.on_ticket_opened, "ticket_opened")
    with transaction() as session:
        assert states(session, ticket_id) == []


@pytest.mark.usefixtures("auto_dispatch")
def test_a_new_ticket_goes_out_by_itself_once() -> None:
    ticket_id = opened(item=STREET_ITEM)
    tell(handlers.on_ticket_opened, "ticket_opened")
    with transaction() as session:
        assert [state for _organisation, state in states(session, ticket_id)] == ["sent"]
    assert decided(ticket_id) == [("sent", 0.9, "7")]


@pytest.mark.usefixtures("auto_dispatch")
def test_what_the_classifier_is_not_sure_of_goes_to_the_desk_on_record() -> None:
    ticket_id = opened(item=STREET_ITEM, sure=0.79)
    with transaction() as session:
        tell_once(session, ticket_id)
        assert states(session, ticket_id) == []
    assert decided(ticket_id) == [("unsure", 0.79, "7")]


@pytest.mark.usefixtures("auto_dispatch")
def test_an_item_nobody_suggested_goes_to_the_desk() -> None:
    with transaction() as session:
        ticket_id = open_ticket(session, STREET_ITEM).id
        tell_once(session, ticket_id)
    assert decided(ticket_id) == [("unsure", 0.0, "none")]


@pytest.mark.usefixtures("auto_dispatch")
def test_what_fits_no_item_is_never_sent_before_a_person_says_what_it_is() -> None:
    """B02: it waits among the unsorted, its limit counted from acceptance; then it is like any other."""
    ticket_id = opened(item="9901", sure=1.0)
    with transaction() as session:
        tell_once(session, ticket_id)
        assert queries.desk_counts(session)["unsorted"] == 1
        assert queries.desk_counts(session)["new"] == 0
    assert decided(ticket_id) == [("unsorted", 1.0, "7")]
    with transaction() as session:
        ticket = session.get_one(Ticket, ticket_id)
        office = queries.find_organisations(session, "城市管理", NOW)[0]
        with pytest.raises(service.Unsorted):
            service.dispatch(session, ticket, actor=DISPATCHER, now=NOW, organisation_id=office.id)
        person = session.scalars(select(Staff.id).where(Staff.username == "dispatcher")).one()
        service.reclassify(session, ticket, STREET_ITEM, reason="占道经营", staff_id=person, now=LATER)
        assert service.dispatch(session, ticket, actor=DISPATCHER, now=LATER)
    assert [fact["new"] for fact in facts(ticket_id, "item_changed")] == [STREET_ITEM]
    assert [row.started_at for row in ticket_clocks(ticket_id) if row.clock == "closing"] == [NOW]


@pytest.mark.usefixtures("auto_dispatch")
def test_what_may_not_go_to_a_firm_waits_for_a_dispatcher() -> None:
    ticket_id = opened(share_contact=False)
    tell(handlers.on_ticket_opened, "ticket_opened")
    with transaction() as session:
        assert states(session, ticket_id) == []
        assert "ticket_state_changed" not in kinds(session, ticket_id)


@pytest.mark.usefixtures("seeded")
def test_a_suspended_firms_open_offers_go_to_the_next_firm() -> None:
    with transaction() as session:
        first, second = firms_of_the_trade(session, 5, 5)
        ticket = open_ticket(session)
        service.dispatch(session, ticket, actor=DISPATCHER, now=NOW)
        organisations.suspend(session, first, reason="被投诉", actor="staff:9", now=NOW)
    tell(handlers.on_organisation_suspended, "organisation_suspended")
    with transaction() as session:
        assert states(session, ticket.id) == [(first, "withdrawn"), (second, "offered")]
