"""The process that talks with callers on Asterisk."""

import asyncio
import logging
import signal
from concurrent.futures import ThreadPoolExecutor

from hotline import live
from hotline.config import settings
from hotline.log_setup import set_up_logging
from hotline.telephony.asterisk.ordered_writes import OrderedWrites
from ivr.asterisk.agi_server import AgiServer
from ivr.asterisk.dialogue import Dialogues

logger = logging.getLogger(__name__)

# Asterisk runs on this machine, or reaches us through what its operators put in front.
HOST = "127.0.0.1"
FINISH_SECONDS = 3.0


async def serve() -> None:
    """Until SIGTERM. Callers in a dialogue then go on to the operators' queue."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    writes = OrderedWrites()
    writing = asyncio.create_task(writes.run())
    # one connection is for the writes: beyond its size the pool would open and close one each time
    at_once = max(1, settings().database.pool_size - 1)
    with ThreadPoolExecutor(at_once, "dialogue") as threads:
        dialogues = Dialogues(threads, writes)
        async with AgiServer(dialogues.routes, HOST, settings().asterisk.agi_port) as server:
            logger.info("waiting for callers at port %d", server.port)
            await stopped.wait()
    await writes.finish(FINISH_SECONDS)
    writing.cancel()


def main() -> None:
    set_up_logging()
    with live.gathered():
        asyncio.run(serve())
