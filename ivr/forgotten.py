"""Calls that the telephone system no longer knows: a lost webhook, a switch that was restarted.

Asterisk's calls are reconciled by its listener (hotline/telephony/asterisk); this is for systems that only
call us back.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import select

from hotline import clock
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.calls.states import CallState, EndReason
from hotline.db import transaction
from hotline.errors import ProviderError
from hotline.telephony.ports import telephony

logger = logging.getLogger(__name__)
# Younger calls may simply not have been told of yet.
SETTLED_AFTER = timedelta(minutes=2)
MOST_ASKED = 200


def end_forgotten_calls() -> None:
    """Asks about each live call; one that is over is ended, as failed unless a person had answered."""
    control = telephony()
    if control.distributes:
        return
    for call_id, system_id in _live(control.system, clock.now() - SETTLED_AFTER):
        try:
            over = control.is_over(system_id)
        except ProviderError as error:
            logger.warning("call %s: %s", call_id, error)
            return
        if over:
            _end(call_id, clock.now())


def _live(system: str, before: datetime) -> list[tuple[int, str]]:
    wanted = select(Call.id, Call.system_id).where(
        Call.state != CallState.ENDED, Call.system == system, Call.started_at < before
    )
    with transaction() as session:
        return [
            (row.id, row.system_id) for row in session.execute(wanted.order_by(Call.id).limit(MOST_ASKED))
        ]


def _end(call_id: int, now: datetime) -> None:
    with transaction() as session:
        call = calls.get(session, call_id, lock=True)
        logger.warning("call %s was forgotten by the telephone system; ended", call_id)
        calls.end(session, call, now, None if call.answered_at else EndReason.FAILED)
