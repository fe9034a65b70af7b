"""Web-hooks out: facts put on their way to each recipient, claimed, and what became of each. The sending
itself is in `sending`, outside any transaction."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from dispatch.partners.models import DeliveryState, WebHook, WebHookDelivery
from dispatch.partners.sending import Answer
from hotline.config import settings
from hotline.errors import NotFound, TransitionRefused
from hotline.event_log import Event, record
from hotline.events import WebHookGivenUp, WebHookResent, WebHookSet
from hotline.jobs import wake
from hotline.organisations.models import Organisation
from hotline.tickets import service as tickets

ACTOR = "system:web_hooks"
STUCK = timedelta(minutes=2)  # its worker died: sent again, and the recipient knows it by its id


@dataclass(frozen=True)
class Outgoing:
    """One delivery, with all that is needed to send it."""

    id: int
    organisation_id: int
    url: str
    body: str
    secret: str


def set_hook(session: Session, organisation_id: int, url: str, *, actor: str, now: datetime) -> str:
    """From now on the organisation's facts go to this address, which the door has checked. The new secret,
    shown once. Raises NotFound."""
    if session.get(Organisation, organisation_id) is None:
        raise NotFound(f"no organisation {organisation_id}")
    secret = secrets.token_urlsafe(32)
    row = {"organisation_id": organisation_id, "url": url, "secret": secret, "active": True}
    session.execute(
        insert(WebHook).values(row).on_conflict_do_update(index_elements=["organisation_id"], set_=row)
    )
    record(session, WebHookSet(organisation_id=organisation_id, active=True), actor=actor, at=now)
    return secret


def stop_hook(session: Session, organisation_id: int, *, actor: str, now: datetime) -> None:
    """Nothing more is sent; what waits stays until it is set again."""
    hook = session.get(WebHook, organisation_id, with_for_update=True)
    if hook and hook.active:
        hook.active = False
        record(session, WebHookSet(organisation_id=organisation_id, active=False), actor=actor, at=now)


def queue(session: Session, event: Event) -> None:
    """A fact of a work order, for the one organisation it is about; once, however often it is told.

    Ids and kinds only; of a confidential ticket nothing, as the API shows none (Z35).
    """
    organisation_id = event.data["organisation_id"]
    hook = session.get(WebHook, organisation_id)
    ticket = tickets.get(session, event.ticket_id or 0)
    if hook is None or not hook.active or ticket.confidential:
        return
    said = {
        "id": event.id,
        "kind": event.kind,
        "at": event.at.isoformat(),
        "ticket": ticket.number,
        "work_order": event.data["work_order_id"],
    }
    row = {
        "organisation_id": organisation_id,
        "event_id": event.id,
        "kind": event.kind,
        "body": json.dumps(said),
        "queued_at": event.at,
        "next_at": event.at,
    }
    session.execute(insert(WebHookDelivery).values(row).on_conflict_do_nothing())
    wake(session, "dispatch.partners.jobs.send_due")


def claim(session: Session, now: datetime, *, but: Collection[int] = ()) -> Outgoing | None:
    """The delivery due longest, of a recipient that is none of `but`; two workers never get the same one."""
    due = (
        select(WebHookDelivery)
        .join(WebHookDelivery.hook)
        .where(
            WebHook.active,
            WebHookDelivery.next_at <= now,
            WebHookDelivery.state.in_([DeliveryState.QUEUED, DeliveryState.SENDING]),
            WebHookDelivery.organisation_id.not_in(but),
        )
        .order_by(WebHookDelivery.next_at, WebHookDelivery.id)
        .limit(1)
    )
    row = session.scalar(due.with_for_update(skip_locked=True, of=WebHookDelivery))
    if row is None:
        return None
    row.state, row.attempts, row.next_at = DeliveryState.SENDING, row.attempts + 1, now + STUCK
    return Outgoing(row.id, row.organisation_id, row.hook.url, row.body, row.hook.secret)


def record_answer(session: Session, delivery_id: int, answer: Answer, now: datetime) -> None:
    """Delivered; or once more later; or, refused or after the last try, given up where a person sees it."""
    row = session.get_one(WebHookDelivery, delivery_id, with_for_update=True)
    if row.state != DeliveryState.SENDING:
        return
    row.status, row.reason = answer.status, answer.reason or None
    waits = settings().partners.retry_minutes
    if answer.delivered:
        row.state, row.ended_at = DeliveryState.DELIVERED, now
    elif not answer.worth_repeating:
        _give_up(session, row, "refused", now)
    elif row.attempts > len(waits):
        _give_up(session, row, "gave_up", now)
    else:
        row.state, row.next_at = DeliveryState.QUEUED, now + timedelta(minutes=waits[row.attempts - 1])


def resend(session: Session, organisation_id: int, delivery_id: int, *, actor: str, now: datetime) -> None:
    """A person puts an ended delivery on its way again. Raises NotFound, TransitionRefused."""
    row = session.get(WebHookDelivery, delivery_id, with_for_update=True)
    if row is None or row.organisation_id != organisation_id:
        raise NotFound(f"no delivery {delivery_id}")
    if row.ended_at is None:
        raise TransitionRefused("delivery", row.state, DeliveryState.QUEUED)
    row.state, row.attempts, row.next_at, row.ended_at = DeliveryState.QUEUED, 0, now, None
    fact = WebHookResent(organisation_id=organisation_id, delivery_id=delivery_id)
    record(session, fact, actor=actor, at=now)
    wake(session, "dispatch.partners.jobs.send_due")


def is_due(session: Session, now: datetime) -> bool:
    waiting = or_(
        *(WebHookDelivery.state == state for state in (DeliveryState.QUEUED, DeliveryState.SENDING))
    )
    due = select(WebHookDelivery.id).join(WebHookDelivery.hook).where(WebHook.active, waiting)
    return session.scalar(due.where(WebHookDelivery.next_at <= now).limit(1)) is not None


def signature(secret: str, body: str, moment: datetime) -> str:
    """The header: `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>">`: an old one cannot be replayed."""
    seconds = int(moment.timestamp())
    mac = hmac.new(secret.encode(), f"{seconds}.{body}".encode(), hashlib.sha256)
    return f"t={seconds},v1={mac.hexdigest()}"


def _give_up(session: Session, row: WebHookDelivery, reason: str, now: datetime) -> None:
    row.state, row.ended_at = DeliveryState.FAILED, now
    fact = WebHookGivenUp(organisation_id=row.organisation_id, delivery_id=row.id, reason=reason)
    record(session, fact, actor=ACTOR, at=now)
