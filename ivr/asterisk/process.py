"""The process that talks with callers on Asterisk."""

import asyncio
import logging
import signal
from concurrent.futures import ThreadPoolExecutor

from hotline import live
from hotline.catalogue import alarms
from hotline.config import settings
from hotline.log_setup import set_up_logging
from hotline.speech.recogniser import recogniser_for
from hotline.telephony.asterisk.ordered_writes import OrderedWrites
from hotline.telephony.asterisk.sounds import said_directory
from ivr.asterisk.agi_server import AgiServer
from ivr.asterisk.dialogue import Dialogues
from ivr.asterisk.listening import Ear

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
        ear = _ear()
        forgetting = asyncio.create_task(ear.forget_stale()) if ear else None
        dialogues = Dialogues(threads, writes, ear)
        async with AgiServer(dialogues.routes, HOST, settings().asterisk.agi_port) as server:
            logger.info("waiting for callers at port %d", server.port)
            await stopped.wait()
    await writes.finish(FINISH_SECONDS)
    writing.cancel()
    if forgetting:
        forgetting.cancel()


def _ear() -> Ear | None:
    recogniser = recogniser_for(settings().speech)
    return Ear(recogniser, said_directory(settings().telephony.recordings_dir)) if recogniser else None


def main() -> None:
    set_up_logging()
    alarms.listener()  # no caller in danger waits until it is read
    with live.gathered():
        asyncio.run(serve())
