"""Asterisk is the fact, our table the memory: calls in the database are made to agree with the line."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from hotline.calls import service as calls
from hotline.calls.models import Call, Recording
from hotline.calls.states import CallState, EndReason
from hotline.db import transaction
from hotline.telephony.asterisk.ami import Ami, AmiMessage
from hotline.telephony.asterisk.call_events import CALL, found_or_opened, put_in_queue, staff_at
from hotline.telephony.asterisk.connection import SYSTEM

logger = logging.getLogger(__name__)

# MixMonitor closes its file a moment after the hang-up.
CLOSING = timedelta(seconds=1)
WAV_HEADER_BYTES = 44
BOOT_PRECISION = timedelta(seconds=1)


@dataclass(frozen=True)
class Truth:
    """What stood where when we asked. `live` was read before the line was asked: what is missing is gone."""

    live: frozenset[int]
    channels: tuple[AmiMessage, ...]
    waiting: tuple[AmiMessage, ...]
    booted_at: datetime
    asked_at: datetime


def live_calls() -> frozenset[int]:
    with transaction() as session:
        live = select(Call.id).where(Call.system == SYSTEM, Call.state != CallState.ENDED)
        return frozenset(session.scalars(live))


async def ask(ami: Ami, live: frozenset[int], now: datetime) -> Truth:
    """Raises AmiError."""
    waiting = tuple(entry for entry in await ami.list_action("QueueStatus") if entry.event == "QueueEntry")
    return Truth(live, tuple(await ami.list_action("CoreShowChannels")), waiting, ami.booted_at, now)


def apply(session: Session, truth: Truth, now: datetime) -> None:
    """Found and waiting callers first, so that nobody's call ends who only moved on."""
    for entry in truth.waiting:
        _note_waiting(session, truth, entry)
    for channel in truth.channels:
        _note_answered(session, truth, channel, now)
    _end_lost(session, truth, now)


def keep_recordings(session: Session, directory: Path, since: datetime, now: datetime) -> int:
    """Recordings of answered calls that ended after `since`, once their files are whole. Returns how many."""
    kept = exists().where(Recording.call_id == Call.id)
    answered = select(Call).where(
        Call.system == SYSTEM,
        Call.answered_at.is_not(None),
        Call.ended_at.between(since, now - CLOSING),
        ~kept,
    )
    recorded = [
        (call, path) for call in session.scalars(answered) for path in _files_of(directory, call.system_id)
    ]
    for call, path in recorded:
        calls.keep_recording(session, call, path.name, now)
    return len(recorded)


def _note_waiting(session: Session, truth: Truth, entry: AmiMessage) -> None:
    variables = _channel(truth, entry["Uniqueid"])
    since = truth.asked_at - timedelta(seconds=int(entry["Wait"] or 0))
    call = found_or_opened(session, entry["Uniqueid"], entry["CallerIDNum"], variables, since)
    if call:
        put_in_queue(session, call, entry["Queue"], since)


def _note_answered(session: Session, truth: Truth, channel: AmiMessage, now: datetime) -> None:
    """A caller in one bridge with an agent's telephone: answered while we did not listen."""
    call_id, bridge = channel.variables().get(CALL), channel["BridgeId"]
    if not bridge or call_id in ("", channel["Uniqueid"]):
        return
    together = any(c["BridgeId"] == bridge and c["Uniqueid"] == call_id for c in truth.channels)
    call = calls.find(session, SYSTEM, call_id or "", lock=True) if together else None
    staff_id = staff_at(session, channel["Channel"]) if call and call.state == CallState.QUEUED else None
    if call and staff_id:
        calls.answer(session, call, staff_id=staff_id, system_id=channel["Uniqueid"], now=now)


def _end_lost(session: Session, truth: Truth, now: datetime) -> None:
    on_the_line = {channel["Uniqueid"] for channel in truth.channels}
    lost = select(Call).where(
        Call.id.in_(truth.live), Call.system_id.not_in(on_the_line), Call.state != CallState.ENDED
    )
    for call in session.scalars(lost.order_by(Call.id).with_for_update()):
        before_restart = call.started_at < truth.booted_at + BOOT_PRECISION
        logger.warning(
            "call %d is not on the line any more%s", call.id, " (restart)" if before_restart else ""
        )
        calls.end(session, call, now, EndReason.FAILED if before_restart else None)


def _channel(truth: Truth, unique_id: str) -> dict[str, str]:
    return next((c.variables() for c in truth.channels if c["Uniqueid"] == unique_id), {})


def _files_of(directory: Path, system_id: str) -> list[Path]:
    """As the dialplan names them: one for each agent who talked to the caller."""
    files = [directory / f"{system_id}.wav", *sorted(directory.glob(f"{system_id}-*.wav"))]
    return [path for path in files if _holds_sound(path)]


def _holds_sound(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > WAV_HEADER_BYTES
