"""Nudges for live pages and sleeping workers, through Valkey. Losing one loses nothing: all poll as well.

A nudge carries kinds and ids only, never personal data; the page fetches what it may see.
"""

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from hotline.config import settings

logger = logging.getLogger(__name__)
CHANNEL = "hotline:nudges"
GATHER_SECONDS = 0.05
_gathering = threading.Event()
_gathered: deque[dict[str, Any]] = deque()


@cache
def connection() -> redis.Redis:
    once = Retry(NoBackoff(), 0)  # the library's own three tries would hold a caller up for seconds
    return redis.Redis.from_url(settings().redis.url, socket_timeout=2, socket_connect_timeout=2, retry=once)


def publish(nudges: Iterable[dict[str, Any]]) -> None:
    """Send after commit. An unreachable Valkey is logged, never raised: the work is already durable."""
    batch = list(nudges)
    if _gathering.is_set():
        _gathered.extend(batch)
    else:
        _send(batch)


@contextmanager
def gathered() -> Iterator[None]:
    """Inside, a thread sends the nudges of each moment together, and nobody waits for Valkey.

    For processes that commit many times a second: a nudge of its own costs a quarter of a short transaction.
    """
    _gathering.set()
    thread = threading.Thread(target=_send_gathered, name="nudges")
    thread.start()
    try:
        yield
    finally:
        _gathering.clear()
        thread.join()


def _send_gathered() -> None:
    going = True
    while going:
        going = _gathering.is_set()  # asked first, so that the last round finds what came before the end
        time.sleep(GATHER_SECONDS)
        _send([_gathered.popleft() for _ in range(len(_gathered))])


def _send(batch: list[dict[str, Any]]) -> None:
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
