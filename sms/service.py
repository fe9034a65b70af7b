"""What happens to text messages: queued, claimed, sent, received. Every change of state passes `_move`."""

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hotline.callers.models import Caller
from hotline.config import settings
from hotline.errors import ProviderError
from hotline.event_log import record, record_all
from hotline.events import Fact, SmsDelivered, SmsFailed, SmsQueued, SmsReceived, SmsSent
from hotline.jobs import wake
from hotline.phone_numbers import normalise_or_none
from sms import segments, texts
from sms.models import SmsInbound, SmsMessage, SmsPart, SmsReceipt
from sms.providers.base import SMPP, NotSubmitted, OutcomeUnknown, OutgoingSms, Receipt
from sms.states import FINAL, PartState, SmsState, sources

logger = logging.getLogger(__name__)
ACTOR = "system:sms"
RECEIPT_DAYS = 3  # carriers use references again after some time; an older receipt cannot mean a new message


# --- out -------------------------------------------------------------------------------------------------


def queue(
    session: Session,
    *,
    template: texts.Template,
    subject: str,
    to: str,
    caller_id: int | None,
    values: dict[str, str],
    language: str,
    now: datetime,
    ticket_id: int | None = None,
    survey_id: int | None = None,
) -> int | None:
    """Put one text on its way; None when this `subject` has been queued before. `to` is E.164."""
    text = texts.render(template, language, settings().sms.signature, **values)
    row = {
        "subject": subject,
        "template": template,
        "language": language,
        "recipient": to,
        "caller_id": caller_id,
        "ticket_id": ticket_id,
        "survey_id": survey_id,
        "sender": settings().sms.sender,
        "text": text,
        "parts": segments.count(text),
        "queued_at": now,
        "next_attempt_at": now,
    }
    once = insert(SmsMessage).values(row).on_conflict_do_nothing()
    made: int | None = session.scalar(once.returning(SmsMessage.id))
    if made is None:
        return None
    fact = SmsQueued(sms_id=made, template=template, parts=segments.count(text), ticket_id=ticket_id)
    record(session, fact, actor=ACTOR, at=now)
    if settings().sms.provider != SMPP:
        wake(session, "sms.jobs.send", made)
    return made


def claim(
    session: Session, provider: str, *, now: datetime, limit: int, only: int | None = None
) -> list[OutgoingSms]:
    """Take up to `limit` due messages for this sender; two senders never get the same one."""
    due = select(SmsMessage.id).where(SmsMessage.state == SmsState.QUEUED, SmsMessage.next_attempt_at <= now)
    if only is not None:
        due = due.where(SmsMessage.id == only)
    oldest = due.order_by(SmsMessage.next_attempt_at, SmsMessage.id).limit(limit)
    ids = session.scalars(oldest.with_for_update(skip_locked=True)).all()
    rows = _move(
        session, ids, SmsState.SENDING, claimed_at=now, provider=provider, attempts=SmsMessage.attempts + 1
    )
    return [OutgoingSms(row.id, row.recipient, row.sender, row.text) for row in rows]


def record_sent(session: Session, provider: str, sent: Mapping[int, Sequence[str]], now: datetime) -> None:
    """The carrier took these: message id > its references. Receipts that came earlier are applied now."""
    parts = [
        {"message_id": message_id, "seq": seq, "provider": provider, "provider_ref": ref}
        for message_id, refs in sent.items()
        for seq, ref in enumerate(refs, start=1)
    ]
    if not parts:
        return
    session.execute(insert(SmsPart).on_conflict_do_nothing(), parts)
    moved = _move(session, list(sent), SmsState.SENT, sent_at=now, reason=None)
    facts = [SmsSent(sms_id=row.id, provider=provider, ticket_id=row.ticket_id) for row in moved]
    record_all(session, facts, actor=ACTOR, at=now)
    _apply(session, provider, [str(part["provider_ref"]) for part in parts], now)


