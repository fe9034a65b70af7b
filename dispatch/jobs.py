"""What runs by the clock."""

from datetime import datetime

from dispatch import offers
from hotline.db import transaction


def time_out_offers(now: datetime) -> int:
    """Ask the next firm wherever an offer ran out or its firm may no longer work; returns how many.

    A transaction each: one bad ticket holds up no other.
    """
    with transaction() as session:
        due = offers.to_pass_on(session, now)
    passed = 0
    for order_id in due:
        with transaction() as session:
            passed += offers.pass_on(session, order_id, now)
    return passed
