"""What runs by the clock."""

from datetime import datetime

from dispatch import hard_cases, offers
from dispatch.work_order import SYSTEM
from hotline.db import transaction
from hotline.tickets import supplements


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


def resume_offers(now: datetime) -> int:
    """Ask the next firm wherever nobody was open and somebody is now; how many."""
    with transaction() as session:
        due = offers.to_resume(session, now)
    resumed = 0
    for ticket_id in due:
        with transaction() as session:
            resumed += offers.resume(session, ticket_id, now)
    return resumed


def lapse_supplements(now: datetime) -> int:
    """What citizens did not send in time is not waited for (C04); how many. A transaction each, as above."""
    with transaction() as session:
        due = supplements.to_lapse(session, now)
    lapsed = 0
    for supplement_id in due:
        with transaction() as session:
            lapsed += supplements.lapse(session, supplement_id, actor=SYSTEM, now=now)
    return lapsed


def bring_up_long_term(now: datetime) -> int:
    """Tickets on the long-term list whose day has come; how many were not told of before."""
    with transaction() as session:
        due = hard_cases.to_review(session, now)
    brought_up = 0
    for ticket_id in due:
        with transaction() as session:
            brought_up += hard_cases.bring_up(session, ticket_id, now)
    return brought_up