def record_failure(
    session: Session, message_id: int, error: ProviderError, *, safe_to_repeat: bool, now: datetime
) -> None:
    """Refused or unreachable: again later, or never. Unanswered: unknown where a repeat might double it."""
    message = session.get_one(SmsMessage, message_id)
    logger.warning("sms %d, attempt %d: %s", message_id, message.attempts, error)
    if isinstance(error, OutcomeUnknown) and not safe_to_repeat:
        _end(session, [message_id], SmsState.UNKNOWN, "unknown", now)
    elif isinstance(error, NotSubmitted):
        _move(session, [message_id], SmsState.QUEUED, attempts=SmsMessage.attempts - 1)
    elif error.permanent:
        _end(session, [message_id], SmsState.FAILED, "refused", now)
    else:
        _retry(session, message, now)


def _retry(session: Session, message: SmsMessage, now: datetime) -> None:
    waits = settings().sms.retry_minutes
    if message.attempts > len(waits):
        _end(session, [message.id], SmsState.FAILED, "gave_up", now)
        return
    again = now + timedelta(minutes=waits[message.attempts - 1])
    _move(session, [message.id], SmsState.QUEUED, next_attempt_at=again)


def sweep_stuck(session: Session, *, safe_to_repeat: Collection[str], now: datetime) -> int:
    """Claims whose sender died before it recorded: repeated where that is safe, else visibly unknown."""
    limit = now - timedelta(minutes=settings().sms.stuck_minutes)
    stuck = select(SmsMessage).where(SmsMessage.state == SmsState.SENDING, SmsMessage.claimed_at < limit)
    rows = session.scalars(stuck.with_for_update(skip_locked=True)).all()
    for row in rows:
        if row.provider in safe_to_repeat:
            _retry(session, row, now)
    lost = [row.id for row in rows if row.provider not in safe_to_repeat]
    _end(session, lost, SmsState.UNKNOWN, "unknown", now)
    return len(rows)


def _move(session: Session, ids: Sequence[int], new: SmsState, **changes: Any) -> list[SmsMessage]:
    """The only way a message changes state. Returns those that moved."""
    if not ids:
        return []
    allowed = and_(SmsMessage.id.in_(ids), SmsMessage.state.in_(sources(new)))
    moved = update(SmsMessage).where(allowed).values(state=new, **changes).returning(SmsMessage)
    refreshed = {"synchronize_session": False, "populate_existing": True}
    return sorted(session.scalars(moved, execution_options=refreshed), key=lambda row: row.id)


def _end(session: Session, ids: Sequence[int], new: SmsState, reason: str, now: datetime) -> None:
    moved = _move(session, ids, new, reason=reason, ended_at=now)
    facts: list[Fact] = [SmsFailed(sms_id=row.id, reason=reason, ticket_id=row.ticket_id) for row in moved]
    record_all(session, facts, actor=ACTOR, at=now)


# --- receipts --------------------------------------------------------------------------------------------


def apply_receipts(session: Session, provider: str, receipts: Sequence[Receipt], now: datetime) -> None:
    """Keep what the carrier says: twice, late, or before its submit is recorded, it counts once."""
    if not receipts:
        return
    rows = [
        {
            "provider": provider,
            "provider_ref": clean(receipt.provider_ref),
            "status": receipt.status,
            "stated_at": receipt.stated_at,
            "raw": clean(receipt.raw)[:300],
            "received_at": now,
        }
        for receipt in receipts
    ]
    session.execute(insert(SmsReceipt).on_conflict_do_nothing(), rows)
    _apply(session, provider, [receipt.provider_ref for receipt in receipts], now)


def apply_waiting_receipts(session: Session, provider: str, now: datetime) -> None:
    """Receipts that came in the very moment their parts were recorded elsewhere: neither saw the other."""
    same = and_(SmsPart.provider == SmsReceipt.provider, SmsPart.provider_ref == SmsReceipt.provider_ref)
    waiting = (
        select(SmsReceipt.provider_ref)
        .join(SmsPart, same)
        .where(SmsReceipt.provider == provider, _fresh(now))
    )
    _apply(session, provider, session.scalars(waiting.limit(1000)).all(), now)


