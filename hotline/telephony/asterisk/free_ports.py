"""Ports nobody uses now, on loopback.

Free is what nobody listens on: a server that restarts may lose its port to a neighbour who asks meanwhile.
`HOTLINE_PORTS=16000-23300` gives a program, and those it starts, a range of its own.
"""

import itertools
import os
import socket
from collections.abc import Iterator
from functools import cache

# Below the kernel's own range for outgoing connections.
PORTS = "16000-31500"
RANGES = 32


@cache
def _turns(step: int) -> Iterator[int]:
    """No port twice until all were given; each process begins far from one started beside it."""
    first, last = map(int, os.environ.get("HOTLINE_PORTS", PORTS).split("-"))
    begin = first + os.getpid() * 13 % RANGES * ((last - first) // RANGES // 2 * 2)
    return itertools.cycle((*range(begin, last, step), *range(first, begin, step)))


def free_tcp_port() -> int:
    return free_tcp_ports(1)


def free_tcp_ports(count: int) -> int:
    """The first of a run of `count` free ports."""
    for base in itertools.islice(_turns(1), 65536):
        if all(_free(port, socket.SOCK_STREAM) for port in range(base, base + count)):
            for _ in range(count - 1):
                next(_turns(1))
            return base
    raise OSError(f"no run of {count} free TCP ports")


def free_udp_port() -> int:
    return free_udp_ports(2)


def free_udp_ports(count: int) -> int:
    """The first, even, of a run of `count` free ports."""
    for base in itertools.islice(_turns(2), 32768):
        if all(_free(port, socket.SOCK_DGRAM) for port in range(base, base + count)):
            for _ in range((count - 1) // 2):
                next(_turns(2))
            return base
    raise OSError(f"no run of {count} free UDP ports")


def _free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
