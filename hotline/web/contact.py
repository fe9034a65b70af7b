"""A number is shown to whoever gave a purpose, for ten minutes; the recorded fact is the permit (S02)."""

from datetime import datetime, timedelta

from sqlalchemy import select

from hotline.db import transaction
from hotline.event_log import Event
from hotline.events import ContactRevealed

SHOWN_FOR = timedelta(minutes=10)


def revealed_to(staff_id: int, now: datetime) -> frozenset[int]:
    """Callers whose number this person may see unmasked now."""
    recent = select(Event.data["caller_id"].as_integer()).where(
        Event.kind == ContactRevealed.kind, Event.at > now - SHOWN_FOR, Event.actor == f"staff:{staff_id}"
    )
    with transaction() as session:
        return frozenset(session.scalars(recent))
