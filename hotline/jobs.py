"""Wake a worker after the commit. The work is a row; a lost wake-up only means waiting for the sweep."""

import logging
from functools import cache

import redis
import rq
from sqlalchemy.orm import Session

from hotline import live
from hotline.config import settings

logger = logging.getLogger(__name__)
QUEUE = "hotline"


@cache
def _queue() -> rq.Queue:
    return rq.Queue(QUEUE, connection=live.connection(), default_timeout=60)


def wake(session: Session, job: str, *ids: int) -> None:
    """Once this transaction has committed, ask a worker to run `job` ('sms.jobs.send_due') with row ids."""
    session.info.setdefault("wake", []).append((job, ids))


def send_wakes(wakes: list[tuple[str, tuple[int, ...]]]) -> None:
    """Called by the transaction door. The same job asked for twice in one transaction runs once."""
    if not wakes or not settings().redis.url:
        return
    try:
        for job, ids in dict.fromkeys(wakes):
            _queue().enqueue(job, *ids, result_ttl=0, failure_ttl=86400)
    except redis.RedisError as error:
        logger.warning("wake-up not sent, the sweep will do it: %s", error)
