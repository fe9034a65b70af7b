"""The long-lived process that owns the SMPP bind: claims what is due, submits, records, listens.

All news of the carrier (answers, receipts, texts from citizens) goes through one ledger in batches, one
transaction each; the carrier's deliveries are acknowledged after the commit.
"""

import asyncio
import hashlib
import logging
import secrets
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

from sqlalchemy import exists, not_, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from hotline import clock
from hotline.config import Smpp, settings
from hotline.db import transaction
from hotline.errors import ProviderError
from hotline.log_setup import set_up_logging
from sms import joining, service
from sms.joining import Piece
from sms.models import SmsInbound
from sms.providers.base import SMPP, OutgoingSms, Receipt
from sms.smpp_session import RESPONSE_SECONDS, Delivery, SmppSession

logger = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")

IDLE_SECONDS = 0.5
LARGEST_BATCH = 200
LONGEST_BACK_OFF_SECONDS = 30
STEADY_SECONDS = 10  # a bind that lasted this long begins a new back-off
LAST_ANSWERS_SECONDS = 5  # at the end, how long answers to what was sent are waited for
REDELIVERY_MINUTES = 10


@dataclass(frozen=True)
class Sent:
    sms: OutgoingSms
    refs: tuple[str, ...]


@dataclass(frozen=True)
class Failed:
    sms: OutgoingSms
    error: ProviderError


News = Sent | Failed | Delivery


class Bind:
    """`run` until `stop` is set: bind, serve, and bind again whenever the connection ends."""

    def __init__(self, account: Smpp, response_seconds: float = RESPONSE_SECONDS) -> None:
        self._account = account
        self._response_seconds = response_seconds
        self.stop = asyncio.Event()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while not self.stop.is_set():
            began = loop.time()
            try:
                session = await SmppSession.bind(self._account, self._response_seconds)
            except (ProviderError, OSError) as error:
                logger.warning("cannot bind: %s", error)
            else:
                logger.info("bound to the carrier as %s", self._account.system_id)
                await self._serve(session)
            failures = 0 if loop.time() - began > STEADY_SECONDS else failures + 1
            await self._sleep(min(0.5 * 2**failures, LONGEST_BACK_OFF_SECONDS))

    async def _serve(self, session: SmppSession) -> None:
        news: asyncio.Queue[News] = asyncio.Queue()
        label = secrets.token_hex(4)
        try:
            # should one of the helpers fail, the group ends all of it and the supervisor starts us again
            async with asyncio.TaskGroup() as group:
                helpers = [
                    group.create_task(_ledger(session, news, label)),
                    group.create_task(_forward(session, news)),
                ]
                await self._feed(session, news)
                await news.join()
                for helper in helpers:
                    helper.cancel()
        finally:
            await session.unbind()

    async def _feed(self, session: SmppSession, news: asyncio.Queue[News]) -> None:
        """Keep up to two windows of claimed messages on the way; more would only be stuck if we died."""
        window = self._account.window
        sending: set[asyncio.Task[None]] = set()
        while not (self.stop.is_set() or session.closed.is_set()):
            if len(sending) > window:
                await asyncio.wait(sending, return_when=asyncio.FIRST_COMPLETED)
                continue
            claimed = await _in_database(_claim, 2 * window - len(sending))
            for sms in claimed:
                task = asyncio.create_task(_send(session, sms, news))
                sending.add(task)
                task.add_done_callback(sending.discard)
            if not claimed:
                await self._sleep(IDLE_SECONDS)
        if sending:
            await asyncio.wait(sending, timeout=LAST_ANSWERS_SECONDS)
        for task in sending:
            task.cancel()

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stop.wait(), seconds)
        except TimeoutError:
            return


async def _send(session: SmppSession, sms: OutgoingSms, news: asyncio.Queue[News]) -> None:
    try:
        refs = await session.submit(sms)
    except ProviderError as error:
        news.put_nowait(Failed(sms, error))
    else:
        news.put_nowait(Sent(sms, refs))


async def _forward(session: SmppSession, news: asyncio.Queue[News]) -> None:
    while True:
        news.put_nowait(await session.deliveries.get())


async def _ledger(session: SmppSession, news: asyncio.Queue[News], label: str) -> None:
    """Write down what is there, in order, then acknowledge."""
    while True:
        batch = [await news.get()]
        while len(batch) < LARGEST_BATCH and not news.empty():
            batch.append(news.get_nowait())
        await _in_database(_record, batch, label)
        for item in batch:
            if isinstance(item, Delivery):
                session.acknowledge(item)
            news.task_done()


async def _in_database(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Off the loop, so that the carrier is answered meanwhile; again and again while the database is away."""
    while True:
        try:
            return await asyncio.to_thread(work, *args, **kwargs)
        except OperationalError as error:
            logger.error("the database does not answer, trying again: %s", type(error).__name__)
            await asyncio.sleep(1)


def _claim(limit: int) -> list[OutgoingSms]:
    with transaction() as session:
        return service.claim(session, SMPP, now=clock.now(), limit=limit)


def _record(batch: Sequence[News], label: str) -> None:
    now = clock.now()
    with transaction() as session:
        service.record_sent(session, SMPP, {n.sms.id: n.refs for n in batch if isinstance(n, Sent)}, now)
        for item in batch:
            if isinstance(item, Failed):
                service.record_failure(session, item.sms.id, item.error, safe_to_repeat=False, now=now)
        told = [item for item in batch if isinstance(item, Delivery)]
        receipts = [item.content for item in told if isinstance(item.content, Receipt)]
        service.apply_receipts(session, SMPP, receipts, now)
        for item in told:
            if isinstance(item.content, Piece):
                _receive(session, item.content, f"{label}:{item.sequence}", now)


def _receive(session: Session, piece: Piece, delivery: str, now: datetime) -> None:
    """SMPP gives texts no name: the same text on an *earlier* bind is the carrier repeating itself."""
    if piece.total > 1:
        joining.keep_piece(session, piece, now)
        return
    digest = hashlib.sha256(repr(piece).encode()).hexdigest()[:16]
    label = delivery.split(":", maxsplit=1)[0]
    repeated = exists().where(
        SmsInbound.provider == SMPP,
        SmsInbound.provider_ref.startswith(f"{digest}:"),
        not_(SmsInbound.provider_ref.startswith(f"{digest}:{label}:")),
        SmsInbound.received_at > now - timedelta(minutes=REDELIVERY_MINUTES),
    )
    if session.scalar(select(repeated)):
        return
    service.receive(
        session,
        provider=SMPP,
        provider_ref=f"{digest}:{delivery}",
        sender=piece.sender,
        text=joining.decode(piece.body, piece.coding),
        now=now,
    )


async def _main() -> None:
    bind = Bind(settings().sms.smpp)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, bind.stop.set)
    await bind.run()


def main() -> None:
    """The bind process, until SIGTERM."""
    set_up_logging()
    asyncio.run(_main())


if __name__ == "__main__":
    main()
