"""What a worker or the scheduler runs."""

import logging
from datetime import datetime, timedelta

from agents import distribution, membership, service
from agents.states import AgentState
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import ProviderError

logger = logging.getLogger(__name__)


def distribute() -> None:
    """Woken when a caller starts to wait or an agent is free."""
    distribution.distribute()


def sweep_distribution(now: datetime) -> int:
    """Every few seconds: what a lost wake-up or a dead worker left undone."""
    return distribution.release_stuck_rings(now) + distribution.distribute()


def mend_membership() -> None:
    """Woken when an agent's state changed, or the telephone system is there again."""
    try:
        membership.mend()
    except ProviderError as error:
        logger.warning("queue members not mended, the next beat tries again: %s", error)


def sweep_membership(_: datetime) -> None:
    """Every so often: what a lost wake-up, or a telephone system that was away, left undone."""
    mend_membership()


def end_overdue_wrap_ups(now: datetime) -> int:
    """Every few seconds: wrap-up lasts telephony.wrap_up_seconds at most. Returns how many were ended."""
    before = now - timedelta(seconds=settings().telephony.wrap_up_seconds)
    with transaction() as session:
        overdue = service.staff_in(session, AgentState.WRAP_UP, before)
    for staff_id in overdue:
        with transaction() as session:
            service.end_overdue_wrap_up(session, staff_id, before, now)
    return len(overdue)
