"""The process that talks with callers on Asterisk."""

import asyncio
import logging
import signal
from concurrent.futures import ThreadPoolExecutor

from hotline import live
from hotline.config import settings
from hotline.log_setup import set_up_logging
from ivr.asterisk.agi_server import AgiServer
from ivr.asterisk.dialogue import Dialogues

logger = logging.getLogger(__name__)

# Asterisk runs on this machine, or reaches us through what its operators put in front.
HOST = "127.0.0.1"


async def serve() -> None:
    """Until SIGTERM. Callers in a dialogue then go on to the operators' queue."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    with ThreadPoolExecutor(settings().database.pool_size, "dialogue") as threads:
        async with AgiServer(Dialogues(threads).routes, HOST, settings().asterisk.agi_port) as server:
            logger.info("waiting for callers at port %d", server.port)
            await stopped.wait()


def main() -> None:
    set_up_logging()
    with live.gathered():
        asyncio.run(serve())
