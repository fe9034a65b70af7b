"""Our presence table is the wish, the telephone system's queue members the fact: this mends the difference.

Only for systems that distribute. Every agent takes calls of both hotlines.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from agents.models import AgentPresence
from agents.states import AgentState
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import ProviderError
from hotline.staff.models import Staff
from hotline.telephony.ports import Member, TelephonyControl, queue_of, telephony

logger = logging.getLogger(__name__)

# The wish may change while we act on it; after so many rounds the next beat goes on.
MOST_ROUNDS = 3
# Paused already while talking: so that no caller slips in between the hang-up and wrap-up.
NOT_FREE = (AgentState.PAUSED, AgentState.TALKING, AgentState.WRAP_UP)


@dataclass(frozen=True)
class Change:
    """What the queue must be told of one telephone."""

    queue: str
    wish: Member
    act: str
    """add, pause (or take out of the pause), remove."""


def wish_of(state: AgentState, extension: str, reason: str | None) -> Member | None:
    """How this agent's telephone should stand in the queues; None: not at all."""
    if state == AgentState.SIGNED_OUT:
        return None
    if state in NOT_FREE:
        return Member(extension, True, reason or str(state))
    return Member(extension, False)


def differences(queue: str, wishes: Mapping[str, Member], members: Iterable[Member]) -> list[Change]:
    """What turns these members into the wished ones. Pauses first: they are what cannot wait."""
    found = {member.extension: member for member in members}
    changed = [w for e, w in wishes.items() if e in found and found[e] != w]
    pauses = [Change(queue, wish, "pause") for wish in sorted(changed, key=lambda wish: not wish.paused)]
    removals = [Change(queue, member, "remove") for e, member in found.items() if e not in wishes]
    additions = [Change(queue, wish, "add") for e, wish in wishes.items() if e not in found]
    return pauses + removals + additions


def mend(control: TelephonyControl | None = None) -> int:
    """Until the queues are as wished. Returns how many changes were made.

    Raises ProviderError, the last one, after trying every change.
    """
    control = control or telephony()
    if not control.distributes:
        return 0
    made = 0
    for _ in range(MOST_ROUNDS):
        changes = _wanted(control)
        if not changes:
            break
        _apply(control, changes)
        made += len(changes)
    return made


def queues() -> list[str]:
    return sorted({queue_of(number.hotline) for number in settings().telephony.numbers})


def wishes(session: Session) -> dict[str, Member]:
    """By extension, of every agent on the line who has a telephone."""
    rows = session.execute(
        select(AgentPresence.state, Staff.extension, AgentPresence.reason)
        .join(AgentPresence.staff)
        .where(Staff.extension.is_not(None), Staff.active)
    )
    wished = [wish_of(AgentState(state), str(extension), reason) for state, extension, reason in rows]
    return {wish.extension: wish for wish in wished if wish}


def _wanted(control: TelephonyControl) -> list[Change]:
    with transaction() as session:
        wished = wishes(session)
    return [change for queue in queues() for change in differences(queue, wished, control.members(queue))]


def _apply(control: TelephonyControl, changes: list[Change]) -> None:
    failure: ProviderError | None = None
    for change in changes:
        try:
            _tell(control, change)
        except ProviderError as error:
            logger.warning("%s %s in %s: %s", change.act, change.wish.extension, change.queue, error)
            failure = error
    if failure:
        raise failure


def _tell(control: TelephonyControl, change: Change) -> None:
    queue, wish = change.queue, change.wish
    match change.act:
        case "add":
            control.add_member(queue, wish.extension, paused=wish.paused, reason=wish.reason)
        case "pause":
            control.pause_member(queue, wish.extension, paused=wish.paused, reason=wish.reason)
        case "remove":
            control.remove_member(queue, wish.extension)
