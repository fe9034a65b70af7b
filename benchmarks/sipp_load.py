"""Callers at a steady rate, by sipp, with what sipp itself counts of them."""

import csv
import subprocess
import tempfile
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from hotline.telephony.asterisk.free_ports import free_udp_port, free_udp_ports
from hotline.telephony.asterisk.sipp import caller_scenario, hang_up, key, pause

DIALLED = "12345"
KEYS = "03"
AT_ONCE = 3000
# Answered, three keys, a listen to the next prompt, hang-up: 1.8 s in all.
STEPS = (*(key(digit) for digit in f"{KEYS}#"), pause(0.9), hang_up())
_numbers = count(13_000_000_000)


@dataclass(frozen=True)
class Load:
    """What sipp counted in one step. `setup_ms` is the mean from INVITE to its 200."""

    wanted_per_second: float
    calls: int
    succeeded: int
    setup_ms: float
    per_second: float


def call(sip_port: int, per_second: float, seconds: float) -> Load:
    """So many new calls a second, each from a number of its own; returns when the last is over."""
    with tempfile.TemporaryDirectory(prefix="sipp-") as scratch:
        directory = Path(scratch)
        calls = round(per_second * seconds)
        (directory / "scenario.xml").write_text(caller_scenario(STEPS))
        rows = [f"{next(_numbers)};" for _ in range(calls)]
        (directory / "rows.csv").write_text("\n".join(["SEQUENTIAL", *rows, ""]))
        subprocess.run(
            _command(sip_port, per_second, calls, seconds),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=seconds * 3 + 60,
            check=False,
        )
        with (directory / "stat.csv").open(newline="") as stat:
            return _read(list(csv.DictReader(stat, delimiter=";")), per_second)


def _command(sip_port: int, per_second: float, calls: int, seconds: float) -> list[str]:
    options = {
        "-sf": "scenario.xml",
        "-inf": "rows.csv",
        "-s": DIALLED,
        "-i": "127.0.0.1",
        "-mi": "127.0.0.1",
        "-p": free_udp_port(),
        "-mp": free_udp_ports(8),
        "-m": calls,
        "-r": f"{per_second:g}",
        "-l": AT_ONCE,
        "-stf": "stat.csv",
        "-fd": 1,
        "-timeout": round(seconds * 3 + 30),
    }
    flags = [str(word) for option in options.items() for word in option]
    return ["sipp", f"127.0.0.1:{sip_port}", *flags, "-nostdin", "-trace_stat"]


def _read(rows: list[dict[str, str]], wanted: float) -> Load:
    last = rows[-1]
    calls = int(last["TotalCallCreated"])
    # the rate while calls were still being made, not while the last ones ended
    while_calling = [float(row["CallRate(P)"]) for row in rows if float(row["CallRate(P)"]) > 0]
    middle = sorted(while_calling)[len(while_calling) // 2] if while_calling else 0.0
    return Load(
        wanted_per_second=wanted,
        calls=calls,
        succeeded=int(last["SuccessfulCall(C)"]),
        setup_ms=_milliseconds(last["ResponseTimesetup(C)"]),
        per_second=round(middle, 1),
    )


def _milliseconds(clock: str) -> float:
    """sipp's 00:00:00:002000 (hours, minutes, seconds, microseconds)."""
    hours, minutes, seconds, micro = clock.split(":")
    return (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * 1000 + int(micro) / 1000
