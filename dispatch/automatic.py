"""Sending tickets out without a dispatcher, where the site trusts how sure the classifier was (D02)."""

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch import offers, service
from dispatch.territory import TerritoryUndecided
from dispatch.work_order import SYSTEM, ConcernsThemselves
from hotline.config import settings
from hotline.errors import ConsentMissing
from hotline.event_log import record
from hotline.events import AutomaticDispatchDecided
from hotline.learning import decisions
from hotline.tickets.models import Ticket

WAITS = (
    service.NoRoute,
    service.Unsorted,
    service.WithALawyer,
    TerritoryUndecided,
    ConsentMissing,
    ConcernsThemselves,
)


def decide(session: Session, ticket: Ticket, now: datetime) -> None:
    """Out, or to the desk; why, how sure, and which model said so goes on record. Nothing where the site
    wants a dispatcher to look first (`dispatch.auto_confidence` 0)."""
    least = settings().dispatch.auto_confidence
    if not least:
        return
    score, model = decisions.confidence(session, ticket.id)
    reason = "unsure" if score < least else _send(session, ticket, now)
    fact = AutomaticDispatchDecided(ticket_id=ticket.id, reason=reason, score=score, least=least, model=model)
    record(session, fact, actor=SYSTEM, at=now)


def _send(session: Session, ticket: Ticket, now: datetime) -> str:
    try:
        order = service.dispatch(session, ticket, actor=SYSTEM, now=now)
    except WAITS as refusal:
        return refusal.code
    if order is None:
        return "firms_closed" if offers.postponed(session, ticket.id) else "no_firm"
    return "sent"
