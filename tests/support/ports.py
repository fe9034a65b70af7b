"""Ports nobody uses now, on loopback."""

import os
import socket

# Below the kernel's own range for outgoing connections; each test process begins at a place of its own.
FIRST, LAST = 16000, 32000
_next = FIRST + os.getpid() % 32 * 500


def free_tcp_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_udp_port() -> int:
    return free_udp_ports(2)


def free_udp_ports(count: int) -> int:
    """The first, even, of a run of `count` free ports. No port is given twice until all were."""
    global _next
    for _ in range(1000):
        base = _next if _next + count < LAST else FIRST
        _next = base + count + count % 2
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
