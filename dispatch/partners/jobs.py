"""What a worker and the clock run for web-hooks, and the end of old answers."""

import time
from datetime import datetime, timedelta

from sqlalchemy import delete

from dispatch.partners import hooks
from dispatch.partners.models import PartnerAnswer
from dispatch.partners.sending import post
from hotline import clock
from hotline.db import transaction
from hotline.jobs import wake

LONGEST_RUN_SECONDS = 40  # below the worker's limit for one job; the next beat goes on
ANSWERS_KEPT = timedelta(days=2)


def send_due() -> None:
    """One after the other; a recipient that fails holds up no other in this run."""
    end = time.monotonic() + LONGEST_RUN_SECONDS
    failing: set[int] = set()
    while time.monotonic() < end and _send_one(failing):
        pass


def sweep(now: datetime) -> None:
    """By the clock: what is due again, and what a dead worker left."""
    with transaction() as session:
        session.execute(delete(PartnerAnswer).where(PartnerAnswer.at < now - ANSWERS_KEPT))
        if hooks.is_due(session, now):
            wake(session, "dispatch.partners.jobs.send_due")


def _send_one(failing: set[int]) -> bool:
    """Claim, act, record. False when nothing was due; who failed is added to `failing`."""
    with transaction() as session:
        claimed = hooks.claim(session, clock.now(), but=failing)
    if claimed is None:
        return False
    headers = {
        "Content-Type": "application/json",
        "X-Hotline-Signature": hooks.signature(claimed.secret, claimed.body, clock.now()),
    }
    answer = post(claimed.url, claimed.body, headers)
    if not answer.delivered:
        failing.add(claimed.organisation_id)
    with transaction() as session:
        hooks.record_answer(session, claimed.id, answer, clock.now())
    return True
