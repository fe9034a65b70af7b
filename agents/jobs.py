"""What a worker or the scheduler runs."""

from datetime import datetime, timedelta

from agents import distribution, service
from agents.states import AgentState
from hotline.config import settings
from hotline.db import transaction


def distribute() -> None:
    """Woken when a caller starts to wait or an agent is free."""
    distribution.distribute()


def sweep_distribution(now: datetime) -> int:
    """Every few seconds: what a lost wake-up or a dead worker left undone."""
    return distribution.release_stuck_rings(now) + distribution.distribute()


def end_overdue_wrap_ups(now: datetime) -> int:
    """Every few seconds: wrap-up lasts telephony.wrap_up_seconds at most. Returns how many were ended."""
    before = now - timedelta(seconds=settings().telephony.wrap_up_seconds)
    with transaction() as session:
        overdue = service.staff_in(session, AgentState.WRAP_UP, before)
    for staff_id in overdue:
        with transaction() as session:
            service.end_overdue_wrap_up(session, staff_id, before, now)
    return len(overdue)
