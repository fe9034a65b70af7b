"""A real SMPP server (smpp34, Rust) as the carrier of the tests, with moods. Runs in a thread of its own.

python -m tests.sms.smsc PORT      the same as a process, for the benchmark: takes all, sends receipts
"""

import asyncio
import itertools
import socket
import sys
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import smpp34

T = TypeVar("T")
RECEIPT = "id:{ref} sub:001 dlvrd:001 submit date:2611220800 done date:2611220801 stat:{stat} err:000 text:"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Taken:
    """One submit_sm the carrier accepted."""

    ref: str
    number: str
    coding: int
    esm_class: int
    body: bytes

    @property
    def text(self) -> str:
        body = self.body[self.body[0] + 1 :] if self.esm_class & 0x40 else self.body
        return body.decode("utf-16-be" if self.coding == 8 else "ascii")


@dataclass
class Smsc:
    """`mood`: take, silent, unbind_on_submit, or a command_status it rejects `rejections` times with."""

    port: int = field(default_factory=free_port)
    mood: str | int = "take"
    rejections: int = 1_000_000
    receipts: str = "none"  # none, after, before, twice, failed
    taken: list[Taken] = field(default_factory=list)
    offered: int = 0
    esmes: dict[str, smpp34.Esme] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._refs = itertools.count(1)
        self._silent: list[smpp34.SubmitSmEvent] = []
        self._early: dict[str, list[smpp34.SubmitSmEvent]] = {}
        self._tasks: list[asyncio.Future[None]] = []
        self._wires: list[asyncio.StreamWriter] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.call(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self.call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _start(self) -> None:
        self._inner_port = free_port()
        self._server = smpp34.Server("127.0.0.1", self._inner_port, system_id="SMSC", inbound_capacity=10_000)
        await self._server.start()
        self._tasks.append(asyncio.ensure_future(self._serve()))
        self._cables = await asyncio.start_server(self._wire, "127.0.0.1", self.port)

    async def _stop(self) -> None:
        self._cables.close()
        await self._cut()
        await self._server.stop()
        for task in self._tasks:
            task.cancel()

    def cut(self) -> None:
        """The cable is pulled: every connection breaks off, a new one may be made at once."""
        self.call(self._cut())

    async def _cut(self) -> None:
        self.esmes.clear()
        for writer in self._wires:
            writer.transport.abort()
        self._wires.clear()

    async def _wire(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One cable from a client to the server behind."""
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._inner_port)
        self._wires += [writer, far_writer]
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))

    async def _serve(self) -> None:
        while True:
            event = await self._server.next()
            if isinstance(event, smpp34.Esme):
                self.esmes[event.session_id] = event
                for waiting in self._early.pop(event.session_id, []):
                    await self._submit(waiting)
            elif isinstance(event, smpp34.SubmitSmEvent):
                if event.session_id in self.esmes:
                    await self._submit(event)
                else:  # it may overtake the news that its client has bound
                    self._early.setdefault(event.session_id, []).append(event)
            else:
                self.esmes.pop(event.session_id, None)

    async def _submit(self, event: smpp34.SubmitSmEvent) -> None:
        self.offered += 1
        if isinstance(self.mood, int) and self.rejections > 0:
            self.rejections -= 1
            event.reject(self.mood)
        elif self.mood == "silent":
            self._silent.append(event)  # dropping it would answer
        elif self.mood == "unbind_on_submit":
            self._silent.append(event)
            await self.esmes[event.session_id].unbind()
        else:
            await self._take(event)

    async def _take(self, event: smpp34.SubmitSmEvent) -> None:
        ref = f"r{next(self._refs)}"
        esme = self.esmes[event.session_id]
        message = Taken(ref, event.destination_addr, event.data_coding, event.esm_class, event.short_message)
        self.taken.append(message)
        if self.receipts == "before":
            await self._receipt(esme, ref, message.number, "DELIVRD")
        event.accept(message_id=ref)
        stat = "UNDELIV" if self.receipts == "failed" else "DELIVRD"
        times = {"none": 0, "before": 0, "twice": 2}.get(self.receipts, 1)
        for _ in range(times):
            self._tasks.append(asyncio.ensure_future(self._receipt(esme, ref, message.number, stat)))

    async def _receipt(self, esme: smpp34.Esme, ref: str, number: str, stat: str) -> None:
        await esme.deliver_sm(
            source_addr=number,
            destination_addr="12345",
            esm_class=4,
            short_message=RECEIPT.format(ref=ref, stat=stat).encode(),
        )

    # --- the carrier acts by itself ---

    def send_receipt(self, ref: str, stat: str = "DELIVRD") -> None:
        self.call(self._receipt(self._esme(), ref, "8613800138000", stat))

    def citizen_writes(self, number: str, body: bytes, **fields: Any) -> None:
        """A deliver_sm; returns when Hotline has acknowledged it."""
        wanted = {"source_addr_ton": 1, "data_coding": 8, "esm_class": 0} | fields
        self.call(self._deliver(source_addr=number, destination_addr="12345", short_message=body, **wanted))

    async def _deliver(self, **fields: Any) -> None:
        await self._esme().deliver_sm(**fields)

    def _esme(self) -> smpp34.Esme:
        return next(iter(self.esmes.values()))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
    except OSError:
        pass
    finally:
        writer.close()


if __name__ == "__main__":
    with Smsc(port=int(sys.argv[1]), receipts="after"):
        print("ready", flush=True)
        sys.stdin.read()
