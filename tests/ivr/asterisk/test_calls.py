"""Real SIP calls through a real Asterisk into our dialogue, the queue, an agent's ear and a recording."""

import asyncio
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hotline.telephony.asterisk.ami import Ami, Outbound
from hotline.telephony.asterisk.instance import AsteriskInstance
from hotline.telephony.asterisk.sipp import Phones, Sipp, hang_up, key, keys, pause, talk, wait_for_hang_up
from ivr.asterisk.agi import AgiSession, CallerHungUp, Keys
from ivr.asterisk.agi_server import AgiServer, Handler
from tests.support.asterisk import DESKS, Events, ami_of, running_asterisk

QUEUE = "hotline_12345"


@asynccontextmanager
async def line(
    asterisk: AsteriskInstance, *members: str, **routes: Handler
) -> AsyncIterator[tuple[Ami, Events]]:
    """Our server with these dialogues (none: it is down), and these desks in the queue."""
    events = Events()
    async with ami_of(asterisk, on_event=events) as ami:
        for member in members:
            await ami.action("QueueAdd", Queue=QUEUE, Interface=f"PJSIP/{member}")
        try:
            if routes:
                async with AgiServer(routes, "127.0.0.1", asterisk.settings.agi_port):
                    yield ami, events
            else:
                yield ami, events
        finally:
            for member in members:
                await ami.action("QueueRemove", Queue=QUEUE, Interface=f"PJSIP/{member}")


async def ended_well(phones: Phones) -> None:
    await asyncio.to_thread(phones.succeeds)


async def answer_only(session: AgiSession) -> None:
    await session.answer()


def test_a_caller_presses_keys_is_queued_answered_and_recorded(
    asterisk: AsteriskInstance, sipp: Sipp
) -> None:
    pressed: list[Keys] = []

    async def public_line(session: AgiSession) -> None:
        assert (session.caller_number, session.dialled_number) == ("13800138000", "12345")
        await session.answer()
        pressed.append(await session.get_data("hello", seconds=3, max_digits=2))
        pressed.append(await session.get_data("hello", "hello", seconds=3, max_digits=5))
        pressed.append(await session.get_data("hello", seconds=1, max_digits=1))
        await session.set_variable("__HOTLINE_CALL", "call-77")

    async def story() -> None:
        async with line(asterisk, "8001", public_line=public_line) as (_, events):
            with sipp.agents(DESKS[:1], talk(), wait_for_hang_up()):
                citizen = sipp.call(
                    "12345", talk(), *keys("03", after=0.4), *keys("0101#", after=0.4), pause(4), hang_up()
                )
                connected = await events.wait_for("AgentConnect")
                assert connected["MemberName"] == "PJSIP/8001"
                assert connected.variables()["HOTLINE_CALL"] == "call-77"
                assert connected.variables("DestChanVariable")["HOTLINE_CALL"] == "call-77"
                await ended_well(citizen)
                await events.wait_for("Hangup", count=2)

    asyncio.run(story())
    assert pressed == [Keys("03", False), Keys("0101", False), Keys("", True)]
    recording = asterisk.settings.recordings_dir / "call-77.wav"
    with wave.open(str(recording)) as sound:
        assert sound.getframerate() == 8000
        assert sound.getnframes() > 8000
        samples = sound.readframes(8000)
    assert max(samples[1::2]) > 8  # not silence


def test_who_presses_one_key_alone_is_not_kept_waiting_for_more(
    asterisk: AsteriskInstance, sipp: Sipp
) -> None:
    pressed: list[Keys] = []

    async def public_line(session: AgiSession) -> None:
        for _ in range(2):
            pressed.append(await session.get_data("hello", seconds=30, max_digits=4))

    async def story() -> None:
        async with line(asterisk, public_line=public_line):
            citizen = sipp.call("12345", talk(), key("0"), key("1", after=6), key("#"), pause(1), hang_up())
            await ended_well(citizen)

    asyncio.run(story())
    assert pressed == [Keys("0", True), Keys("1", False)]


