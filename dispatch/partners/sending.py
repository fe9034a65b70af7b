"""One POST to a partner's system: five seconds for all of it, no redirect followed, and never to an address
inside our own house (Notify's contract for call-backs)."""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from hotline.config import settings
from hotline.errors import InvalidInput

SECONDS = 5.0
TOO_MANY = 429


@dataclass(frozen=True)
class Answer:
    """`status` of the answer, or `reason` why there was none."""

    status: int | None
    reason: str = ""

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def worth_repeating(self) -> bool:
        """Network errors, 429 and 5xx; any other answer would be the same tomorrow."""
        if self.status is None:
            return self.reason != "address_refused"
        return self.status == TOO_MANY or self.status >= 500


class AddressRefused(InvalidInput):
    """Not https, or an address of our own network (SSRF)."""

    def __init__(self, message: str) -> None:
        super().__init__("url", message)


def check_address(url: str) -> tuple[SplitResult, str]:
    """The parts, and the network address to connect to: what was checked is what is connected to.

    Raises AddressRefused; OSError when the name cannot be resolved.
    """
    parts = urlsplit(url)
    private = settings().partners.private_addresses
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise AddressRefused("the address must begin with https://")
    if not parts.hostname or parts.username or parts.password:
        raise AddressRefused("the address needs a host and no password in it")
    found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    if not private and not all(ipaddress.ip_address(one.partition("%")[0]).is_global for one in addresses):
        raise AddressRefused("this address leads into a private network")
    return parts, addresses[0]


def post(url: str, body: str, headers: dict[str, str]) -> Answer:
    """Never raises for what the other side does."""
    try:
        parts, address = check_address(url)
        return _post(parts, address, body, headers)
    except AddressRefused:
        return Answer(None, "address_refused")
    except (OSError, http.client.HTTPException) as error:
        return Answer(None, type(error).__name__[:60])


def _post(parts: SplitResult, address: str, body: str, headers: dict[str, str]) -> Answer:
    with socket.create_connection((address, _port(parts)), timeout=SECONDS) as wire:
        # A server that sends a byte now and then would never run into the time-out of one read
        began = time.monotonic()
        end = threading.Timer(SECONDS, _hang_up, [wire])
        end.start()
        try:
            connection = http.client.HTTPConnection(parts.hostname or "", _port(parts))
            connection.sock = _secured(wire, parts) if parts.scheme == "https" else wire
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body.encode(), headers)
            status = connection.getresponse().status
            # Headers that were cut off read like headers that ended
            return Answer(status) if time.monotonic() - began < SECONDS else Answer(None, "too_slow")
        finally:
            end.cancel()


def _secured(wire: socket.socket, parts: SplitResult) -> socket.socket:
    return ssl.create_default_context().wrap_socket(wire, server_hostname=parts.hostname)


def _hang_up(wire: socket.socket) -> None:
    try:
        wire.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it hung up first


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
