"""One caller's AGI session: commands to Asterisk with typed results. Every command may raise CallerHungUp."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hotline.errors import HotlineError, InvalidInput

# Asterisk's own buffer is 2048 bytes; what does not fit would be read as a second command.
COMMAND_BYTES_MAX = 2000
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
REPLY = re.compile(r"(?P<code>\d{3})(?P<more>[ -])(?:result=(?P<result>\S*))?(?: \((?P<data>.*)\))?")
DEAD_CHANNEL = 511
# Long enough for a slow hand, and not felt by who pressed all there is to press.
BETWEEN_KEYS_SECONDS = 3


class CallerHungUp(HotlineError):
    """The caller is gone; nothing more can be said or set."""

    code = "caller_hung_up"


class AgiFailed(HotlineError):
    """Asterisk refused a command or could not play a file, with the caller still on the line."""

    code = "agi_failed"


class Reply(NamedTuple):
    code: int
    result: str
    data: str
    """What stood in parentheses: a variable's value, or "timeout"."""


class Keys(NamedTuple):
    """What the caller pressed (without the closing #), and whether we stopped waiting for more."""

    pressed: str
    timed_out: bool


ONLY_HASH = Keys("", False)


class AgiSession:
    """Made by the server, one a call; `request` holds Asterisk's agi_ values without that prefix."""

    def __init__(
        self, request: Mapping[str, str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.request = request
        self._reader = reader
        self._writer = writer
        self._full = False
        self._seconds = 0

    @property
    def path(self) -> str:
        """'public_line' of agi://host:port/public_line."""
        return self.request.get("network_script", "").partition("?")[0]

    @property
    def unique_id(self) -> str:
        """Asterisk's name of the channel, the same in every AMI event (Uniqueid)."""
        return self.request.get("uniqueid", "")

    @property
    def channel(self) -> str:
        return self.request.get("channel", "")

    @property
    def caller_number(self) -> str:
        """As the carrier wrote it; empty when withheld."""
        number = self.request.get("callerid", "")
        return "" if number == "unknown" else number

    @property
    def dialled_number(self) -> str:
        number = self.request.get("dnid", "")
        return self.request.get("extension", "") if number in ("", "unknown") else number

    def argument(self, number: int) -> str:
        """What the dialplan gave along, from 1; '' when it gave less."""
        return self.request.get(f"arg_{number}", "")

    async def answer(self) -> None:
        await self._command("ANSWER")

    async def hangup(self) -> None:
        """End the call. The session is over."""
        await self._command("HANGUP")

    async def set_language(self, language: str) -> None:
        """From here on prompts are taken from that language's directory."""
        await self.set_variable("CHANNEL(language)", language)

    async def stream_file(self, file: str) -> None:
        """Play a prompt to its end."""
        await self._command("STREAM FILE", file, "")

    async def get_data(self, *files: str, seconds: int, max_digits: int) -> Keys:
        """Play prompts, which a key stops; collect keys until #, `max_digits` or a silence.

        The silence is `seconds` before the first key, BETWEEN_KEYS_SECONDS after it: a lone 0 is not kept
        waiting. Answers a line that still rings.
        """
        await self._wait_for_keys(seconds)
        while True:
            keys = await self._read(files, max_digits)
            # Four digits and #: when four were enough, that # comes now, and means nothing.
            if keys != ONLY_HASH or not self._full:
                break
            self._full = False
        self._full = len(keys.pressed) == max_digits
        return keys

    async def record(self, file: str, *, seconds: int, silence: int) -> str:
        """A tone, then what is said into `file`.wav until # or 0, `silence` seconds of it, or `seconds`.

        The key that ended it, or ''. Raises AgiFailed when it cannot be written; CallerHungUp leaves what was
        said until then.
        """
        asked = ("wav", "#0", str(seconds * 1000), "BEEP", f"s={silence}")
        reply = await self._command("RECORD FILE", file, *asked)
        return chr(int(reply.result)) if int(reply.result) > 0 else ""

    async def listen(self, *files: str, recording: str, max_digits: int) -> Keys:
        """Play prompts and a tone, then record until a key, the end of a sentence or of the time.

        No keys: whatever was said is in `recording` a moment later. All in one command (the dialplan's
        `listen`), so that no key is lost in between.
        """
        arguments = f"{'&'.join(files)},{max_digits},{recording}"
        await self._command("GOSUB", "listen", "s", "1", arguments)
        keys = Keys(await self.get_variable("HOTLINE_KEYS"), False)
        self._full = len(keys.pressed) == max_digits
        return keys

    async def _wait_for_keys(self, seconds: int) -> None:
        """The channel's own time-outs; Read has but one for both."""
        if seconds != self._seconds:
            between = min(seconds, BETWEEN_KEYS_SECONDS)
            await self.execute("MSet", f"TIMEOUT(response)={seconds}", f"TIMEOUT(digit)={between}")
            self._seconds = seconds

    async def _read(self, files: Sequence[str], max_digits: int) -> Keys:
        """One application for all prompts and keys: Asterisk drops a key pressed between two commands."""
        await self.execute("Read", "HOTLINE_KEYS", "&".join(files), str(max_digits), "", "1")
        reply = await self._command("GET FULL VARIABLE", "${READSTATUS}:${HOTLINE_KEYS}")
        status, _, pressed = reply.data.partition(":")
        return Keys(pressed, status == "TIMEOUT")

    async def set_variable(self, name: str, value: str) -> None:
        await self._command("SET VARIABLE", name, value)

    async def get_variable(self, name: str) -> str:
        """'' when it is not set."""
        return (await self._command("GET VARIABLE", name)).data

    async def execute(self, application: str, *arguments: str) -> None:
        """Run a dialplan application. Raises AgiFailed when there is none of that name."""
        reply = await self._command("EXEC", application, ",".join(arguments))
        if reply.result == "-2":
            raise AgiFailed(f"no application {application}")

    async def _command(self, name: str, *arguments: str) -> Reply:
        reply = await self._send(" ".join((name, *(_quoted(name, argument) for argument in arguments))))
        if reply.result == "-1":
            # Asterisk says -1 both for a caller who left and for a file it cannot play.
            await self._send("CHANNEL STATUS")
            raise AgiFailed(f"{name} {' '.join(arguments)}")
        return reply

    async def _send(self, line: str) -> Reply:
        try:
            self._writer.write(line.encode() + b"\n")
            await self._writer.drain()
            return await self._reply(line)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            raise CallerHungUp("the connection to Asterisk ended") from error
        except asyncio.LimitOverrunError as error:
            raise AgiFailed(f"{line}: answer too long") from error

    async def _line(self) -> str:
        return (await self._reader.readuntil(b"\n")).decode(errors="replace").rstrip("\n")

    async def _reply(self, line: str) -> Reply:
        text = await self._line()
        # Sent when AGISIGHUP is on; it is no answer to any command.
        if text == "HANGUP":
            raise CallerHungUp("the caller hung up")
        # GOSUB says first that it tries.
        if text.startswith("100 "):
            text = await self._line()
        match = REPLY.match(text)
        if match is None:
            raise AgiFailed(f"{line}: unreadable answer")
        if match["more"] == "-":
            while (await self._line())[:4] != match["code"] + " ":
                pass
        code = int(match["code"])
        if code == DEAD_CHANNEL:
            raise CallerHungUp("the caller hung up")
        if code != 200:
            raise AgiFailed(f"{line}: {text}")
        return Reply(code, match["result"] or "", match["data"] or "")


def _quoted(command: str, argument: str) -> str:
    if CONTROL.search(argument):
        raise InvalidInput(command, "an argument must not hold line breaks or control characters")
    if len(argument.encode()) > COMMAND_BYTES_MAX:
        raise InvalidInput(command, f"an argument must not be longer than {COMMAND_BYTES_MAX} bytes")
    return '"' + argument.replace("\\", "\\\\").replace('"', '\\"') + '"'
