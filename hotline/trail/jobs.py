"""By the clock: facts are sealed within seconds, and each night the last day is compared with its seals."""

import logging
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from hotline import clock
from hotline.config import settings
from hotline.db import transaction
from hotline.event_log import Event, record
from hotline.events import TrailBroken, TrailVerified
from hotline.trail import queries, service
from hotline.trail.verification import Verdict, verify

logger = logging.getLogger(__name__)
CLOCK = "system:trail"
A_DAY = timedelta(days=1)


def seal(now: datetime) -> None:
    """Whatever is settled. Dies it half-way, the next one takes up where the last seal ends."""
    while True:
        with transaction() as session:
            if service.seal_next(session, now) < service.BATCH:
                return


def verify_by_the_clock(now: datetime) -> None:
    """Once a night; what is broken is looked at again at each call, and said when it has been mended."""
    with transaction() as session:
        last = queries.last_verification(session)
        said_tonight = last is not None and last.at >= _tonight(now)
        if said_tonight and not queries.broken(session):
            return
        first, noted = _first_seal(session, now, last), queries.last_good_head(session)
    verdict = verify(first, noted=noted)
    nothing_new = said_tonight if not verdict.good else verdict.last is None
    if not nothing_new:
        with transaction() as session:
            record(session, _outcome(verdict), actor=CLOCK, at=now)


def _tonight(now: datetime) -> datetime:
    """The last time the hour of the night struck."""
    local = clock.to_local(now, settings().site.time_zone)
    struck = datetime.combine(local.date(), time(settings().trail.verify_hour), settings().site.zone)
    return struck if struck <= local else struck - A_DAY


def _first_seal(session: Session, now: datetime, last: Event | None) -> int:
    """Of the last day, and of what was not yet verified or was found broken."""
    of_the_day = queries.first_seal_since(session, now - A_DAY)
    if last is None:
        return 1
    owed: int = last.data["first_seal"] if last.kind == TrailBroken.kind else last.data["last_seal"] + 1
    return min(owed, of_the_day or owed)


def _outcome(verdict: Verdict) -> TrailVerified | TrailBroken:
    last = verdict.last.number if verdict.last else verdict.first - 1
    if verdict.good and verdict.last:
        head = verdict.last.hash.hex()
        logger.info("trail verified: %d facts, head %s of seal %d", verdict.facts, head, last)
        return TrailVerified(first_seal=verdict.first, last_seal=last, facts=verdict.facts, head=head)
    fault = verdict.shown[0]
    logger.error("THE TRAIL IS BROKEN: %d faults, the first %s", verdict.faults, fault)
    return TrailBroken(
        first_seal=verdict.first,
        last_seal=last,
        faults=verdict.faults,
        fault=fault.breach,
        seal=fault.seal,
        near_event=fault.near,
    )
