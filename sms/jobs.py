"""What a worker and the clock run for carriers that are asked message by message."""

import time
from datetime import datetime

from sqlalchemy import exists, select

from hotline import clock
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import ProviderError
from hotline.jobs import wake
from sms import joining, service
from sms.models import SmsMessage
from sms.providers import SAFE_TO_REPEAT, asked
from sms.providers.base import SMPP, SmsProvider
from sms.states import SmsState

LONGEST_RUN_SECONDS = 40  # below the worker's limit for one job; the next beat goes on


def send(message_id: int) -> None:
    """Send this message, unless another worker has it or it is not due yet."""
    carrier = asked()
    if carrier:
        _send_one(carrier, only=message_id)


def send_due() -> None:
    """Send whatever is due, one after the other."""
    carrier = asked()
    end = time.monotonic() + LONGEST_RUN_SECONDS
    while carrier and time.monotonic() < end and _send_one(carrier):
        pass


def sweep(now: datetime) -> None:
    """By the clock: what a dead worker, an emptied Valkey or a lost piece left behind."""
    with transaction() as session:
        service.sweep_stuck(session, safe_to_repeat=SAFE_TO_REPEAT, now=now)
        service.apply_waiting_receipts(session, settings().sms.provider, now)
        joining.join_late(session, now)
        due = exists().where(SmsMessage.state == SmsState.QUEUED, SmsMessage.next_attempt_at <= now)
        if session.scalar(select(due)) and settings().sms.provider != SMPP:
            wake(session, "sms.jobs.send_due")


def _send_one(carrier: SmsProvider, only: int | None = None) -> bool:
    """Claim, act, record. False when there was nothing to claim."""
    with transaction() as session:
        claimed = service.claim(session, carrier.name, now=clock.now(), limit=1, only=only)
    for sms in claimed:
        try:
            refs = carrier.submit(sms)
        except ProviderError as error:
            with transaction() as session:
                service.record_failure(
                    session, sms.id, error, safe_to_repeat=carrier.safe_to_repeat, now=clock.now()
                )
        else:
            with transaction() as session:
                service.record_sent(session, carrier.name, {sms.id: refs}, clock.now())
    return bool(claimed)
