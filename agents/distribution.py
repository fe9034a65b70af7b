"""For telephone systems that do not distribute: the longest-waiting caller to the longest-idle agent.

Claim (one short transaction, one at a time), ring (outside any transaction), record. A worker that dies in
between leaves a claim that `release_stuck_rings` undoes. Asterisk's app_queue needs none of this.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agents import service
from agents.models import AgentPresence
from agents.states import AgentState
from hotline import clock
from hotline.calls import service as calls
from hotline.calls.models import Call, CallLeg
from hotline.calls.states import CallState
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import ProviderError
from hotline.staff.models import Staff
from hotline.telephony.ports import TelephonyControl, telephony

logger = logging.getLogger(__name__)
LOCK = 0x686F746C  # only one process claims at a time, so that "oldest first" holds whatever the concurrency
GRACE = timedelta(seconds=15)  # for the telephone system to tell that a ring ended


@dataclass(frozen=True)
class Claim:
    call_id: int
    call_system_id: str
    staff_id: int
    extension: str


def distribute(control: TelephonyControl | None = None) -> int:
    """Until nobody waits or nobody is free. Returns how many telephones were asked to ring."""
    control = control or telephony()
    if control.distributes:
        return 0
    rung = 0
    refused: set[int] = set()  # callers the telephone system would not put through: the next one's turn
    while claim := _claim_next(refused):
        try:
            _put_through(control, claim)
            rung += 1
        except ProviderError as error:
            logger.warning("call %s: extension %s not rung: %s", claim.call_id, claim.extension, error)
            _let_go(claim)
            refused.add(claim.call_id)
            if not error.permanent:
                break  # the telephone system is away, not this caller: the sweep tries again
    return rung


def release_stuck_rings(now: datetime) -> int:
    """Rings whose end nobody told us. Returns how many agents are free or paused again."""
    before = now - timedelta(seconds=settings().telephony.agent_ring_seconds) - GRACE
    with transaction() as session:
        stuck = service.staff_in(session, AgentState.RINGING, before)
    for staff_id in stuck:
        with transaction() as session:
            _release(session, staff_id, now)
    return len(stuck)


def _claim_next(refused: set[int]) -> Claim | None:
    now = clock.now()
    with transaction() as session:
        session.execute(select(func.pg_advisory_xact_lock(LOCK)))
        call = _next_waiting(session, refused)
        presence = _longest_idle(session) if call else None
        if call is None or presence is None:
            return None
        service.claim(session, presence, call, now)
        return Claim(call.id, call.system_id, presence.staff_id, str(presence.staff.extension))


def _next_waiting(session: Session, refused: set[int]) -> Call | None:
    in_hand = select(AgentPresence.call_id).where(
        AgentPresence.state.in_([AgentState.RINGING, AgentState.TALKING])
    )
    waiting = select(Call).where(
        Call.state == CallState.QUEUED, Call.id.not_in(in_hand), Call.id.not_in(refused)
    )
    return session.scalars(waiting.order_by(*calls.NEXT_FIRST).limit(1)).first()


def _longest_idle(session: Session) -> AgentPresence | None:
    """SKIP LOCKED: an agent who is pausing in this very moment is passed over."""
    idle = (
        select(AgentPresence)
        .join(AgentPresence.staff)
        .where(AgentPresence.state == AgentState.AVAILABLE, Staff.extension.is_not(None), Staff.active)
        .order_by(AgentPresence.since, AgentPresence.staff_id)
        .limit(1)
        .with_for_update(skip_locked=True, of=AgentPresence)
    )
    return session.scalars(idle).first()


def _put_through(control: TelephonyControl, claim: Claim) -> None:
    """Raises ProviderError when the telephone system refuses."""
    leg_system_id = control.ring_agent(claim.call_system_id, claim.extension)
    now = clock.now()
    with transaction() as session:
        call = calls.get(session, claim.call_id, lock=True)
        if call.state == CallState.QUEUED:
            calls.ring_agent(session, call, staff_id=claim.staff_id, system_id=leg_system_id, now=now)
        elif call.state == CallState.ENDED:
            service.release(session, claim.staff_id, call, now)


def _let_go(claim: Claim) -> None:
    """Not put through, mostly because the caller has just hung up: the agent is free again."""
    with transaction() as session:
        call = calls.get(session, claim.call_id)
        service.release(session, claim.staff_id, call, clock.now())


def _release(session: Session, staff_id: int, now: datetime) -> None:
    """A telephone that rang and was forgotten is a missed ring; one that never rang leaves the agent free."""
    presence = service.presence_of(session, staff_id, now)
    if presence.state != AgentState.RINGING or presence.call_id is None:
        return
    call = calls.get(session, presence.call_id, lock=True)
    leg = session.scalars(
        select(CallLeg).where(
            CallLeg.call_id == call.id, CallLeg.staff_id == staff_id, CallLeg.ended_at.is_(None)
        )
    ).first()
    if leg is None:
        service.release(session, staff_id, call, now)
    else:
        calls.miss_ring(session, call, system_id=leg.system_id, now=now)
        service.miss(session, staff_id, call, now)
