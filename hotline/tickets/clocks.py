"""The clocks of a ticket as rows and facts. What a deadline is, is in `sla`; nothing is ever added to one."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.config import settings
from hotline.event_log import record, record_all
from hotline.events import ClockStarted, ClockStopped
from hotline.service_hours import shipped_calendar
from hotline.tickets import sla
from hotline.tickets.models import Ticket, TicketClock


def limits() -> sla.Limits:
    tiers = settings().tiers
    days = {tier: getattr(tiers, tier) for tier in ("simple", "general", "complex", "difficult")}
    return sla.Limits(tiers.unit, days, tiers.reply_hours)


def new_round(tier: str, round_: int, now: datetime) -> list[TicketClock]:
    """The clocks of a ticket that was opened, or opened again; `round_` counts from 1."""
    calendar = shipped_calendar(settings().site.time_zone)
    return [
        TicketClock(
            clock=deadline.clock,
            round=round_,
            started_at=now,
            due_at=deadline.due_at,
            limit_text=deadline.limit,
            calendar=deadline.calendar,
        )
        for deadline in (sla.closing(now, tier, limits(), calendar), sla.reply(now, limits()))
    ]


def record_started(session: Session, clocks: Iterable[TicketClock], now: datetime) -> None:
    facts = [
        ClockStarted(
            ticket_id=clock.ticket_id,
            clock=clock.clock,
            due_at=clock.due_at.isoformat(),
            limit=clock.limit_text,
        )
        for clock in clocks
    ]
    record_all(session, facts, actor="system:clocks", at=now)


def limit_anew(session: Session, ticket: Ticket) -> datetime:
    """The running closing clock with the limit of the ticket's tier as it now is."""
    clock = newest(session, ticket, "closing")
    calendar = shipped_calendar(settings().site.time_zone)
    deadline = sla.closing(clock.started_at, ticket.tier, limits(), calendar)
    clock.due_at, clock.limit_text, clock.calendar = deadline.due_at, deadline.limit, deadline.calendar
    return deadline.due_at


def newest(session: Session, ticket: Ticket, clock: str) -> TicketClock:
    of_ticket = select(TicketClock).where(TicketClock.ticket_id == ticket.id, TicketClock.clock == clock)
    return session.scalars(of_ticket.order_by(TicketClock.round.desc()).limit(1)).one()


def stop(session: Session, ticket: Ticket, clock: str, actor: str, now: datetime) -> bool:
    """True when it stopped in time; a clock already stopped keeps its first result."""
    row = newest(session, ticket, clock)
    if row.stopped_at is None:
        row.stopped_at, row.met = now, now <= row.due_at
        fact = ClockStopped(ticket_id=ticket.id, clock=clock, met=row.met)
        record(session, fact, actor=actor, at=now)
    return bool(row.met)
