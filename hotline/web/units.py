"""Naming the unit a complaint is about: what the card shows, and what it sends back."""

from typing import Any

from flask import request
from sqlalchemy.orm import Session

from hotline import clock
from hotline.organisations import queries as organisations
from hotline.tickets import complaints
from hotline.tickets.models import Ticket
from hotline.tickets.states import ON_THE_DESK, TicketState
from hotline.web.access import current_staff


def unit_of(session: Session, ticket: Ticket) -> dict[str, Any] | None:
    """None where no unit can be named; ?unit=… looks one up."""
    if ticket.kind != complaints.COMPLAINT or ticket.state not in ON_THE_DESK | {TicketState.WITH_AGENT}:
        return None
    searched = request.args.get("unit", "").replace("\0", "")[:100].strip()
    return {"searched": searched, "found": organisations.named(session, searched)}


def name_unit(session: Session, ticket: Ticket) -> None:
    """As the card said. Raises InvalidInput, NotFound, TransitionRefused."""
    unit_id = request.form.get("unit_id", type=int)
    actor = f"staff:{current_staff().id}"
    complaints.name_unit(session, ticket, unit_id, actor=actor, now=clock.now())
