"""What happens to lawyers' tasks by the clock."""

from datetime import datetime, timedelta

from hotline.config import settings
from hotline.db import transaction
from hotline.legal import duty, service


def release_stale_tasks(now: datetime) -> int:
    with transaction() as session:
        held_for = timedelta(hours=settings().legal.claim_hours)
        return service.release_stale(session, now - held_for, now)


def give_out_tasks(now: datetime) -> int:
    with transaction() as session:
        waited = timedelta(minutes=settings().legal.assign_minutes)
        return duty.give_out(session, now - waited, now)
