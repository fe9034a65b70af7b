"""Ticket forms at a steady rate over kept-alive connections; a process of its own (python -m ...).

Asks on standard input and answers on standard output, a line of JSON each:
{"rate": 100, "seconds": 5} -> {"sent": 500, "accepted": 500, "p50_ms": …, "p99_ms": …, "per_second": …}
A form's time counts from when it was due, not from when a connection was free.
"""

import asyncio
import json
import re
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlencode, urlsplit

import requests

from hotline.staff.service import DEMO_PASSWORD

AGENTS = ("1001", "1002", "1003", "1004", "1005")
CONNECTIONS = 64
GIVE_UP_SECONDS = 10.0
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
TEXT = "楼下餐馆夜里噪音很大,油烟味重,影响休息,请派人看一看。"
_numbers = count(13_100_000_000)


@dataclass(frozen=True)
class Form:
    """Where a form goes and what a browser that has opened its page sends along."""

    path: str
    cookie: str
    fields: dict[str, str]

    def request(self, host: str) -> bytes:
        """A new citizen with the same trouble each time."""
        body = urlencode({**self.fields, "form_key": uuid.uuid4().hex, "number": str(next(_numbers))})
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: {host}\r\nCookie: {self.cookie}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return (head + body).encode()


@dataclass
class Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, request: bytes) -> int:
        """The status of the answer."""
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        await self.reader.readexactly(int(length[1]) if length else 0)
        return int(head.split(b" ", 2)[1])


@dataclass
class Tally:
    sent: int = 0
    accepted: int = 0
    times: list[float] = field(default_factory=list)

    def as_json(self, seconds: float) -> dict[str, float]:
        ordered = sorted(self.times) or [0.0]
        return {
            "sent": self.sent,
            "accepted": self.accepted,
            "p50_ms": round(1000 * ordered[len(ordered) // 2], 1),
            "p99_ms": round(1000 * ordered[int(len(ordered) * 0.99)], 1),
            "per_second": round(self.accepted / seconds, 1),
        }


class Load:
    def __init__(self, base: str, forms: list[Form]) -> None:
        self._host = urlsplit(base).netloc
        self._forms = forms
        self._free: list[Connection] = []
        self._allowed = asyncio.Semaphore(CONNECTIONS)

    async def run(self, rate: float, seconds: float) -> dict[str, float]:
        self._free.clear()  # the server closes those that were idle between two steps
        tally, began = Tally(), time.monotonic()
        sending: set[asyncio.Task[None]] = set()
        for number in range(round(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            task = asyncio.create_task(self._send(self._forms[number % len(self._forms)], due, tally))
            sending.add(task)
            task.add_done_callback(sending.discard)
        if sending:
            await asyncio.wait(sending, timeout=GIVE_UP_SECONDS)
        return tally.as_json(time.monotonic() - began)

    async def _send(self, form: Form, due: float, tally: Tally) -> None:
        async with self._allowed:
            tally.sent += 1
            connection = self._free.pop() if self._free else await self._open()
            try:
                status = await connection.ask(form.request(self._host))
            except (OSError, asyncio.IncompleteReadError):
                return
            self._free.append(connection)
        tally.times.append(time.monotonic() - due)
        tally.accepted += status == 303

    async def _open(self) -> Connection:
        host, _, port = self._host.partition(":")
        return Connection(*await asyncio.open_connection(host, int(port)))


def agents_forms(base: str) -> list[Form]:
    return [_agents_form(base, username) for username in AGENTS]


def _agents_form(base: str, username: str) -> Form:
    """A signed-in agent with the console open."""
    browser = requests.Session()
    credentials = {"username": username, "password": DEMO_PASSWORD}
    browser.post(f"{base}/sign-in", data=credentials | _token(browser, f"{base}/sign-in"), timeout=20)
    matter = {"hotline": "12345", "kind": "complaint", "item_code": "0902", "contact_wish": "sms"}
    fields = matter | {"text": TEXT, "place": "平安路3号"} | _token(browser, f"{base}/agent")
    return Form("/agent/tickets", _cookie(browser), fields)


def citizens_forms(base: str) -> list[Form]:
    browser = requests.Session()
    fields = {"kind": "complaint", "text": TEXT, "area_id": "0", "place": "平安路3号"}
    fields |= _token(browser, f"{base}/p/new")
    return [Form("/p/new", _cookie(browser), fields)]


def bare_forms(base: str) -> list[Form]:
    return [Form("/", "", {"text": TEXT})]


def _token(browser: requests.Session, page: str) -> dict[str, str]:
    found = TOKEN.search(browser.get(page, timeout=20).text)
    if found is None:
        raise SystemExit(f"{page} has no form")
    return {"csrf_token": found[1]}


def _cookie(browser: requests.Session) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)


FORMS: dict[str, Callable[[str], list[Form]]] = {
    "agents": agents_forms,
    "citizens": citizens_forms,
    "bare": bare_forms,
}


async def main(base: str, who: str) -> None:
    load = Load(base, FORMS[who](base))
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(await load.run(asked["rate"], asked["seconds"])), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
