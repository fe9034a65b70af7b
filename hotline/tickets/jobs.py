"""Run by the scheduler: lights come on record though nobody acts."""

from datetime import datetime

from hotline.db import transaction
from hotline.tickets import clocks

AT_ONCE = 500


def turn_due_lights(now: datetime, at_once: int = AT_ONCE) -> int:
    """All that have turned by now, a transaction for so many; how many clocks that were."""
    turned, found = 0, at_once
    while found == at_once:
        with transaction() as session:
            found = clocks.turn_lights(session, now, at_once)
        turned += found
    return turned
