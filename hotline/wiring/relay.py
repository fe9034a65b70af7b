"""Delivers facts to the handlers that care. Truth is in the database: a nudge makes it prompt, polling sure.

A fact is fanned out once every transaction older than its own has ended (event_log.SETTLED), so a commit
that comes late is never passed over. Each handler runs in a transaction of its own with its delivery row.
"""

import logging
import signal
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import redis
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hotline import clock, live
from hotline.config import settings
from hotline.db import transaction
from hotline.event_log import IN_ORDER, SETTLED, Delivery, Event, Place, RelayCursor, after
from hotline.log_setup import set_up_logging
from hotline.wiring.subscriptions import SUBSCRIPTIONS, Handler, handler_name

logger = logging.getLogger(__name__)
BATCH = 500
MAX_ATTEMPTS = 8
IDLE_SECONDS = 0.5
HANDLERS: dict[str, Handler] = {handler_name(h): h for handlers in SUBSCRIPTIONS.values() for h in handlers}


def fan_out(now: datetime) -> int:
    """Turn new facts into deliveries owed; returns how many facts were passed."""
    with transaction() as session:
        cursor = session.scalars(select(RelayCursor).with_for_update()).one()
        events = session.execute(
            select(*IN_ORDER, Event.kind)
            .where(after(Place(cursor.era, int(cursor.tx), cursor.event_id)), SETTLED)
            .order_by(*IN_ORDER)
            .limit(BATCH)
        ).all()
        if not events:
            return 0
        owed = [
            {"event_id": event.id, "handler": handler_name(handler), "next_at": now}
            for event in events
            for handler in SUBSCRIPTIONS.get(event.kind, ())
        ]
        if owed:
            session.execute(insert(Delivery).values(owed).on_conflict_do_nothing())
        cursor.era, cursor.tx, cursor.event_id = events[-1].era, str(events[-1].tx), events[-1].id
        return len(events)


def deliver_due(now: datetime) -> int:
    """Run every handler that is owed a fact; returns how many ran."""
    with transaction() as session:
        owed = session.execute(
            select(Delivery.event_id, Delivery.handler)
            .where(Delivery.done_at.is_(None), Delivery.gave_up_at.is_(None), Delivery.next_at <= now)
            .order_by(Delivery.event_id)
            .limit(BATCH)
        ).all()
    for event_id, handler in owed:
        _deliver(event_id, handler, now)
    return len(owed)


def _deliver(event_id: int, handler: str, now: datetime) -> None:
    try:
        with transaction() as session:
            delivery = _lock(session, event_id, handler)
            if delivery is None:
                return
            event = session.get_one(Event, event_id)
            HANDLERS[handler](session, event)
            delivery.done_at, delivery.attempts = now, delivery.attempts + 1
    except Exception as error:
        logger.exception("handler %s failed for event %s", handler, event_id)
        _postpone(event_id, handler, now, error)


def _lock(session: Session, event_id: int, handler: str) -> Delivery | None:
    """None when another relay has it or has done it."""
    wanted = select(Delivery).where(
        Delivery.event_id == event_id, Delivery.handler == handler, Delivery.done_at.is_(None)
    )
    return session.scalar(wanted.with_for_update(skip_locked=True))


def _postpone(event_id: int, handler: str, now: datetime, error: Exception) -> None:
    with transaction() as session:
        delivery = session.get_one(Delivery, (event_id, handler), with_for_update=True)
        delivery.attempts += 1
        delivery.error = f"{type(error).__name__}: {error}"[:500]
        delivery.next_at = now + timedelta(seconds=2**delivery.attempts)
        if delivery.attempts >= MAX_ATTEMPTS:
            delivery.gave_up_at = now


def backlog(session: Session) -> tuple[int, int]:
    """(deliveries owed, deliveries given up): what `check` and /metrics show."""
    owed = func.count().filter(Delivery.gave_up_at.is_(None))
    given_up = func.count().filter(Delivery.gave_up_at.is_not(None))
    row = session.execute(select(owed, given_up).where(Delivery.done_at.is_(None))).one()
    return row[0], row[1]


def retry_given_up(session: Session, now: datetime) -> int:
    """For operators who have mended the cause: owe every given-up delivery again. Returns how many."""
    again = update(Delivery).where(Delivery.gave_up_at.is_not(None), Delivery.done_at.is_(None))
    rows = session.execute(
        again.values(gave_up_at=None, attempts=0, next_at=now).returning(Delivery.event_id)
    )
    return len(rows.all())


class Nudges:
    """Waits for a nudge on Valkey, or for the poll interval when Valkey is not there."""

    def __init__(self) -> None:
        self._pubsub: redis.client.PubSub | None = None

    def wait(self, seconds: float) -> None:
        try:
            if self._pubsub is None:
                self._pubsub = live.subscription()
            self._pubsub.get_message(timeout=seconds)
        except redis.RedisError as error:
            logger.warning("no nudges, polling instead: %s", error)
            self._pubsub = None
            time.sleep(seconds)


def run(steps: Iterable[Callable[[datetime], int]] = (fan_out, deliver_due)) -> None:
    """The relay process, until SIGTERM."""
    set_up_logging()
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda n, _: stopping.append(n))
    nudges = Nudges()
    logger.info("relay started for %s", settings().site.name_en)
    while not stopping:
        if not _safely(steps):
            nudges.wait(IDLE_SECONDS)


def _safely(steps: Iterable[Callable[[datetime], int]]) -> int:
    try:
        return sum(step(clock.now()) for step in steps)
    except Exception:
        logger.exception("relay step failed; trying again")
        time.sleep(1)
        return 0
