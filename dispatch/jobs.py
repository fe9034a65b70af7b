"""What runs by the clock: what is due is looked up, then done one after the other."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch import hard_cases, offers, summons, turns
from hotline.config import settings
from hotline.db import transaction
from hotline.tickets import quotes, supplements


def one_by_one(
    to_do: Callable[[Session, datetime], Sequence[int]], act: Callable[[Session, int, datetime], bool]
) -> Callable[[datetime], int]:
    """A job that does `act` for each id that is due and answers for how many it did something. A transaction
    each: one bad ticket holds up no other. `act` looks again, for others work at the same time."""

    def job(now: datetime) -> int:
        with transaction() as session:
            due = to_do(session, now)
        done = 0
        for id_ in due:
            with transaction() as session:
                done += act(session, id_, now)
        return done

    return job


time_out_offers = one_by_one(offers.to_pass_on, offers.pass_on)  # to the next firm (E08)
resume_offers = one_by_one(offers.to_resume, offers.resume)  # nobody was open, and somebody is now
lapse_quotes = one_by_one(quotes.to_lapse, quotes.lapse)  # a price the citizen was silent about (E09)
lapse_supplements = one_by_one(supplements.to_lapse, supplements.lapse)  # what citizens did not send (C04)
miss_check_ins = one_by_one(summons.to_miss, summons.miss)  # who was to come and has not (E07)
bring_up_long_term = one_by_one(hard_cases.to_review, hard_cases.bring_up)  # their day has come


def take_turns(now: datetime) -> int:
    """Who is at the centre in turn this month (E05); decided at the first run of the month."""
    with transaction() as session:
        return len(turns.rotate(session, now.astimezone(settings().site.zone).date(), now))
