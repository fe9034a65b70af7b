"""The one process that listens to Asterisk's manager: events only queue up here, and are written in order.

Calls and facts agree with Asterisk again after every new connection, and every minute whatever was missed.
"""

import asyncio
import logging
import signal
import time
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hotline import clock, live
from hotline.config import settings
from hotline.event_log import record
from hotline.events import TelephonyLinkChanged
from hotline.log_setup import set_up_logging
from hotline.telephony.asterisk import call_events, reconcile
from hotline.telephony.asterisk.ami import Ami, AmiError, AmiMessage
from hotline.telephony.asterisk.connection import SYSTEM, manager
from hotline.telephony.asterisk.ordered_writes import OrderedWrites

logger = logging.getLogger(__name__)

RECONCILE_SECONDS = 60.0
LOOK_SECONDS = 0.5
RECORDINGS_SECONDS = 2.0
# Without a connection, or with events unwritten, for so long: somebody must be told.
ALARM_SECONDS = 10.0
# For events from before the question that are still on their way.
SETTLE_SECONDS = 1.0
RETRY_SECONDS = 2.0
FINISH_SECONDS = 3.0
RECENT, LONG_AGO = timedelta(minutes=2), timedelta(days=1)


class Listener:
    """What one listening process knows: is there a link, and when is which round due."""

    def __init__(self, writes: OrderedWrites) -> None:
        self._writes = writes
        self._up = False
        self._well_at = time.monotonic()
        self._reconcile_at = 0.0
        self._recordings_at = 0.0
        self._recordings_since = LONG_AGO

    async def hear(self, event: AmiMessage) -> None:
        """Asterisk's own time counts: an event may come late."""
        if call_events.concerns_us(event):
            at = datetime.fromtimestamp(float(event["Timestamp"]), UTC) if event["Timestamp"] else clock.now()
            self._writes.put(event.event, partial(call_events.apply, event=event, at=at))

    async def begin_anew(self, _: Ami) -> None:
        """A link that went and came back between two looks was gone nevertheless: events were missed."""
        self._note_link(up=False)

    async def look_after(self, ami: Ami, stopped: asyncio.Event) -> None:
        """Until `stopped`: notice when the link goes or comes, and keep the calls true."""
        while not stopped.is_set():
            if not ami.connected:
                self._note_link(up=False)
            elif not self._up or time.monotonic() >= self._reconcile_at:
                await self._reconcile(ami)
            if time.monotonic() >= self._recordings_at:
                self._keep_recordings()
            self._alarm(ami)
            await asyncio.sleep(LOOK_SECONDS)

    async def _reconcile(self, ami: Ami) -> None:
        now = clock.now()
        try:
            live = await asyncio.to_thread(reconcile.live_calls)
            truth = await reconcile.ask(ami, live, now)
        except (AmiError, SQLAlchemyError) as error:
            logger.warning("calls cannot be compared now: %s", type(error).__name__)
            self._reconcile_at = time.monotonic() + RETRY_SECONDS
            return
        if self._up:
            await asyncio.sleep(SETTLE_SECONDS)
        self._writes.put("comparing calls", partial(reconcile.apply, truth=truth, now=now))
        self._note_link(up=True)
        self._reconcile_at = time.monotonic() + RECONCILE_SECONDS

    def _keep_recordings(self) -> None:
        """Of calls that ended just now; the first time, of the day before."""
        now = clock.now()
        directory, since = settings().telephony.recordings_dir, now - self._recordings_since
        keep = partial(reconcile.keep_recordings, directory=directory, since=since, now=now)
        self._writes.put("keeping recordings", keep)
        self._recordings_since = RECENT
        self._recordings_at = time.monotonic() + RECORDINGS_SECONDS

    def _note_link(self, *, up: bool) -> None:
        if up != self._up:
            self._up = up
            self._writes.put("the link's state", partial(_record_link, up=up, at=clock.now()))

    def _alarm(self, ami: Ami) -> None:
        if ami.connected and self._writes.stuck_seconds < ALARM_SECONDS:
            self._well_at = time.monotonic()
        elif time.monotonic() - self._well_at > ALARM_SECONDS:
            self._well_at = time.monotonic()
            what = "events cannot be written" if ami.connected else "no connection to Asterisk"
            logger.error("ALARM: %s; %d events wait", what, self._writes.backlog)


def _record_link(session: Session, *, up: bool, at: datetime) -> None:
    record(session, TelephonyLinkChanged(system=SYSTEM, up=up), actor="system:telephony", at=at)


async def listen(stopped: asyncio.Event) -> None:
    """Until `stopped`; an Asterisk that is not there yet is waited for."""
    writes = OrderedWrites()
    listener = Listener(writes)
    writing = asyncio.create_task(writes.run())
    while not stopped.is_set():
        try:
            async with manager(listener.hear, listener.begin_anew) as ami:
                logger.info("listening to Asterisk")
                await listener.look_after(ami, stopped)
        except AmiError as error:
            logger.warning("%s; trying again", error)
            await asyncio.sleep(RETRY_SECONDS)
    await writes.finish(FINISH_SECONDS)
    writing.cancel()


async def _until_told() -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await listen(stopped)


def main() -> None:
    """The process, until SIGTERM."""
    set_up_logging()
    with live.gathered():
        asyncio.run(_until_told())
