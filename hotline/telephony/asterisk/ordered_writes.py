"""Writes to the database in the order they were asked for, many a transaction."""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from hotline import event_log
from hotline.db import transaction

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 100
# After a batch: what comes meanwhile shares a transaction, and the first of a quiet moment does not wait.
REST_SECONDS = 0.05
# Between tries while the database is away.
RETRY_SECONDS = 1.0


class WriteFailed(Exception):
    """One write of a transaction failed, so none of it is kept."""


class Write(NamedTuple):
    what: str
    """For the log; no personal data."""
    do: Callable[[Session], object]


class OrderedWrites:
    """`put` returns at once; `run` writes until cancelled. Nothing is lost while the database is away.

    A transaction in which a write fails is undone; its writes are then done one by one, and one that fails
    twice more is given up with a line in the log.
    """

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Write] = asyncio.Queue()
        # One thread: order is kept.
        self._thread = ThreadPoolExecutor(1, "writes")
        self._batch_at = 0.0

    @property
    def backlog(self) -> int:
        return self._waiting.qsize()

    @property
    def stuck_seconds(self) -> float:
        """How long the batch in hand has been written already; 0 between batches."""
        return time.monotonic() - self._batch_at if self._batch_at else 0.0

    def put(self, what: str, do: Callable[[Session], object]) -> None:
        self._waiting.put_nowait(Write(what, do))

    async def run(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < MOST_AT_ONCE and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            self._batch_at = time.monotonic()
            await asyncio.get_running_loop().run_in_executor(self._thread, write_all, batch)
            self._batch_at = 0.0
            for _ in batch:
                self._waiting.task_done()
            await asyncio.sleep(REST_SECONDS)

    async def finish(self, seconds: float) -> None:
        """Until all is written that was put, or the time is over."""
        try:
            async with asyncio.timeout(seconds):
                await self._waiting.join()
        except TimeoutError:
            logger.error("%d events were not written", self.backlog)
        self._thread.shutdown(wait=False, cancel_futures=True)


# Before the commit: a fact that cannot be written must not be taken for a database that is away.
FACTS = Write("facts", event_log.write_recorded)


def write_all(batch: list[Write]) -> None:
    """Returns once every write of the batch is durable or given up."""
    if _committed(batch):
        return
    for write in batch:
        # alone it may succeed; and once more, since another process may have been in its way
        if not (_committed([write]) or _committed([write])):
            logger.error("%s was given up", write.what)


def _committed(batch: list[Write]) -> bool:
    """All of them are durable; False if one failed, and then none is. Waits for a database that is away."""
    while True:
        try:
            with transaction() as session:
                session.connection()  # a database that is away shows here
                for write in (*batch, FACTS):
                    _do(session, write)
            return True
        except WriteFailed:
            return False
        except SQLAlchemyError as error:
            logger.error("the database is away, %d events wait: %s", len(batch), type(error).__name__)
            time.sleep(RETRY_SECONDS)


def _do(session: Session, write: Write) -> None:
    try:
        write.do(session)
        session.flush()
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        logger.exception("%s failed", write.what)
        raise WriteFailed from error
