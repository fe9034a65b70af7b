"""Ports nobody uses now, on loopback."""

import itertools
import os
import socket

# Below the kernel's own range for outgoing connections, in a place of its own for each process.
_bases = itertools.cycle(range(20000 + os.getpid() % 40 * 300, 32000, 100))


def free_tcp_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_udp_ports(count: int) -> int:
    """The first, even, of a run of `count` free ports."""
    for base in itertools.islice(_bases, 200):
        if all(_free(port) for port in range(base, base + count)):
            return base
    raise OSError(f"no run of {count} free UDP ports")


def _free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
