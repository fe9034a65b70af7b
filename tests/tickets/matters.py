"""Matters for tests: one street lamp, opened at one moment."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.callers.service import caller_for
from hotline.event_log import Event
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket

NOW = datetime(2026, 3, 10, 1, tzinfo=UTC)  # Tuesday 09:00 in Shanghai
AGENT = "staff:1"
ITEM = "0801"


def matter(**changes: Any) -> tickets.NewTicket:
    plain: dict[str, Any] = {
        "hotline": "12345",
        "channel": "phone",
        "kind": "complaint",
        "item_code": ITEM,
        "text": "路灯不亮",
    }
    return tickets.NewTicket(**plain | changes)


def opened(
    session: Session, *, number: str | None = "+8613800138000", now: datetime = NOW, **changes: Any
) -> Ticket:
    caller = caller_for(session, number, now) if number else None
    new = matter(caller_id=caller.id if caller else None, **changes)
    return tickets.open_ticket(session, new, actor=AGENT, now=now)


def closed(session: Session, *, now: datetime = NOW, **changes: Any) -> Ticket:
    ticket = opened(session, now=now, **changes)
    tickets.close_on_the_phone(session, ticket, reply="已修好", actor=AGENT, now=now)
    return ticket


def facts(session: Session, ticket_id: int) -> list[str]:
    kinds = select(Event.kind).where(Event.ticket_id == ticket_id).order_by(Event.id)
    return list(session.scalars(kinds))


def last_fact(session: Session, kind: str) -> dict[str, Any]:
    newest = select(Event.data).where(Event.kind == kind).order_by(Event.id.desc()).limit(1)
    found: dict[str, Any] = session.scalars(newest).one()
    return found
