"""Confidential tickets are opened for a purpose, and every reading is on record (Z35, S02)."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.event_log import Event, record
from hotline.events import TicketRead
from hotline.tickets.models import Ticket

LASTS = timedelta(hours=8)  # a working day is one reading


class Purpose(StrEnum):
    HANDLING = "handling"
    REVIEW = "review"
    FOLLOW_UP = "follow_up"
    SUPERVISION = "supervision"
    CALLER_ASKS = "caller_asks"


def may_read(session: Session, ticket: Ticket, staff_id: int, now: datetime) -> bool:
    """Not confidential, registered by this person within a working day, or a purpose was given in one."""
    if not ticket.confidential:
        return True
    since = now - LASTS
    registered = ticket.staff_id == staff_id and ticket.accepted_at > since
    return registered or bool(purpose_given(session, ticket, staff_id, now))


def read(session: Session, ticket: Ticket, staff_id: int, purpose: Purpose, now: datetime) -> None:
    """On record once a working day; nothing for a ticket that is not confidential."""
    if not may_read(session, ticket, staff_id, now):
        fact = TicketRead(ticket_id=ticket.id, staff_id=staff_id, purpose=purpose)
        record(session, fact, actor=f"staff:{staff_id}", at=now)


def purpose_given(session: Session, ticket: Ticket, staff_id: int, now: datetime) -> str:
    """By this person within a working day; empty: none."""
    readings = select(Event.data["purpose"].astext).where(
        Event.ticket_id == ticket.id,
        Event.kind == TicketRead.kind,
        Event.at > now - LASTS,
        Event.actor == f"staff:{staff_id}",
    )
    return session.scalar(readings.order_by(Event.id.desc()).limit(1)) or ""
