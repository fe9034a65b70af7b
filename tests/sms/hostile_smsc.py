"""A carrier that speaks SMPP badly: raw bytes, written by hand. For what a proper server cannot do."""

import asyncio
import struct
import threading
from dataclasses import dataclass, field
from typing import Self

from tests.sms.smsc import free_port

HEADER = struct.Struct(">LLLL")
BIND_TRANSCEIVER, SUBMIT_SM, GENERIC_NACK, ENQUIRE_LINK, UNBIND = 0x9, 0x4, 0x80000000, 0x15, 0x6
RESPONSE = 0x80000000


def pdu(command: int, sequence: int, *, status: int = 0, body: bytes = b"") -> bytes:
    return HEADER.pack(HEADER.size + len(body), command, status, sequence) + body


@dataclass
class HostileSmsc:
    """`mood` names what it does wrong; `said` is what Hotline sent, as (command, status)."""

    mood: str = "take"
    port: int = field(default_factory=free_port)
    binds: int = 0
    submits: int = 0
    said: list[tuple[int, int]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        serving = asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                length, command, status, sequence = HEADER.unpack(await reader.readexactly(HEADER.size))
                await reader.readexactly(length - HEADER.size)
                self.said.append((command, status))
                writer.write(self._answer(command, sequence))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, command: int, sequence: int) -> bytes:
        if command == BIND_TRANSCEIVER:
            self.binds += 1
            return self._bind(sequence)
        if command == SUBMIT_SM:
            self.submits += 1
            return self._submit(sequence)
        return pdu(command | RESPONSE, sequence) if not command & RESPONSE else b""

    def _bind(self, sequence: int) -> bytes:
        if self.mood == "wrong_password":
            return pdu(BIND_TRANSCEIVER | RESPONSE, sequence, status=0xE)
        before = pdu(0x5, 900, body=b"\x00") if self.mood == "deliver_before_bound" else b""
        return before + pdu(BIND_TRANSCEIVER | RESPONSE, sequence, body=b"SMSC\0")

    def _submit(self, sequence: int) -> bytes:
        taken = pdu(SUBMIT_SM | RESPONSE, sequence, body=f"h{self.submits}\0".encode())
        return {
            "nack": pdu(GENERIC_NACK, sequence, status=0x2),
            "nack_without_reason": pdu(GENERIC_NACK, sequence),
            "nack_without_number": pdu(GENERIC_NACK, 0, status=0x2),
            "too_short": HEADER.pack(4, SUBMIT_SM | RESPONSE, 0, sequence),
            "too_long": HEADER.pack(0x7FFFFFFF, SUBMIT_SM | RESPONSE, 0, sequence),
            "unknown_command": pdu(0x777, 901) + taken,
            "unknown_answer": pdu(SUBMIT_SM | RESPONSE, 777_777, body=b"x\0") + taken,
            "enquire_link_and_take": pdu(ENQUIRE_LINK, 902) + taken,
            "take_with_parameters": pdu(
                SUBMIT_SM | RESPONSE, sequence, body=f"h{self.submits}\0".encode() + b"\x00\x1d\x00\x02ok"
            ),
        }.get(self.mood, taken)
