"""Servers of tests, stories and benchmarks do not fall over each other."""

import json
import socket
import subprocess
import sys

PROGRAM = """
import json
from hotline.telephony.asterisk.free_ports import free_tcp_port, free_tcp_ports, free_udp_ports
print(json.dumps([[free_tcp_port() for _ in range(10)], free_udp_ports(20), free_tcp_ports(3)]))
"""


def test_a_program_stays_in_the_range_it_was_given_and_passes_over_what_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        first = taken.getsockname()[1]
        allowed = range(first, first + 100)
        told = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={"HOTLINE_PORTS": f"{allowed.start}-{allowed.stop}"},
            capture_output=True,
            text=True,
            check=True,
        )
        singles, udp, run = json.loads(told.stdout)
    assert first not in singles and len(set(singles)) == 10
    assert {*singles, udp, run} <= set(allowed)
