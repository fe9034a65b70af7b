"""The manager interface against a real Asterisk: panoramisk's faults 7 to 12 stay closed."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hotline.errors import InvalidInput
from hotline.telephony.asterisk.ami import (
    Ami,
    AmiDisconnected,
    AmiMessage,
    AmiRefused,
    AmiTimeout,
    Outbound,
)
from hotline.telephony.asterisk.conf import WANTED_EVENTS
from hotline.telephony.asterisk.instance import AsteriskInstance
from hotline.telephony.asterisk.sipp import Sipp, talk, wait_for_hang_up
from tests.support.asterisk import DESKS, Events, ami_of, running_asterisk

QUEUE = "hotline_12345"
CHINESE = "市民服务热线" * 12


def test_an_agent_joins_and_leaves_a_queue_and_each_step_is_answered(asterisk: AsteriskInstance) -> None:
    async def story() -> None:
        async with ami_of(asterisk) as ami:
            await ami.action("QueueAdd", Queue=QUEUE, Interface="PJSIP/8001", MemberName="张三", Paused=True)
            await ami.action("QueuePause", Queue=QUEUE, Interface="PJSIP/8001", Paused=True, Reason="用餐")
            members = await ami.list_action("QueueStatus", Queue=QUEUE)
            told = [(m["Name"], m["PausedReason"]) for m in members if m.event == "QueueMember"]
            assert told == [("张三", "用餐")]
            await ami.action("QueueRemove", Queue=QUEUE, Interface="PJSIP/8001")
            left = await ami.list_action("QueueStatus", Queue=QUEUE)
            assert [m.event for m in left] == ["QueueParams"]

    asyncio.run(story())


def test_a_refusal_is_an_error_with_asterisks_reason(asterisk: AsteriskInstance) -> None:
    async def story() -> None:
        async with ami_of(asterisk) as ami:
            with pytest.raises(AmiRefused, match="No such queue"):
                await ami.action("QueueAdd", Queue="no_such", Interface="PJSIP/8001")
            with pytest.raises(AmiRefused, match="No Contacts found"):
                await ami.list_action("PJSIPShowContacts")

    asyncio.run(story())


def test_a_wrong_password_is_an_error(asterisk: AsteriskInstance) -> None:
    async def story() -> None:
        with pytest.raises(AmiRefused, match="Authentication failed"):
            async with Ami("127.0.0.1", asterisk.settings.ami_port, "hotline", "wrong"):
                pass

    asyncio.run(story())


def test_a_transfer_that_is_only_queued_keeps_the_connection(asterisk: AsteriskInstance, sipp: Sipp) -> None:
    """'Atxfer successfully queued' tore panoramisk's connection down."""

    async def story() -> None:
        events = Events()
        async with ami_of(asterisk, on_event=events) as ami:
            await ami.action("QueueAdd", Queue=QUEUE, Interface="PJSIP/8001")
            with (
                sipp.agents(DESKS[:1], talk(), wait_for_hang_up()),
                sipp.call("12345", talk(), wait_for_hang_up()),
            ):
                agent = (await events.wait_for("AgentConnect"))["DestChannel"]
                await asyncio.sleep(0.3)  # until they are bridged
                answer = await ami.action("Atxfer", Channel=agent, Context="from-agents", Exten="8002")
                assert "successfully queued" in answer["Message"]
                assert (await ami.action("Ping"))["Ping"] == "Pong"
                await ami.action("Hangup", Channel=agent)
                await events.wait_for("Hangup")
            await ami.action("QueueRemove", Queue=QUEUE, Interface="PJSIP/8001")
            assert {event.event for event in events.seen} <= set(WANTED_EVENTS)

    asyncio.run(story())


def test_no_chinese_character_is_lost_in_thousands_of_answers(asterisk: AsteriskInstance) -> None:
    async def story() -> None:
        async with ami_of(asterisk) as ami:
            await ami.action("Setvar", Variable="TEXT", Value=CHINESE)
            answers = await asyncio.gather(*(ami.action("Getvar", Variable="TEXT") for _ in range(2000)))
            assert {answer["Value"] for answer in answers} == {CHINESE}

    asyncio.run(story())


def test_the_end_of_an_outbound_call_reaches_the_caller_and_the_listener(asterisk: AsteriskInstance) -> None:
    async def story() -> None:
        events = Events()
        async with ami_of(asterisk, on_event=events) as ami:
            result = await ami.originate(Outbound(channel="PJSIP/8003", context="survey"))
            assert not result.answered
            assert (await events.wait_for("OriginateResponse"))["Response"] == "Failure"
            await ami.launch(Outbound(channel="PJSIP/8003", context="survey"))
            await events.wait_for("OriginateResponse", count=2)

    asyncio.run(story())


