"""The FastAGI server on a real socket: panoramisk's faults 1 to 6 stay closed."""

import asyncio
import resource
import time
from collections.abc import Awaitable, Callable

import pytest

from hotline.errors import InvalidInput
from ivr.asterisk.agi import AgiFailed, AgiSession, CallerHungUp, Keys
from ivr.asterisk.agi_server import AgiServer, Handler

REQUEST = b"""agi_network: yes
agi_network_script: %s
agi_request: agi://127.0.0.1/public_line
agi_channel: PJSIP/trunk-00000001
agi_language: zh
agi_uniqueid: hotline-1.1
agi_callerid: 13800138000
agi_dnid: 12345
agi_extension: 12345

"""


class Switch:
    """Asterisk's side of one session: sends the request, answers commands with what it is given."""

    def __init__(self, port: int, script: bytes = b"public_line") -> None:
        self.port, self.script = port, script

    async def __aenter__(self) -> "Switch":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(REQUEST % self.script)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def command(self, answer: bytes = b"200 result=0") -> str:
        """The next command, which gets this answer."""
        line = await asyncio.wait_for(self.reader.readline(), 5)
        self.writer.write(answer + b"\n")
        return line.decode().rstrip("\n")


def played(dialogue: Handler, *answers: bytes) -> tuple[list[str], BaseException | None]:
    """The commands of one dialogue that gets these answers, and how it ended."""
    ended: list[BaseException | None] = []

    async def watched(session: AgiSession) -> None:
        try:
            await dialogue(session)
            ended.append(None)
        except Exception as error:
            ended.append(error)

    async def story() -> list[str]:
        async with AgiServer({"public_line": watched}, "127.0.0.1", 0) as server:
            async with Switch(server.port) as switch:
                commands = [await switch.command(answer) for answer in answers]
            while not ended:
                await asyncio.sleep(0.01)
            return commands

    return asyncio.run(story()), ended[0]


def result_of(ask: Callable[[AgiSession], Awaitable[object]], *answers: bytes) -> object:
    results: list[object] = []

    async def dialogue(session: AgiSession) -> None:
        results.append(await ask(session))

    _, error = played(dialogue, *answers)
    if error:
        raise error
    return results[0]


async def serves_a_call(server: AgiServer) -> None:
    async with Switch(server.port) as switch:
        assert await switch.command() == "ANSWER"


async def answer(session: AgiSession) -> None:
    await session.answer()


STRANGERS = {
    "a health check that connects and leaves": b"",
    "half a request": b"agi_network: yes\n",
    "a web browser": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "noise": bytes(range(256)) * 4,
    "a request without end": b"x" * 100_000,
    "an empty request": b"\n\n",
    "bytes that are no text": b"agi_network_script: \xff\xfe\n\n",
}


@pytest.mark.parametrize("sent", STRANGERS.values(), ids=STRANGERS.keys())
def test_a_stranger_disturbs_nobody(sent: bytes) -> None:
    async def story() -> None:
        async with AgiServer({"public_line": answer}, "127.0.0.1", 0, request_seconds=0.3) as server:
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(sent)
            await serves_a_call(server)
            writer.close()
            _, silent = await asyncio.open_connection("127.0.0.1", server.port)
            silent.write(sent)
            before = time.process_time()
            await asyncio.sleep(0.8)
            assert time.process_time() - before < 0.3
            assert server.sessions == 0
            await serves_a_call(server)

    asyncio.run(story())


def test_ten_thousand_silent_connections_do_not_keep_a_caller_out() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 24_000), hard))
    count = min(10_000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 1_000)

    async def story() -> None:
        async with AgiServer({"public_line": answer}, "127.0.0.1", 0, request_seconds=60) as server:
            writers = []
            for number in range(count):
                _, writer = await asyncio.open_connection("127.0.0.1", server.port)
                writers.append(writer)
                if number % 1000 == 0:
                    await serves_a_call(server)
            await serves_a_call(server)
            assert server.sessions <= 300
            for writer in writers:
                writer.transport.abort()
            async with asyncio.timeout(30):
                while server.sessions:
                    await asyncio.sleep(0.05)

    try:
        asyncio.run(story())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_closed_server_leaves_no_dialogue_behind() -> None:
    async def story() -> None:
        server = await AgiServer({"public_line": answer}, "127.0.0.1", 0).__aenter__()
        async with Switch(server.port) as switch:
            assert await switch.reader.readline() == b"ANSWER\n"
            await server.__aexit__(None, None, None)
            assert server.sessions == 0
            assert await switch.reader.read() == b""

    asyncio.run(story())


@pytest.mark.parametrize(
    ("answer", "keys"),
    [
        (b"OK:0301", Keys("0301", False)),
        (b"TIMEOUT:", Keys("", True)),
        (b"TIMEOUT:03", Keys("03", True)),
        (b"OK:", Keys("", False)),
        (b"OK:*9", Keys("*9", False)),
    ],
)
def test_keys_silence_and_the_hash_are_told_apart(answer: bytes, keys: Keys) -> None:
    answers = (b"200 result=0", b"200 result=0", b"200 result=1 (%b)" % answer)
    assert result_of(lambda call: call.get_data("menu", seconds=5, max_digits=5), *answers) == keys