def test_with_our_server_down_the_caller_still_reaches_a_person(
    asterisk: AsteriskInstance, sipp: Sipp
) -> None:
    async def story() -> None:
        async with line(asterisk, "8001") as (_, events):
            with sipp.agents(DESKS[:1], talk(), wait_for_hang_up()):
                citizen = sipp.call("12345", talk(), pause(2), hang_up())
                connected = await events.wait_for("AgentConnect")
                assert connected.variables()["HOTLINE_CALL"] == connected["Uniqueid"]
                await ended_well(citizen)

    asyncio.run(story())


def test_a_dialogue_that_fails_puts_the_caller_through_to_a_person(
    asterisk: AsteriskInstance, sipp: Sipp
) -> None:
    async def broken(session: AgiSession) -> None:
        await session.answer()
        await session.set_variable("HOTLINE_QUEUE", "no_such_queue")
        await session.stream_file("no_such_prompt")

    async def story() -> None:
        async with line(asterisk, "8001", public_line=broken) as (_, events):
            with sipp.agents(DESKS[:1], talk(), wait_for_hang_up()):
                citizen = sipp.call("12345", talk(), pause(2), hang_up())
                assert (await events.wait_for("AgentConnect"))["Queue"] == QUEUE
                await ended_well(citizen)

    asyncio.run(story())


def test_a_queue_nobody_knows_means_the_operators(asterisk: AsteriskInstance, sipp: Sipp) -> None:
    async def mistaken(session: AgiSession) -> None:
        await session.answer()
        await session.set_variable("HOTLINE_QUEUE", "no_such_queue")

    async def story() -> None:
        async with line(asterisk, "8001", public_line=mistaken) as (_, events):
            with sipp.agents(DESKS[:1], talk(), wait_for_hang_up()):
                citizen = sipp.call("12345", talk(), pause(2), hang_up())
                assert (await events.wait_for("AgentConnect"))["Queue"] == QUEUE
                await ended_well(citizen)

    asyncio.run(story())


def test_a_server_that_stands_still_loses_the_caller_to_a_person(tmp_path: Path) -> None:
    async def stands_still(session: AgiSession) -> None:
        await session.answer()
        await asyncio.sleep(60)

    async def story() -> None:
        with running_asterisk(tmp_path, ivr_max_seconds=2) as own:
            sipp = Sipp(tmp_path, own.settings.sip_port)
            async with line(own, "8001", public_line=stands_still) as (_, events):
                with sipp.agents(DESKS[:1], talk(), wait_for_hang_up()):
                    citizen = sipp.call("12345", talk(), pause(5), hang_up())
                    assert (await events.wait_for("AgentConnect"))["Queue"] == QUEUE
                    await ended_well(citizen)

    asyncio.run(story())


def test_a_hang_up_in_the_dialogue_ends_it_at_once(asterisk: AsteriskInstance, sipp: Sipp) -> None:
    ended: list[Exception] = []

    async def public_line(session: AgiSession) -> None:
        await session.answer()
        try:
            await session.get_data("hello", seconds=30, max_digits=4)
        except CallerHungUp as error:
            ended.append(error)
            raise

    async def story() -> None:
        async with line(asterisk, "8001", public_line=public_line) as (_, events):
            await ended_well(sipp.call("12345", talk(), pause(1), hang_up()))
            await events.wait_for("Hangup")
            await asyncio.sleep(0.1)
            assert ended
            assert not events.named("QueueCallerJoin")

    asyncio.run(story())


def test_a_caller_nobody_answers_hears_the_after_queue_dialogue(
    asterisk: AsteriskInstance, sipp: Sipp
) -> None:
    promised: list[str] = []

    async def public_line(session: AgiSession) -> None:
        await session.answer()
        await session.set_variable("HOTLINE_WAIT", "2")

    async def after_queue(session: AgiSession) -> None:
        promised.append(await session.get_variable("QUEUESTATUS"))
        await session.stream_file("hello")

    async def story() -> None:
        async with line(asterisk, public_line=public_line, after_queue=after_queue) as (_, events):
            await ended_well(sipp.call("12345", talk(), wait_for_hang_up(20)))
            await events.wait_for("Hangup")

    recordings = set(asterisk.settings.recordings_dir.iterdir())
    asyncio.run(story())
    assert promised == ["TIMEOUT"]
    assert set(asterisk.settings.recordings_dir.iterdir()) == recordings


