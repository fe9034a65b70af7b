"""What a worker does for the line: rings citizens for surveys, fetches recordings. Claim, act, record.

Each job takes every row that is due, so a wake-up that was lost costs only time until the scheduler's sweep.
"""

import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from hotline import clock
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import ProviderError
from hotline.jobs import wake
from hotline.surveys.service import WAITING
from hotline.telephony.ports import telephony
from ivr import service
from ivr.models import RecordingFetch, SurveyCall

logger = logging.getLogger(__name__)

MOST_TRIES = 3
RETRY_AFTER = timedelta(minutes=5)
# A claim older than this was left by a worker that died.
CLAIM_LASTS = timedelta(minutes=2)

Work = TypeVar("Work", SurveyCall, RecordingFetch)


def ring_due_surveys() -> None:
    """Ring the next citizen whose survey call is due; one a job, so that no job runs into its time limit."""
    survey_call_id = _claim_survey_call(clock.now())
    if survey_call_id:
        ring_survey(survey_call_id)
        _again("ivr.jobs.ring_due_surveys")


def ring_survey(survey_call_id: int) -> None:
    """One claimed call. Not answered or refused, the survey's ladder goes on to a person by itself."""
    with transaction() as session:
        row = session.get_one(SurveyCall, survey_call_id)
        survey = row.survey
        number, hotline = survey.number, survey.ticket.hotline
        attempt = f"survey-{row.id}-{row.tries}"
    try:
        system_id = telephony().ring_citizen(number, hotline=hotline, survey_id=survey.id, attempt=attempt)
    except ProviderError as error:
        _failed(SurveyCall, survey_call_id, error, clock.now())
        return
    now = clock.now()
    with transaction() as session:
        row = session.get_one(SurveyCall, survey_call_id)
        row.state, row.system_id = "rung", system_id
        service.receive_survey(
            session, survey_id=survey.id, system=telephony().system, system_id=system_id, now=now
        )


def fetch_recordings() -> None:
    """Bring the next recording that lies with the carrier to our disk; one a job."""
    fetch_id = _claim_recording(clock.now())
    if fetch_id:
        fetch_recording(fetch_id)
        _again("ivr.jobs.fetch_recordings")


def fetch_recording(fetch_id: int) -> None:
    """One claimed recording. Written under a name of its own: fetched twice, it is the same file."""
    with transaction() as session:
        fetch = session.get_one(RecordingFetch, fetch_id)
    name = f"{fetch.call_id}-{fetch.recording_id}.wav"
    try:
        sound = telephony().recording(fetch.recording_id)
    except ProviderError as error:
        _failed(RecordingFetch, fetch_id, error, clock.now())
        return
    _write(settings().telephony.recordings_dir / name, sound)
    with transaction() as session:
        fetch = session.get_one(RecordingFetch, fetch_id)
        fetch.state = "fetched"
        calls.keep_recording(session, calls.get(session, fetch.call_id), name, clock.now())


def _write(path: Path, sound: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(sound)
    part.replace(path)


def _again(job: str) -> None:
    """Perhaps more is due; other jobs may run first."""
    with transaction() as session:
        wake(session, job)


def _claim_survey_call(now: datetime) -> int | None:
    with transaction() as session:
        row = _claim(session, SurveyCall, now, busy="ringing")
        while row:
            rang = _call_made(session, row)
            if row.survey.state in WAITING and not rang:
                row.state, row.claimed_at, row.tries = "ringing", now, row.tries + 1
                return row.id
            # answered by other means, or rung by a worker that died before it could say so
            row.state, row.system_id = ("rung", rang) if rang else ("dropped", None)
            session.flush()
            row = _claim(session, SurveyCall, now, busy="ringing")
        return None


def _claim_recording(now: datetime) -> int | None:
    with transaction() as session:
        row = _claim(session, RecordingFetch, now, busy="fetching")
        if row is None:
            return None
        row.state, row.claimed_at, row.tries = "fetching", now, row.tries + 1
        return row.id


def _claim(session: Session, table: type[Work], now: datetime, *, busy: str) -> Work | None:
    """One row that is due, or that a dead worker left behind; locked for this transaction."""
    due = and_(table.state == "due", table.next_at <= now)
    left_behind = and_(table.state == busy, table.claimed_at < now - CLAIM_LASTS)
    wanted = select(table).where(or_(due, left_behind)).order_by(table.next_at).limit(1)
    return session.scalar(wanted.with_for_update(skip_locked=True))


def _call_made(session: Session, row: SurveyCall) -> str | None:
    """The system id of the call this row's last claim made: the carrier's webhook tells even if we died."""
    if row.claimed_at is None:
        return None
    made = select(Call.system_id).where(Call.survey_id == row.survey_id, Call.started_at >= row.claimed_at)
    return session.scalar(made.limit(1))


def _failed(table: type[Work], row_id: int, error: ProviderError, now: datetime) -> None:
    logger.warning("%s %s: %s", table.__tablename__, row_id, error)
    with transaction() as session:
        row = session.get_one(table, row_id)
        row.error = str(error)[:200]
        give_up = error.permanent or row.tries >= MOST_TRIES
        row.state, row.next_at = ("failed", now) if give_up else ("due", now + RETRY_AFTER)
