"""How much somebody has used up in a stretch of time, counted in Valkey."""

import logging

import redis

from hotline import clock, live
from hotline.config import settings

logger = logging.getLogger(__name__)


def used(name: str, seconds: int, amount: int = 1) -> int:
    """All of it in this stretch of so many seconds, with this `amount`. Without Valkey nothing is counted:
    people go on working."""
    if not settings().redis.url:
        return 0
    key = f"{name}:{int(clock.now().timestamp()) // seconds}"
    try:
        with live.connection().pipeline() as pipe:
            pipe.incrby(key, amount)
            pipe.expire(key, 2 * seconds)
            return int(pipe.execute()[0])
    except redis.RedisError as error:
        logger.warning("%s is not counted: %s", name.partition(":")[0], error)
        return 0