def test_waiting_callers_hear_their_position_as_our_prompts_say_it(
    asterisk: AsteriskInstance, sipp: Sipp
) -> None:
    async def story() -> None:
        async with line(asterisk, public_line=answer_only) as (_, events):
            first = sipp.call("12345", talk(), pause(5), hang_up())
            await events.wait_for("QueueCallerJoin")
            second = sipp.call("+8612345", talk(), pause(3), hang_up())
            await events.wait_for("QueueCallerJoin", count=2)
            await ended_well(first)
            await ended_well(second)
            await events.wait_for("Hangup", count=2)

    asterisk.rx("core set verbose 3")
    asterisk.rx("logger add channel played verbose(3)")
    asyncio.run(story())
    asterisk.rx("logger remove channel played")
    played = (asterisk.settings.directory / "log/played").read_text()
    assert "queue_position_1." in played
    assert "queue_position_2." in played


def test_a_number_that_is_not_ours_is_refused_and_told(asterisk: AsteriskInstance, sipp: Sipp) -> None:
    async def story() -> None:
        async with line(asterisk, public_line=answer_only) as (_, events):
            await ended_well(sipp.call("12399", refused=404))
            told = await events.wait_for("UserEvent")
            assert (told["UserEvent"], told["Reason"]) == ("HotlineBlocked", "unknown_number")
            assert (told["CallerIDNum"], told["Exten"]) == ("13800138000", "12399")

    asyncio.run(story())


def test_when_all_lines_are_taken_the_caller_hears_busy_and_it_is_told(tmp_path: Path) -> None:
    async def story() -> None:
        with running_asterisk(tmp_path, max_calls=1) as own:
            sipp = Sipp(tmp_path, own.settings.sip_port)
            async with line(own, public_line=answer_only) as (_, events):
                taken = sipp.call("12345", talk(), pause(4), hang_up())
                await events.wait_for("QueueCallerJoin")
                await ended_well(sipp.call("12348", refused=486))
                assert (await events.wait_for("UserEvent"))["Reason"] == "lines_taken"
                await ended_well(taken)

    asyncio.run(story())


@pytest.mark.parametrize("number", ["13900139000", "+8613900139000"])
def test_a_citizen_we_call_answers_the_survey_by_key(
    asterisk: AsteriskInstance, sipp: Sipp, number: str
) -> None:
    heard: list[tuple[str, Keys]] = []

    async def survey(session: AgiSession) -> None:
        name = await session.get_variable("HOTLINE_SURVEY")
        heard.append((name, await session.get_data("hello", seconds=5, max_digits=1)))
        await session.hangup()

    async def story() -> None:
        async with line(asterisk, survey=survey) as (ami, _):
            with sipp.answer_calls(
                asterisk.settings.trunk_port, talk(), key("5", after=0.7), wait_for_hang_up()
            ):
                result = await ami.originate(
                    Outbound(
                        channel=f"PJSIP/{number}@trunk",
                        context="survey",
                        caller_id="12345",
                        channel_id=f"survey-{number}",
                        variables={"HOTLINE_SURVEY": '工单 1, "急" (a) [b] \\'},
                    )
                )
                assert result.answered
                assert result.uniqueid == f"survey-{number}"
                async with asyncio.timeout(10):
                    while not heard:
                        await asyncio.sleep(0.05)

    asyncio.run(story())
    assert heard == [('工单 1, "急" (a) [b] \\', Keys("5", False))]


def test_a_citizen_who_does_not_answer_is_told_apart(asterisk: AsteriskInstance, sipp: Sipp) -> None:
    async def story() -> None:
        async with line(asterisk) as (ami, _):
            with sipp.answer_calls(asterisk.settings.trunk_port, ring_seconds=30):
                call = Outbound(channel="PJSIP/13900139000@trunk", context="survey", ring_seconds=1)
                result = await ami.originate(call)
                assert (result.answered, result.reason) == (False, 3)

    asyncio.run(story())
