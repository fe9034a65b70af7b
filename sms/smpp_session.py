"""One SMPP bind over one TCP connection: a send window, answers matched by number, the carrier's calls.

A `deliver_sm` is put into `deliveries` and acknowledged only when `acknowledge` is called: after the commit.
"""

import asyncio
import itertools
import logging
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

from smpplib import command_codes, consts

from hotline.config import Smpp
from hotline.errors import ProviderError
from sms.joining import Piece
from sms.providers import smpp
from sms.providers.base import NotSubmitted, OutcomeUnknown, OutgoingSms, Receipt

logger = logging.getLogger(__name__)

HEADER = struct.Struct(">LLLL")
LONGEST_PDU = 65_536
RESPONSE_SECONDS = 30
THROTTLED_SECONDS = 30  # how long one part is offered again to a carrier that says "too fast"
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 5
LAST_SEQUENCE = 0x7FFFFFFF
IS_RESPONSE = 0x80000000
CODES = command_codes.commands


class StreamBroken(Exception):
    """What comes from the carrier cannot be followed any more; only a new connection helps."""


@dataclass(frozen=True)
class Delivery:
    """Something the carrier told us; `sequence` is needed to acknowledge it."""

    sequence: int
    content: Receipt | Piece


class SmppSession:
    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, window: int, response_seconds: float
    ) -> None:
        self.deliveries: asyncio.Queue[Delivery] = asyncio.Queue(maxsize=1000)
        self.closed = asyncio.Event()
        self._reader, self._writer = reader, writer
        self._response_seconds = response_seconds
        self._window = asyncio.Semaphore(window)
        self._sequences = itertools.cycle(range(1, LAST_SEQUENCE + 1))
        self._waiting: dict[int, asyncio.Future[tuple[int, bytes]]] = {}
        self._pause, self._resume_at = 0.0, 0.0
        self._leaving = False
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def bind(cls, account: Smpp, response_seconds: float = RESPONSE_SECONDS) -> Self:
        """Connect and bind as transceiver. Raises ProviderError or OSError when we are not let in."""
        connecting = asyncio.open_connection(account.host, account.port)
        reader, writer = await asyncio.wait_for(connecting, response_seconds)
        session = cls(reader, writer, account.window, response_seconds)
        session._tasks.append(asyncio.create_task(session._read()))
        try:
            status, _ = await session._ask("bind_transceiver", **smpp.bind_fields(account))
        except ProviderError:
            session.close()
            raise
        if status != consts.SMPP_ESME_ROK:
            session.close()
            raise smpp.refusal(status)
        session._tasks.append(asyncio.create_task(session._keep_alive(account.enquire_link_seconds)))
        return session

    async def submit(self, sms: OutgoingSms) -> tuple[str, ...]:
        """The carrier's references, one a part.

        Raises ProviderError when refused, NotSubmitted when it certainly did not leave, OutcomeUnknown when
        it left and no answer came.
        """
        parts = [self._submit_part(fields) for fields in smpp.submit_fields(sms)]
        answers = await asyncio.gather(*parts, return_exceptions=True)
        errors = [answer for answer in answers if isinstance(answer, BaseException)]
        if not errors:
            return tuple(str(answer) for answer in answers)
        raise _worst(errors, some_taken=len(errors) < len(answers))

    def acknowledge(self, delivery: Delivery) -> None:
        """Tell the carrier that this delivery is safe with us."""
        self._answer("deliver_sm_resp", delivery.sequence)

    async def unbind(self) -> None:
        """Say good-bye and close; the carrier's answer is not waited for long."""
        self._leaving = True
        if not self.closed.is_set():
            self._response_seconds = min(self._response_seconds, 2)
            try:
                await self._ask("unbind")
            except ProviderError:
                logger.info("the carrier did not answer our unbind")
        self.close()

    def close(self) -> None:
        """End the connection; everything still unanswered has an unknown outcome."""
        if self.closed.is_set():
            return
        self.closed.set()
        self._writer.close()
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(OutcomeUnknown("the connection ended before the carrier answered"))

    # --- asking ---

    async def _submit_part(self, fields: dict[str, Any]) -> str:
        """The carrier's reference. A carrier that says "too fast" is offered the part again, slower."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + THROTTLED_SECONDS
        while True:
            async with self._window:
                await self._wait_for_pause()
                status, body = await self._ask("submit_sm", **fields)
            if status == consts.SMPP_ESME_ROK:
                self._pause /= 2
                return smpp.message_id(body)
            if status not in smpp.THROTTLED or loop.time() > give_up_at:
                raise smpp.refusal(status)
            self._slow_down()

    async def _wait_for_pause(self) -> None:
        while (left := self._resume_at - asyncio.get_running_loop().time()) > 0 and not self.closed.is_set():
            await asyncio.sleep(left)

    def _slow_down(self) -> None:
        """Once a burst, not once for each refusal in it."""
        now = asyncio.get_running_loop().time()
        if now >= self._resume_at:
            self._pause = min(max(self._pause * 2, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
            self._resume_at = now + self._pause
            logger.warning("the carrier is full: waiting %.1f s", self._pause)

    async def _ask(self, name: str, **fields: Any) -> tuple[int, bytes]:
        """(status, body) of the carrier's answer."""
        if self.closed.is_set():
            raise NotSubmitted("there is no connection to the carrier")
        sequence = next(self._sequences)
        future = asyncio.get_running_loop().create_future()
        self._waiting[sequence] = future
        self._writer.write(smpp.pdu(name, sequence, **fields))
        try:
            return await asyncio.wait_for(future, self._response_seconds)
        except TimeoutError:
            raise OutcomeUnknown(f"no answer to {name} within {self._response_seconds:g} s") from None
        finally:
            del self._waiting[sequence]

    async def _keep_alive(self, every_seconds: float) -> None:
        """A connection may die without a word; the question finds out."""
        while True:
            await asyncio.sleep(every_seconds)
            try:
                await self._ask("enquire_link")
            except ProviderError as error:
                logger.warning("the bind is dead: %s", error)
                self.close()
                return

    # --- reading ---

    async def _read(self) -> None:
        try:
            while True:
                header = await self._reader.readexactly(HEADER.size)
                length, code, status, sequence = HEADER.unpack(header)
                if not HEADER.size <= length <= LONGEST_PDU:
                    raise StreamBroken(f"a PDU of {length} bytes")
                body = await self._reader.readexactly(length - HEADER.size)
                if code & IS_RESPONSE:
                    self._settle(code, status, sequence, body)
                else:
                    await self._serve(code, sequence, header + body)
        except (asyncio.IncompleteReadError, OSError, StreamBroken) as error:
            level = logging.INFO if self._leaving else logging.WARNING
            logger.log(level, "the connection to the carrier ended: %s", error)
        finally:
            self.close()

    def _settle(self, code: int, status: int, sequence: int, body: bytes) -> None:
        """Somebody waits for this answer, or it came too late to be believed."""
        future = self._waiting.get(sequence)
        if future is not None and not future.done():
            future.set_result((status or _implied(code), body))
        elif code == CODES["generic_nack"]:
            raise StreamBroken("the carrier could not read what we sent")
        else:
            logger.warning("answer %d came too late", sequence)

    async def _serve(self, code: int, sequence: int, wire: bytes) -> None:
        serve: Callable[[int, bytes], Awaitable[None]] | None = {
            CODES["deliver_sm"]: self._on_deliver,
            CODES["enquire_link"]: self._on_enquire_link,
            CODES["unbind"]: self._on_unbind,
        }.get(code)
        if serve is None:
            self._answer("generic_nack", sequence, status=consts.SMPP_ESME_RINVCMDID)
        else:
            await serve(sequence, wire)

    async def _on_deliver(self, sequence: int, wire: bytes) -> None:
        try:
            content = smpp.read_deliver(wire)
        except ValueError as error:
            logger.warning("%s", error)
            self._answer("deliver_sm_resp", sequence, status=consts.SMPP_ESME_RX_P_APPN)
            return
        await self.deliveries.put(Delivery(sequence, content))

    async def _on_enquire_link(self, sequence: int, _: bytes) -> None:
        self._answer("enquire_link_resp", sequence)

    async def _on_unbind(self, sequence: int, _: bytes) -> None:
        self._answer("unbind_resp", sequence)
        raise StreamBroken("the carrier unbound us")

    def _answer(self, name: str, sequence: int, status: int = consts.SMPP_ESME_ROK) -> None:
        if not self.closed.is_set():
            self._writer.write(smpp.pdu(name, sequence, status=status))


def _implied(code: int) -> int:
    """A generic_nack without a reason still refuses."""
    unknown: int = consts.SMPP_ESME_RUNKNOWNERR
    return unknown if code == CODES["generic_nack"] else 0


def _worst(errors: list[BaseException], *, some_taken: bool) -> BaseException:
    """What the failure of one part means for the whole message, so that no part is ever sent twice."""
    for kind in (asyncio.CancelledError, OutcomeUnknown):
        found = next((error for error in errors if isinstance(error, kind)), None)
        if found is not None:
            return found
    if some_taken:
        return ProviderError(f"only some parts were taken; {errors[0]}", permanent=True)
    return next((error for error in errors if not isinstance(error, NotSubmitted)), errors[0])
