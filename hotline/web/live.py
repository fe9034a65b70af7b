"""The live process: tells open pages which kinds of facts just happened, by server-sent events.

One connection a page. It carries kinds only, never ids or personal data: the page fetches the blocks it may
see. A page names what concerns it: `call_queued`, or `agent_state_changed:mine` (only facts about me), or
`work_order_sent:organisation` (only about my organisation; all that an organisation's user may hear).
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import redis.asyncio as aioredis
from aiohttp import web
from redis.exceptions import RedisError

from hotline.config import settings
from hotline.live import CHANNEL
from hotline.log_setup import set_up_logging
from hotline.web.live_address import Listener, read

logger = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 15.0
GATHER_SECONDS = 0.2  # facts of one moment are told together
RETRY_SECONDS = 2.0
MOST_WISHES = 60
STALE, FRESH = "stale", "fresh"


class Connection:
    """One open page: what it wishes to hear and what it has not been told yet."""

    def __init__(self, listener: Listener, wishes: Iterable[str]) -> None:
        self.listener = listener
        outside = listener.role == "organisation"
        self.wishes = {wish for wish in wishes if not outside or wish.endswith(":organisation")}
        self.untold: set[str] = set()
        self.state: str | None = None
        self.woken = asyncio.Event()

    def offer(self, nudge: dict[str, Any]) -> None:
        heard = concerning(nudge, self.listener) & self.wishes
        if heard:
            self.untold |= heard
            self.woken.set()

    def tell_state(self, state: str) -> None:
        self.state = state
        self.woken.set()


def concerning(nudge: dict[str, Any], listener: Listener) -> set[str]:
    """The wishes this nudge fulfils for this listener; pure."""
    kind = str(nudge.get("kind"))
    heard = {kind}
    if nudge.get("staff_id") == listener.staff_id:
        heard.add(f"{kind}:mine")
    if listener.organisation_id and nudge.get("organisation_id") == listener.organisation_id:
        heard.add(f"{kind}:organisation")
    return heard


class Hub:
    """All open pages of this process, and whether Valkey can be heard."""

    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        self.state = STALE

    def set_state(self, state: str) -> None:
        if state != self.state:
            logger.info("live pages are %s", state)
        self.state = state
        for connection in self.connections:
            connection.tell_state(state)

    def offer(self, nudges: list[dict[str, Any]]) -> None:
        for nudge in nudges:
            for connection in self.connections:
                connection.offer(nudge)

    async def listen(self) -> None:
        """For ever: what Valkey says goes to the pages; when it is away they are told so."""
        while True:
            try:
                url = settings().redis.url
                async with aioredis.Redis.from_url(url, socket_connect_timeout=2) as connection:
                    await self._listen_to(connection)
            except (RedisError, OSError) as error:
                self.set_state(STALE)
                logger.warning("live nudges lost, trying again: %s", error)
                await asyncio.sleep(RETRY_SECONDS)

    async def _listen_to(self, connection: aioredis.Redis) -> None:
        async with connection.pubsub() as pubsub:
            await pubsub.subscribe(CHANNEL)
            self.set_state(FRESH)
            async for message in pubsub.listen():
                if message["type"] == "message":
                    self.offer(_nudges(message["data"]))


def _nudges(data: bytes) -> list[dict[str, Any]]:
    """What was published, or nothing when it is not ours."""
    try:
        batch = json.loads(data)
    except ValueError:
        logger.warning("a message on %s is not a nudge", CHANNEL)
        return []
    return [nudge for nudge in batch if isinstance(nudge, dict)] if isinstance(batch, list) else []


HUB = web.AppKey("hub", Hub)


async def live(request: web.Request) -> web.StreamResponse:
    """GET /live?token=…&kinds=a,b: events 'fresh', 'stale' and 'kinds' (a JSON list)."""
    listener = read(request.query.get("token", ""))
    if listener is None:
        return web.Response(status=401, text="sign in again\n", headers=_cors(request))
    wishes = request.query.get("kinds", "").split(",")[:MOST_WISHES]
    hub = request.app[HUB]
    connection = Connection(listener, wishes)
    connection.tell_state(hub.state)
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    response = web.StreamResponse(headers=headers | _cors(request))
    await response.prepare(request)
    hub.connections.add(connection)
    try:
        with suppress(ConnectionError):  # the page was closed
            await _stream(connection, response)
    finally:
        hub.connections.discard(connection)
    return response


async def _stream(connection: Connection, response: web.StreamResponse) -> None:
    await response.write(b"retry: 3000\n\n")
    while True:
        try:
            await asyncio.wait_for(connection.woken.wait(), HEARTBEAT_SECONDS)
        except TimeoutError:
            await response.write(b": still here\n\n")
            continue
        await asyncio.sleep(GATHER_SECONDS)
        connection.woken.clear()
        if connection.state:
            event, connection.state = connection.state, None
            await response.write(f"event: {event}\ndata: {{}}\n\n".encode())
        if connection.untold:
            kinds, connection.untold = sorted(connection.untold), set()
            await response.write(f"event: kinds\ndata: {json.dumps(kinds)}\n\n".encode())


def _cors(request: web.Request) -> dict[str, str]:
    """The site's own pages may listen: same host on another port, or the public address."""
    origin = request.headers.get("Origin", "")
    ours = {request.url.host, urlsplit(settings().site.public_url).hostname}
    return {"Access-Control-Allow-Origin": origin} if origin and urlsplit(origin).hostname in ours else {}


async def healthz(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


@asynccontextmanager
async def _listening(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(app[HUB].listen())
    yield
    while not task.done():  # redis swallows a cancel that comes while it connects
        task.cancel()
        await asyncio.wait([task], timeout=0.5)


async def _listening_context(app: web.Application) -> AsyncIterator[None]:
    async with _listening(app):
        yield


def make_app() -> web.Application:
    app = web.Application()
    app[HUB] = Hub()
    app.router.add_get("/live", live)
    app.router.add_get("/healthz", healthz)
    app.cleanup_ctx.append(_listening_context)
    return app


def main() -> None:
    """The live process, until SIGTERM."""
    set_up_logging()
    where = settings().web
    web.run_app(
        make_app(), host=where.host, port=where.live_port, access_log=None, print=None, shutdown_timeout=1.0
    )


if __name__ == "__main__":
    main()
