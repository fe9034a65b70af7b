"""Whose number a person may see: whoever gave a purpose sees it for ten minutes (S02)."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.event_log import Event
from hotline.events import ContactRevealed

SHOWN_FOR = timedelta(minutes=10)


def revealed_to(session: Session, actor: str, now: datetime) -> frozenset[int]:
    """Ids of callers whose number this person may see unmasked now; the recorded fact is the permit."""
    recent = select(Event.data["caller_id"].as_integer()).where(
        Event.kind == ContactRevealed.kind, Event.at > now - SHOWN_FOR, Event.actor == actor
    )
    return frozenset(session.scalars(recent))
