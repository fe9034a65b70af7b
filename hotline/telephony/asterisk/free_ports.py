"""Ports nobody uses now, on loopback."""

import itertools
import os
import socket
from collections.abc import Iterator

# Below the kernel's own range for outgoing connections; each process begins far from one started beside it,
# and gives no port twice until it has given all.
FIRST, LAST = 16000, 31500
_begin = FIRST + os.getpid() * 13 % 32 * 450
_evens: Iterator[int] = itertools.cycle((*range(_begin, LAST, 2), *range(FIRST, _begin, 2)))
_tcp: Iterator[int] = itertools.cycle((*range(_begin, LAST), *range(FIRST, _begin)))


def free_tcp_port() -> int:
    return free_tcp_ports(1)


def free_tcp_ports(count: int) -> int:
    """The first of a run of `count` free ports."""
    for base in itertools.islice(_tcp, LAST - FIRST):
        if all(_free(port, socket.SOCK_STREAM) for port in range(base, base + count)):
            for _ in range(count - 1):
                next(_tcp)
            return base
    raise OSError(f"no run of {count} free TCP ports")


def free_udp_port() -> int:
    return free_udp_ports(2)


def free_udp_ports(count: int) -> int:
    """The first, even, of a run of `count` free ports."""
    for base in itertools.islice(_evens, 1000):
        if all(_free(port, socket.SOCK_DGRAM) for port in range(base, base + count)):
            for _ in range((count - 1) // 2):
                next(_evens)
            return base
    raise OSError(f"no run of {count} free UDP ports")


def _free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
