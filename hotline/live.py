"""Nudges for live pages and sleeping workers, through Valkey. Losing one loses nothing: all poll as well.

A nudge carries kinds and ids only, never personal data; the page fetches what it may see.
"""

import json
import logging
from collections.abc import Iterable
from functools import cache
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from hotline.config import settings

logger = logging.getLogger(__name__)
CHANNEL = "hotline:nudges"


@cache
def connection() -> redis.Redis:
    once = Retry(NoBackoff(), 0)  # the library's own three tries would hold a caller up for seconds
    return redis.Redis.from_url(settings().redis.url, socket_timeout=2, socket_connect_timeout=2, retry=once)


def publish(nudges: Iterable[dict[str, Any]]) -> None:
    """Send after commit. An unreachable Valkey is logged, never raised: the work is already durable."""
    batch = list(nudges)
    if not batch or not settings().redis.url:
        return
    try:
        connection().publish(CHANNEL, json.dumps(batch))
    except redis.RedisError as error:
        logger.warning("live nudge not sent: %s", error)


def subscription() -> redis.client.PubSub:
    """A subscription to the nudges; read it with get_message(timeout=seconds)."""
    pubsub: redis.client.PubSub = connection().pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
    pubsub.subscribe(CHANNEL)
    return pubsub
