"""panoramisk's AMI protocol with its faults closed (docs/decisions/panoramisk.md). Used by ami.py only."""

import asyncio
import codecs
import re
from collections.abc import Callable, Mapping, Sequence

from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message
from panoramisk.utils import EOL

from hotline.errors import HotlineError, InvalidInput

# Asterisk drops a longer line without an answer.
LINE_BYTES_MAX = 1000
# Asterisk's word for a number or name that is not known.
UNKNOWN = "<unknown>"
CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Value = str | int | bool | Sequence[str]


class AmiError(HotlineError):
    """An action did not succeed."""

    code = "ami_error"


class AmiDisconnected(AmiError):
    """No connection, or it was lost before the answer came: the action may or may not have been done."""

    code = "ami_disconnected"


class AmiTimeout(AmiError):
    """No answer in time; the action may or may not have been done."""

    code = "ami_timeout"


class AmiRefused(AmiError):
    """Asterisk answered no; the text is its reason."""

    code = "ami_refused"


class AmiMessage:
    """One answer or event. Header names in any case; a missing header is an empty text."""

    def __init__(self, headers: Mapping[str, str | list[str]]) -> None:
        self._headers = headers

    @property
    def event(self) -> str:
        return self["Event"]

    def __getitem__(self, name: str) -> str:
        values = self.all(name)
        return values[0] if values else ""

    def all(self, name: str) -> list[str]:
        """Every value of a header that may stand more than once."""
        value = self._headers.get(name, [])
        values = value if isinstance(value, list) else [value]
        return ["" if text == UNKNOWN else text for text in values]

    def variables(self, header: str = "ChanVariable") -> dict[str, str]:
        """The channel variables Asterisk adds to each event (conf.CHANNEL_VARIABLES)."""
        pairs = (pair.partition("=") for pair in self.all(header))
        return {name: value for name, _, value in pairs}

    def __repr__(self) -> str:
        # Without the values: they hold telephone numbers.
        return f"<AmiMessage {self.event or self['Response']}>"


class Exchange(Action):
    """One action and the messages that answer it.

    panoramisk guesses from the wording of the first answer whether more will follow, and waits for ever when
    it is wrong; here the sender says what ends it, and whether the events that answer are for it alone.
    """

    def __init__(
        self, headers: Mapping[str, Value], *, until: Callable[[AmiMessage], bool], keeps_events: bool = False
    ) -> None:
        super().__init__({name: _written(name, value) for name, value in headers.items()})
        self.until = until
        self.keeps_events = keeps_events
        self.received: list[AmiMessage] = []

    def add_message(self, message: Message) -> bool:
        """True once complete (the name and the result are panoramisk's)."""
        answer = AmiMessage(message)
        self.received.append(answer)
        if not self.until(answer):
            return False
        if not self.future.done():
            self.future.set_result(self.received)
        return True


class Wire(AMIProtocol):
    """One TCP connection. `on_event` gets every event but the items of a list that somebody awaits."""

    encoding = "utf8"

    def __init__(self, on_event: Callable[[AmiMessage], None]) -> None:
        self.on_event = on_event
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.responses: dict[str, Exchange] = {}
        # One decoder for the whole stream: a Chinese character may be cut by a segment.
        self._decoder = codecs.getincrementaldecoder("utf8")("replace")
        self._rest = ""

    def data_received(self, data: bytes) -> None:
        *blocks, self._rest = (self._rest + self._decoder.decode(data)).split(EOL + EOL)
        for block in blocks:
            message = Message.from_line(block.strip())
            if message is not None:
                self.handle_message(message)

    def handle_message(self, message: Message) -> None:
        exchange = self.responses.get(message.id)
        if exchange is not None and exchange.add_message(message):
            self.responses.pop(exchange.id, None)
        if "event" in message and not (exchange is not None and exchange.keeps_events):
            self.on_event(AmiMessage(message))

    def connection_lost(self, exc: object) -> None:
        """Whoever waits is told at once; nothing is sent again on the next connection (panoramisk would)."""
        for exchange in self.responses.values():
            if not exchange.future.done():
                exchange.future.set_exception(AmiDisconnected("the connection to Asterisk was lost"))
        self.responses.clear()
        if not self.lost.done():
            self.lost.set_result(None)

    async def exchange(self, exchange: Exchange, seconds: float) -> list[AmiMessage]:
        """Send and await. Raises AmiTimeout, AmiDisconnected, AmiRefused; nothing is left in `responses`."""
        if self.lost.done():
            raise AmiDisconnected("there is no connection to Asterisk")
        try:
            async with asyncio.timeout(seconds):
                received: list[AmiMessage] = await self.send(exchange)
        except TimeoutError as error:
            raise AmiTimeout(f"{exchange['action']}: no answer in {seconds:g} s") from error
        finally:
            self.responses.pop(exchange.id, None)
        for answer in received:
            if answer["Response"] == "Error":
                raise AmiRefused(f"{exchange['action']}: {answer['Message']}")
        return received


def _written(field: str, value: Value) -> str | list[str]:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return _checked(field, str(value))
    return [_checked(field, each) for each in value]


def _checked(field: str, text: str) -> str:
    """A line break in a value would start a second action."""
    if CONTROL.search(text):
        raise InvalidInput(field, "must not hold line breaks or control characters")
    if len(f"{field}: {text}".encode(errors="replace")) > LINE_BYTES_MAX:
        raise InvalidInput(field, f"must not be longer than {LINE_BYTES_MAX} bytes")
    return text