GONE = {
    "a HANGUP line": (b"HANGUP",),
    "a HANGUP line before the answer": (b"HANGUP\n200 result=0",),
    "a dead channel": (b"511 Command Not Permitted on a dead channel or intercept routine",),
    "-1, and then a dead channel": (b"200 result=-1", b"511 Command Not Permitted on a dead channel"),
    "the end of the connection": (),
    "-1, and then the end": (b"200 result=-1",),
}


@pytest.mark.parametrize("answers", GONE.values(), ids=GONE.keys())
def test_a_hang_up_is_one_clear_error_however_it_shows(answers: tuple[bytes, ...]) -> None:
    async def dialogue(session: AgiSession) -> None:
        await session.get_data("menu", seconds=5, max_digits=4)

    _, error = played(dialogue, *answers)
    assert isinstance(error, CallerHungUp | AgiFailed)
    assert isinstance(error, CallerHungUp) == (
        "half" not in str(answers[-1:]) and answers[-1:] != (b"200 res",)
    )


def test_a_missing_prompt_is_not_a_hang_up() -> None:
    with pytest.raises(AgiFailed, match="STREAM FILE menu"):
        result_of(lambda call: call.stream_file("menu"), b"200 result=-1 endpos=0", b"200 result=6")


def test_the_answer_after_a_refused_command_is_not_mistaken() -> None:
    async def dialogue(session: AgiSession) -> str:
        with pytest.raises(AgiFailed, match="520"):
            await session.answer()
        with pytest.raises(AgiFailed, match="510"):
            await session.answer()
        return await session.get_variable("X")

    usage = b"520-Invalid command syntax.  Proper usage follows:\nUsage: ANSWER\n520 End of proper usage."
    assert (
        result_of(dialogue, usage, b"510 Invalid or unknown command", b"200 result=1 (a (b) c)") == "a (b) c"
    )


def test_all_prompts_and_keys_are_one_command_or_a_key_between_two_would_be_lost() -> None:
    async def ask(session: AgiSession) -> None:
        await session.get_data("greeting", "menu", seconds=6, max_digits=5)

    commands, _ = played(ask, b"200 result=0", b"200 result=0", b"200 result=1 (OK:0301)")
    assert commands == [
        'EXEC "MSet" "TIMEOUT(response)=6,TIMEOUT(digit)=3"',
        'EXEC "Read" "HOTLINE_KEYS,greeting&menu,5,,1"',
        'GET FULL VARIABLE "${READSTATUS}:${HOTLINE_KEYS}"',
    ]


def test_the_hash_after_a_full_number_is_not_the_answer_to_the_next_question() -> None:
    async def ask(session: AgiSession) -> tuple[Keys, Keys]:
        first = await session.get_data("menu", seconds=5, max_digits=4)
        return first, await session.get_data("confirm", seconds=4, max_digits=1)

    read = [(b"200 result=0", b"200 result=1 (OK:%b)" % keys) for keys in (b"0301", b"", b"1")]
    patience = [(b"200 result=0",), (b"200 result=0",)]  # first five seconds, then four
    answers = [patience[0], read[0], patience[1], *read[1:]]
    assert result_of(ask, *(answer for some in answers for answer in some)) == (
        Keys("0301", False),
        Keys("1", False),
    )


def test_a_value_is_quoted_and_a_line_break_refused() -> None:
    async def dialogue(session: AgiSession) -> None:
        await session.set_variable("NAME", 'say "hi" \\ 张三')
        for bad in ("a\nHANGUP", "a\rb", "a\0b", "长" * 1000):
            with pytest.raises(InvalidInput):
                await session.set_variable("NAME", bad)

    commands, error = played(dialogue, b"200 result=1")
    assert error is None
    assert commands == ['SET VARIABLE "NAME" "say \\"hi\\" \\\\ 张三"']


def test_a_dialogue_that_fails_leaves_the_caller_to_the_operators(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(session: AgiSession) -> None:
        await session.set_variable("HOTLINE_QUEUE", "elsewhere")
        raise ValueError("a bug")

    async def story() -> None:
        async with AgiServer({"public_line": broken}, "127.0.0.1", 0) as server:
            async with Switch(server.port) as switch:
                assert await switch.command(b"200 result=1") == 'SET VARIABLE "HOTLINE_QUEUE" "elsewhere"'
                assert await switch.command(b"200 result=1") == 'SET VARIABLE "HOTLINE_QUEUE" ""'
            async with Switch(server.port, script=b"no_such_dialogue") as switch:
                assert await switch.reader.read() == b""

    asyncio.run(story())
    assert "hotline-1.1" in caplog.text
    assert "13800138000" not in caplog.text
