"""Sealing: the settled facts after the last seal, in the order of the log, under the next one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.event_log import SETTLED, Seal
from hotline.trail import chain, queries
from hotline.trail.queries import Sealed

BATCH = 1000
LOCK = 12345_0001  # one sealer at a time; who writes facts never waits for it


def seal_next(session: Session, now: datetime) -> int:
    """Seal up to BATCH facts; returns how many. 0 also while another sealer is at it."""
    if not session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
        return 0
    last = queries.newest(session)
    facts = [Sealed.of(row) for row in session.execute(queries.facts_after(last).where(SETTLED).limit(BATCH))]
    if facts:
        session.add(_seal(last, facts, now))
    return len(facts)


def _seal(last: Seal | None, facts: Sequence[Sealed], now: datetime) -> Seal:
    era, tx, event_id = facts[-1].place
    digests = [fact.digest for fact in facts]
    made = Seal(
        number=last.number + 1 if last else 1,
        sealed_at=now,
        era=era,
        tx=str(tx),
        event_id=event_id,
        total=(last.total if last else 0) + len(facts),
        marks=chain.marks_of(digests),
    )
    made.hash = queries.hash_of(last, made, digests)
    return made
