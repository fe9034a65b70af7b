"""Organisations with systems, and servers that are those systems."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.instance import configured


class System(ThreadingHTTPServer):
    """A partner's system: keeps what it is sent and answers with `status`, after `seconds` of silence."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Ear)
        self.status = 200
        self.headers: dict[str, str] = {}
        self.drips = threading.Event()
        self.heard: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/heard"


class Ear(BaseHTTPRequestHandler):
    server: System

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((dict(self.headers), body))
        if self.server.drips.is_set():
            self._drip()
            return
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _drip(self) -> None:
        """A byte now and then: no single read takes long, the whole would take for ever."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while self.server.drips.wait(0) and not threading.Event().wait(0.5):
            self.wfile.write(b"X")
            self.wfile.flush()

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Not on the screen."""


@pytest.fixture
def system() -> Iterator[Callable[[], System]]:
    made: list[System] = []

    def start() -> System:
        made.append(System())
        threading.Thread(target=made[-1].serve_forever, daemon=True).start()
        return made[-1]

    yield start
    for one in made:
        one.drips.clear()
        one.shutdown()
        one.server_close()


@pytest.fixture
def house(
    seeded: str, settings_of: Callable[[str], dict[str, Any]], tmp_path: Path
) -> Iterator[dict[str, Any]]:
    """A house whose partners stand on this machine, and who try again after no minutes at all."""
    base = settings_of(seeded) | {"partners": {"private_addresses": True, "retry_minutes": [0, 0]}}
    with configured(tmp_path / "partners.toml", base):
        yield base
