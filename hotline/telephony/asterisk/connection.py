"""The manager connection of this site (settings section `asterisk`)."""

from collections.abc import Awaitable, Callable

from hotline.config import Asterisk, settings
from hotline.telephony.asterisk.ami import Ami, AmiMessage

SYSTEM = "asterisk"
LOOPBACK = "127.0.0.1"


async def _ignore(_: object) -> None:
    pass


def manager(
    on_event: Callable[[AmiMessage], Awaitable[None]] = _ignore,
    on_connect: Callable[[Ami], Awaitable[None]] = _ignore,
) -> Ami:
    """To be opened with `async with`."""
    chosen = settings().asterisk
    return Ami(
        manager_host(chosen),
        chosen.ami_port,
        chosen.ami_user,
        chosen.ami_secret,
        on_event=on_event,
        on_connect=on_connect,
    )


def manager_host(chosen: Asterisk) -> str:
    """An Asterisk of ours lets nobody manage it from another machine, wherever it listens for calls."""
    return LOOPBACK if chosen.managed else chosen.host


def interface(extension: str) -> str:
    """A desk telephone's name in a queue."""
    return f"PJSIP/{extension}"


def extension_of(name: str) -> str:
    """8001 of PJSIP/8001 (a queue's member) and of PJSIP/8001-0000002a (a channel)."""
    return name.partition("/")[2].rpartition("-")[0] or name.partition("/")[2]
