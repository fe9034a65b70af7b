"""Whom a complaint is about: that unit, and all below it, neither handles nor reads it (H10)."""

from datetime import datetime

from sqlalchemy.orm import Session

from hotline.errors import InvalidInput, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import UnitComplainedOf
from hotline.organisations import queries as organisations
from hotline.organisations.models import Organisation
from hotline.tickets import service
from hotline.tickets.models import Ticket
from hotline.tickets.states import ON_THE_DESK, TicketState

COMPLAINT = "complaint"


def name_unit(
    session: Session, ticket: Ticket, organisation_id: int | None, *, actor: str, now: datetime
) -> None:
    """None takes the name back. Before the ticket goes out: from a unit that has it, it is taken back first.

    Raises InvalidInput, NotFound, TransitionRefused.
    """
    if ticket.kind != COMPLAINT:
        raise InvalidInput("unit", "only a complaint is about a unit")
    if ticket.state not in ON_THE_DESK | {TicketState.WITH_AGENT}:
        raise TransitionRefused("ticket", ticket.state, "about another unit")
    if organisation_id is not None and session.get(Organisation, organisation_id) is None:
        raise NotFound(f"no organisation {organisation_id}")
    if ticket.organisation_id and organisation_id in organisations.lineage(session, ticket.organisation_id):
        service.assign(ticket, None)
    ticket.complained_of_id = organisation_id
    session.flush()
    session.expire(ticket, ["complained_of"])
    record(session, UnitComplainedOf(ticket_id=ticket.id, unit=organisation_id), actor=actor, at=now)