@pytest.mark.parametrize("bad", ["x\r\n\r\nAction: UserEvent\r\nUserEvent: Injected", "x\ny", "x\ry", "x\0y"])
def test_a_value_cannot_start_a_second_action(asterisk: AsteriskInstance, bad: str) -> None:
    async def story() -> None:
        events = Events()
        async with ami_of(asterisk, on_event=events) as ami:
            with pytest.raises(InvalidInput) as refused:
                await ami.action("Setvar", Variable="X", Value=bad)
            assert refused.value.field == "Value"
            with pytest.raises(InvalidInput):
                await ami.launch(Outbound(channel="PJSIP/8001", context="survey", variables={"X": bad}))
            await ami.action("UserEvent", UserEvent="Last")
            await events.wait_for("UserEvent")
            assert [event["UserEvent"] for event in events.named("UserEvent")] == ["Last"]

    asyncio.run(story())


def test_a_value_asterisk_would_drop_is_refused(asterisk: AsteriskInstance) -> None:
    async def story() -> None:
        async with ami_of(asterisk) as ami:
            with pytest.raises(InvalidInput, match="longer"):
                await ami.action("Setvar", Variable="X", Value="热" * 400)

    asyncio.run(story())


def test_a_failing_listener_hears_the_next_event(asterisk: AsteriskInstance) -> None:
    async def story() -> None:
        events = Events()

        async def listen(event: AmiMessage) -> None:
            await events(event)
            raise ValueError("a bug")

        async with ami_of(asterisk, on_event=listen) as ami:
            for number in range(3):
                await ami.action("UserEvent", UserEvent="Step", Number=str(number))
            await events.wait_for("UserEvent", count=3)
            assert [event["Number"] for event in events.named("UserEvent")] == ["0", "1", "2"]

    asyncio.run(story())


def test_after_a_restart_of_asterisk_the_connection_comes_back(tmp_path: Path) -> None:
    async def story() -> None:
        connections: asyncio.Queue[Ami] = asyncio.Queue()
        with running_asterisk(tmp_path) as own:
            async with ami_of(own, on_connect=connections.put) as ami:
                await asyncio.wait_for(connections.get(), 5)
                own.stop()
                await asyncio.sleep(0.2)
                assert not ami.connected
                with pytest.raises(AmiDisconnected):
                    await ami.action("Ping")
                own.start()
                await asyncio.wait_for(connections.get(), 10)
                await ami.action("QueueAdd", Queue=QUEUE, Interface="PJSIP/8001")

    asyncio.run(story())


def test_an_asterisk_that_hangs_is_noticed_within_seconds(tmp_path: Path) -> None:
    async def story() -> None:
        with running_asterisk(tmp_path) as own:
            assert own.process is not None
            async with ami_of(own, heartbeat_seconds=0.5) as ami:
                os.kill(own.process.pid, signal.SIGSTOP)
                await asyncio.sleep(0.1)  # until every thread stands still
                try:
                    with pytest.raises(AmiDisconnected):
                        await ami.action("QueueSummary", seconds=4)
                    assert not ami.connected
                finally:
                    os.kill(own.process.pid, signal.SIGCONT)

    asyncio.run(story())


class SlowPeer:
    """Speaks AMI over a real socket, one byte at a time, and answers only what it is told to."""

    def __init__(self, *answered: str) -> None:
        self.answered = {"Login", *answered}
        self.received: list[str] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                block = (await reader.readuntil(b"\r\n\r\n")).decode()
                fields = dict(line.split(": ", 1) for line in block.strip().splitlines())
                self.received.append(fields["Action"])
                if fields["Action"] in self.answered:
                    await self._say(
                        writer, f"Response: Success\r\nActionID: {fields['ActionID']}\r\nValue: {CHINESE}"
                    )
                if fields["Action"] == "Login":
                    await self._say(writer, "Event: FullyBooted")

    async def _say(self, writer: asyncio.StreamWriter, text: str) -> None:
        for byte in f"{text}\r\n\r\n".encode():
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)

    @contextlib.asynccontextmanager
    async def serving(self, **options: float) -> AsyncIterator[Ami]:
        server = await asyncio.start_server(self, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, Ami("127.0.0.1", port, "hotline", "x", **options) as ami:
            yield ami


def test_a_character_cut_by_a_segment_arrives_whole() -> None:
    async def story() -> None:
        async with SlowPeer("Getvar").serving(heartbeat_seconds=30) as ami:
            assert (await ami.action("Getvar", Variable="TEXT"))["Value"] == CHINESE

    asyncio.run(story())


def test_an_unanswered_action_ends_in_time_and_leaves_nothing_behind() -> None:
    async def story() -> None:
        async with SlowPeer().serving(heartbeat_seconds=30) as ami:
            with pytest.raises(AmiTimeout, match="QueueAdd: no answer"):
                await ami.action("QueueAdd", seconds=0.2)
            waiting = asyncio.create_task(ami.action("QueueAdd"))
            await asyncio.sleep(0.1)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            assert ami.pending == 0

    asyncio.run(story())


def test_a_call_is_not_made_twice_because_the_connection_was_lost() -> None:
    """panoramisk sends unanswered actions again on the next connection."""

    async def story() -> None:
        peer = SlowPeer()
        async with peer.serving(heartbeat_seconds=0.3) as ami:
            with pytest.raises(AmiDisconnected):
                await ami.originate(Outbound(channel="PJSIP/8001", context="survey"))
            await asyncio.sleep(1)
        assert peer.received.count("Originate") == 1
        assert peer.received.count("Login") >= 2

    asyncio.run(story())
