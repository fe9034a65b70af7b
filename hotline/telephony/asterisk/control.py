"""Asterisk as our telephone system: members of queues, survey calls, hanging up. Dialogue: ivr/asterisk."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NoReturn, TypeVar

from hotline.config import settings
from hotline.errors import InvalidInput, ProviderError
from hotline.telephony.asterisk.ami import ACTION_SECONDS, Ami, AmiError, AmiMessage, AmiRefused, Outbound
from hotline.telephony.asterisk.connection import SYSTEM, extension_of, interface, manager
from hotline.telephony.ports import CITIZEN_RING_SECONDS, Member

# Asterisk, and the carrier, refuse at once or not at all; a telephone that rings is not waited for.
REFUSED_WITHIN_SECONDS = 1.5
HANG_UP_WITHIN_SECONDS = 0.5
# Q.850 causes that another try cannot mend: no such number, number changed, not a number.
FOR_GOOD = frozenset({1, 22, 28})

Result = TypeVar("Result")


class AsteriskControl:
    """TelephonyControl over AMI. Each call opens a connection of its own (some milliseconds), and so works in
    any thread, after a fork, and after every restart of Asterisk.
    """

    system = SYSTEM
    distributes = True

    def ring_citizen(self, number: str, *, hotline: str, survey_id: int, attempt: str) -> str:
        """The channel's id is `attempt`: known before the telephone rings, and in every event of the call."""
        telephony = settings().telephony
        call = Outbound(
            channel=f"PJSIP/{number}@trunk",
            context="survey",
            caller_id=telephony.number_of(hotline) or telephony.numbers[0].dialled,
            ring_seconds=CITIZEN_RING_SECONDS,
            channel_id=attempt,
            variables={"__HOTLINE_CALL": attempt, "HOTLINE_SURVEY": str(survey_id)},
        )
        _run(_ring(call))
        return attempt

    def ring_agent(self, call_system_id: str, extension: str) -> NoReturn:
        raise ProviderError("Asterisk chooses the agents itself", permanent=True)

    def transfer(self, call_system_id: str, queue: str) -> None:
        """The caller's channel leaves Queue() for the context `transfer` (ivr/asterisk/dialplan.py)."""
        _act("Redirect", Channel=call_system_id, Context="transfer", Exten=queue, Priority="1")

    def hang_up(self, system_id: str) -> None:
        _act("Hangup", unless="No such channel", Channel=system_id)

    def add_member(self, queue: str, extension: str, *, paused: bool, reason: str = "") -> None:
        """Who is a member already is paused or not, as asked."""
        added = _act(
            "QueueAdd",
            unless="Already there",
            Queue=queue,
            Interface=interface(extension),
            MemberName=extension,
            Paused=paused,
            Reason=reason,
        )
        if not added:
            self.pause_member(queue, extension, paused=paused, reason=reason)

    def pause_member(self, queue: str, extension: str, *, paused: bool, reason: str = "") -> None:
        _act("QueuePause", Queue=queue, Interface=interface(extension), Paused=paused, Reason=reason)

    def remove_member(self, queue: str, extension: str) -> None:
        _act("QueueRemove", unless="Not there", Queue=queue, Interface=interface(extension))

    def members(self, queue: str) -> tuple[Member, ...]:
        return tuple(
            Member(extension_of(item["Location"]), item["Paused"] == "1", item["PausedReason"])
            for item in _status(queue)
            if item.event == "QueueMember"
        )

    def waiting(self, queue: str) -> tuple[str, ...]:
        entries = [item for item in _status(queue) if item.event == "QueueEntry"]
        return tuple(item["Uniqueid"] for item in sorted(entries, key=lambda item: int(item["Position"])))

    def is_over(self, system_id: str) -> bool:
        channels = _run(_connected(lambda ami: ami.list_action("CoreShowChannels")))
        return all(channel["Uniqueid"] != system_id for channel in channels)

    def recording(self, recording_id: str) -> NoReturn:
        raise ProviderError("Asterisk records to our own disk", permanent=True)


def _act(name: str, *, unless: str = "", **fields: str | bool) -> bool:
    """False when Asterisk refused with these words: there was nothing to do. Raises ProviderError."""

    async def act(ami: Ami) -> bool:
        try:
            await ami.action(name, seconds=ACTION_SECONDS, **fields)
        except AmiRefused as error:
            if not unless or unless not in str(error):
                raise
            return False
        return True

    return _run(_connected(act))


def _status(queue: str) -> list[AmiMessage]:
    return _run(_connected(lambda ami: ami.list_action("QueueStatus", Queue=queue)))


async def _connected(act: Callable[[Ami], Awaitable[Result]]) -> Result:
    async with manager() as ami:
        return await act(ami)


async def _ring(call: Outbound) -> None:
    """Returns when the telephone rings or was answered. Raises ProviderError when it cannot be reached."""
    cause: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def listen(event: AmiMessage) -> None:
        if event.event == "Hangup" and event["Uniqueid"] == call.channel_id and not cause.done():
            cause.set_result(int(event["Cause"] or 0))

    async with manager(on_event=listen) as ami:
        ringing = asyncio.create_task(ami.originate(call))
        await asyncio.wait({ringing}, timeout=REFUSED_WITHIN_SECONDS)
        if not ringing.done():
            ringing.cancel()
            return
        if ringing.result().answered:
            return
        await asyncio.wait({cause}, timeout=HANG_UP_WITHIN_SECONDS)
    why = cause.result() if cause.done() else 0
    raise ProviderError(f"the telephone cannot be reached (cause {why})", permanent=why in FOR_GOOD)


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """Raises ProviderError for whatever Asterisk, or the way to it, has against it."""
    try:
        return asyncio.run(work)
    except (AmiRefused, InvalidInput) as error:
        raise ProviderError(f"Asterisk refused: {error}", permanent=True) from error
    except AmiError as error:
        raise ProviderError(f"Asterisk cannot be reached: {error}", permanent=False) from error
