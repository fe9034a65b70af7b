"""Our FastAGI server: one task a call, and nothing a stranger sends can stop it or stay in it.

panoramisk's own server is frozen for ever by one bare TCP connect (docs/decisions/panoramisk.md).
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

from ivr.asterisk.agi import AgiSession, CallerHungUp

log = logging.getLogger(__name__)

Handler = Callable[[AgiSession], Awaitable[None]]

# Asterisk sends its request at once, in about 1 kB.
REQUEST_SECONDS = 5.0
# Longer than the dialplan lets any dialogue last: what is still open then is not Asterisk.
DIALOGUE_SECONDS = 900.0
LINE_BYTES_MAX = 16 * 1024
# Connections that have not sent a request yet; the oldest makes room for the newest.
MAX_SILENT = 256
BACKLOG = 1024


class AgiServer:
    """`routes` maps the path of agi://host:port/path to what leads that dialogue.

    A dialogue that raises, or has no route, leaves the caller to the dialplan, whose next step is the
    operators' queue. On exit the dialogues still going on are ended in the same way.
    """

    def __init__(
        self,
        routes: Mapping[str, Handler],
        host: str,
        port: int,
        *,
        request_seconds: float = REQUEST_SECONDS,
        max_silent: int = MAX_SILENT,
    ) -> None:
        self._routes = routes
        self._host, self._port = host, port
        self._request_seconds = request_seconds
        self._max_silent = max_silent
        self._silent: dict[asyncio.StreamWriter, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port in use, also when 0 was asked for."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def sessions(self) -> int:
        """Connections open now."""
        return len(self._tasks)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._accept, self._host, self._port, limit=LINE_BYTES_MAX, backlog=BACKLOG
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await self._request(reader, writer)
            if request:
                _keep_alive(writer)
                await self._lead(AgiSession(request, reader, writer))
        except Exception:
            log.exception("an AGI connection failed")
        finally:
            writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> dict[str, str]:
        """Asterisk's agi_ values; empty for anybody who is not Asterisk."""
        self._silent[writer] = None
        if len(self._silent) > self._max_silent:
            next(iter(self._silent)).transport.abort()
        try:
            async with asyncio.timeout(self._request_seconds):
                block = await reader.readuntil(b"\n\n")
        except (
            TimeoutError,
            ConnectionError,
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
        ) as error:
            log.info("not an AGI request: %s", type(error).__name__)
            return {}
        finally:
            self._silent.pop(writer, None)
        lines = (line.partition(": ") for line in block.decode(errors="replace").splitlines())
        return {name.removeprefix("agi_"): value for name, _, value in lines if name.startswith("agi_")}

    async def _lead(self, session: AgiSession) -> None:
        handler = self._routes.get(session.path)
        if handler is None:
            log.error("call %s: no dialogue of that name", session.unique_id)
            return
        try:
            async with asyncio.timeout(DIALOGUE_SECONDS):
                await handler(session)
        except CallerHungUp:
            log.info("call %s: the caller hung up", session.unique_id)
        except Exception:
            log.exception("call %s: %s failed, on to the operators", session.unique_id, session.path)
            await self._leave_to_operators(session)

    async def _leave_to_operators(self, session: AgiSession) -> None:
        """The dialplan then takes the hotline's own queue, whatever the dialogue had chosen."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(self._request_seconds):
                await session.set_variable("HOTLINE_QUEUE", "")


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    """An Asterisk whose machine died sends no end; the kernel finds out within a minute."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in ((socket.TCP_KEEPIDLE, 30), (socket.TCP_KEEPINTVL, 10), (socket.TCP_KEEPCNT, 3)):
        connection.setsockopt(socket.IPPROTO_TCP, option, value)
