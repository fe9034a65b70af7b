"""Asterisk's manager interface: actions with a limit in time, events in order, a connection that comes back.

async with Ami("127.0.0.1", 5038, "hotline", secret, on_event=listen, on_connect=resynchronise) as ami:
    await ami.action("QueueAdd", Queue="hotline_12345", Interface="PJSIP/8001")
    members = await ami.list_action("QueueStatus", Queue="hotline_12345")
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Self

from hotline import clock
from hotline.telephony.asterisk.ami_wire import (
    AmiDisconnected,
    AmiError,
    AmiMessage,
    AmiRefused,
    AmiTimeout,
    Exchange,
    Value,
    Wire,
)

__all__ = [
    "Ami",
    "AmiDisconnected",
    "AmiError",
    "AmiMessage",
    "AmiRefused",
    "AmiTimeout",
    "Originated",
    "Outbound",
]

log = logging.getLogger(__name__)

ACTION_SECONDS = 5.0
LIST_SECONDS = 10.0
# Between an unanswered ring and Asterisk's word about it.
ORIGINATE_MARGIN_SECONDS = 10.0
CONNECT_SECONDS = 10.0
# A dead peer is noticed after at most twice this.
HEARTBEAT_SECONDS = 2.0
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 0.2, 5.0

EventHandler = Callable[[AmiMessage], Awaitable[None]]


async def _ignore(_: object) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Outbound:
    """A call we make: ring `channel` for `ring_seconds`; once answered it runs context/exten of the dialplan.

    `channel_id` becomes the channel's Uniqueid (Asterisk makes one up if empty; it refuses one in use).
    """

    channel: str
    context: str
    exten: str = "s"
    caller_id: str = ""
    ring_seconds: int = 30
    channel_id: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)

    def headers(self) -> dict[str, Value]:
        chosen = {"CallerID": self.caller_id, "ChannelId": self.channel_id}
        return {
            "Action": "Originate",
            "Channel": self.channel,
            "Context": self.context,
            "Exten": self.exten,
            "Priority": 1,
            "Timeout": self.ring_seconds * 1000,
            "Async": True,
            "Variable": [f"{name}={_escaped(value)}" for name, value in self.variables.items()],
            **{name: value for name, value in chosen.items() if value},
        }


@dataclass(frozen=True)
class Originated:
    """How an outbound call went. `reason`: 4 answered, 3 not answered, 5 busy, 8 congested, 0 failed."""

    answered: bool
    reason: int
    uniqueid: str


class Ami:
    """One logged-in connection, kept up until the end of the `async with`.

    `on_connect` runs after the first login and after each new one, and `on_event` once for each event; one at
    a time, in order, so events of a new connection wait for its `on_connect`. What they raise is logged.

    Every action may raise AmiDisconnected, AmiTimeout, AmiRefused, and InvalidInput for a field that cannot
    be sent. Nothing is ever sent twice: after the first two the caller asks Asterisk what is true.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        secret: str,
        *,
        on_event: EventHandler = _ignore,
        on_connect: Callable[["Ami"], Awaitable[None]] = _ignore,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self._host, self._port = host, port
        self._user, self._secret = user, secret
        self._on_event, self._on_connect = on_event, on_connect
        self._heartbeat_seconds = heartbeat_seconds
        # None stands for "connected".
        self._inbox: asyncio.Queue[AmiMessage | None] = asyncio.Queue()
        self._booted = asyncio.Event()
        self.booted_at = clock.now()
        """When the Asterisk began to run that we logged in to last, or up to a second before."""
        self._wire: Wire | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def connected(self) -> bool:
        """Logged in, to an Asterisk that is fully booted."""
        return self._booted.is_set() and self._wire is not None and not self._wire.lost.done()

    @property
    def backlog(self) -> int:
        """Events received and not yet handled."""
        return self._inbox.qsize()

    @property
    def pending(self) -> int:
        """Actions sent and not yet answered."""
        return len(self._wire.responses) if self._wire else 0

    async def __aenter__(self) -> Self:
        """Raises AmiDisconnected or AmiRefused when the first connection or login fails."""
        await self._connect()
        self._tasks = [asyncio.create_task(self._stay_connected()), asyncio.create_task(self._deliver())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._drop()

    async def action(self, name: str, *, seconds: float = ACTION_SECONDS, **fields: Value) -> AmiMessage:
        """The answer of an action that is answered by one message."""
        exchange = Exchange({"Action": name, **fields}, until=_is_answer)
        return (await self._exchange(exchange, seconds))[0]

    async def list_action(
        self, name: str, *, seconds: float = LIST_SECONDS, **fields: Value
    ) -> list[AmiMessage]:
        """The items of an action that is answered by a list (QueueStatus, CoreShowChannels, ...)."""
        exchange = Exchange({"Action": name, **fields}, until=_ends_list, keeps_events=True)
        received = await self._exchange(exchange, seconds)
        return [item for item in received if item.event and not item["EventList"]]

    async def launch(self, call: Outbound) -> None:
        """Start ringing; how it went on is told by events (OriginateResponse, ...) of call.channel_id."""
        await self._exchange(Exchange(call.headers(), until=_is_answer), ACTION_SECONDS)

    async def originate(self, call: Outbound) -> Originated:
        """Ring, and return when it was answered or given up."""
        exchange = Exchange(call.headers(), until=_ends_originate)
        result = (await self._exchange(exchange, call.ring_seconds + ORIGINATE_MARGIN_SECONDS))[-1]
        return Originated(result["Response"] == "Success", int(result["Reason"] or 0), result["Uniqueid"])

    async def _exchange(self, exchange: Exchange, seconds: float) -> list[AmiMessage]:
        if self._wire is None:
            raise AmiDisconnected("there is no connection to Asterisk")
        return await self._wire.exchange(exchange, seconds)

    # --- the connection ----------------------------------------------------------------------------------

    async def _connect(self) -> None:
        """TCP, login, and Asterisk fully booted: before that queues and endpoints are not there yet."""
        self._booted.clear()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                loop = asyncio.get_running_loop()
                _, self._wire = await loop.create_connection(
                    lambda: Wire(self._receive), self._host, self._port
                )
                await self.action("Login", Username=self._user, Secret=self._secret, Events="on")
                await self._booted.wait()
        except (OSError, TimeoutError) as error:
            self._drop()
            raise AmiDisconnected(f"no Asterisk at {self._host}:{self._port} ({error})") from error
        except BaseException:
            self._drop()
            raise

    async def _stay_connected(self) -> None:
        while True:
            await self._watch()
            log.warning("connection to Asterisk at port %d lost", self._port)
            self._drop()
            await self._reconnect()
            log.info("connected to Asterisk at port %d again", self._port)

    async def _watch(self) -> None:
        """Returns when the connection is lost or the other side no longer answers."""
        assert self._wire is not None
        while not self._wire.lost.done():
            await asyncio.wait([self._wire.lost], timeout=self._heartbeat_seconds)
            try:
                await self.action("Ping", seconds=self._heartbeat_seconds)
            except AmiError as error:
                log.warning("%s", error)
                return

    async def _reconnect(self) -> None:
        delay = FIRST_RETRY_SECONDS
        while True:
            try:
                return await self._connect()
            except AmiError as error:
                log.warning("%s; next try in %.1f s", error, delay)
            await asyncio.sleep(delay)
            delay = min(2 * delay, LAST_RETRY_SECONDS)

    def _drop(self) -> None:
        if self._wire is not None:
            self._wire.transport.abort()
            self._wire.connection_lost(None)
            self._wire = None

    # --- events ------------------------------------------------------------------------------------------

    def _receive(self, event: AmiMessage) -> None:
        if event.event == "FullyBooted":
            self.booted_at = clock.now() - timedelta(seconds=int(event["Uptime"] or 0))
            self._booted.set()
            self._inbox.put_nowait(None)
        elif self._booted.is_set():
            self._inbox.put_nowait(event)

    async def _deliver(self) -> None:
        while True:
            event = await self._inbox.get()
            try:
                await (self._on_connect(self) if event is None else self._on_event(event))
            except Exception:
                log.exception("handling %s failed", event or "a new connection")


def _escaped(value: str) -> str:
    """Asterisk splits a Variable header at commas, unless quoted or in brackets."""
    return re.sub(r'([\\,"()\[\]])', r"\\\1", value)


def _is_answer(message: AmiMessage) -> bool:
    return message["Response"] != ""


def _ends_list(message: AmiMessage) -> bool:
    if message.event:
        return message["EventList"].lower() in ("complete", "cancelled")
    return message["Response"] == "Error" or message["EventList"].lower() != "start"


def _ends_originate(message: AmiMessage) -> bool:
    return message["Response"] == "Error" or message.event == "OriginateResponse"