def _apply(session: Session, provider: str, refs: Sequence[str], now: datetime) -> None:
    """Settle the parts these references name; the first final statement about a part counts.

    Receipts first: one that commits between the two statements is left whole for the next look.
    """
    if not refs:
        return
    same = and_(SmsPart.provider == SmsReceipt.provider, SmsPart.provider_ref == SmsReceipt.provider_ref)
    ours = and_(SmsReceipt.provider == provider, SmsReceipt.provider_ref.in_(refs))
    unseen = {"synchronize_session": False}
    taken = session.scalars(
        update(SmsReceipt).where(same, ours, _fresh(now)).values(applied_at=now).returning(SmsReceipt.id),
        execution_options=unseen,
    ).all()
    if not taken:
        return
    final = and_(SmsReceipt.id.in_(taken), SmsReceipt.status.in_(FINAL))
    touched = session.scalars(
        update(SmsPart)
        .where(same, final, SmsPart.state == PartState.SENT)
        .values(state=SmsReceipt.status, receipt_at=now)
        .returning(SmsPart.message_id),
        execution_options=unseen,
    ).all()
    _settle(session, sorted(set(touched)), now)


def _settle(session: Session, ids: Sequence[int], now: datetime) -> None:
    """A message is delivered with its last part, and has failed with its first."""
    if not ids:
        return
    # Receipts of two parts at once: the second waits here and then counts the first one's part too
    session.execute(
        select(SmsMessage.id).where(SmsMessage.id.in_(ids)).order_by(SmsMessage.id).with_for_update()
    )
    delivered = func.bool_and(SmsPart.state == PartState.DELIVERED)
    failed = func.bool_or(SmsPart.state == PartState.FAILED)
    tally = select(SmsPart.message_id, delivered, failed).where(SmsPart.message_id.in_(ids))
    rows = session.execute(tally.group_by(SmsPart.message_id)).all()
    _end(session, [row[0] for row in rows if row[2]], SmsState.FAILED, "undelivered", now)
    moved = _move(session, [row[0] for row in rows if row[1]], SmsState.DELIVERED, ended_at=now)
    record_all(
        session, [SmsDelivered(sms_id=row.id, ticket_id=row.ticket_id) for row in moved], actor=ACTOR, at=now
    )


def _fresh(now: datetime) -> ColumnElement[bool]:
    oldest = now - timedelta(days=RECEIPT_DAYS)
    return and_(SmsReceipt.applied_at.is_(None), SmsReceipt.received_at > oldest)


# --- in --------------------------------------------------------------------------------------------------


def receive(
    session: Session, *, provider: str, provider_ref: str, sender: str, text: str, now: datetime
) -> int | None:
    """A citizen wrote. None when this text was received before. Unreadable numbers are kept as they came."""
    number = normalise_or_none(sender, settings().site.region) or clean(sender)[:40]
    caller_id = session.scalar(select(Caller.id).where(Caller.number == number))
    row = {
        "provider": provider,
        "provider_ref": provider_ref,
        "sender": number,
        "caller_id": caller_id,
        "text": clean(text),
        "received_at": now,
    }
    once = insert(SmsInbound).values(row).on_conflict_do_nothing()
    made: int | None = session.scalar(once.returning(SmsInbound.id))
    if made is not None:
        actor = f"caller:{caller_id}" if caller_id else "caller:unknown"
        record(session, SmsReceived(sms_inbound_id=made, caller_id=caller_id), actor=actor, at=now)
    return made


def mark_handled(inbound: SmsInbound, now: datetime) -> None:
    inbound.handled_at = now


def clean(text: str) -> str:
    """What PostgreSQL can keep: a NUL or half a surrogate pair, which networks do send, becomes U+FFFD."""
    return text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
