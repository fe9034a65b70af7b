"""Every choice of an item is kept, with what was shown before it."""

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as insert_once
from sqlalchemy.orm import Session

from hotline.calls.models import Call
from hotline.catalogue import queries as catalogue
from hotline.event_log import record
from hotline.events import ItemSuggested
from hotline.learning.models import Decision, Source
from hotline.learning.shown import NOTHING, Shown
from hotline.tickets.models import Ticket

# Without the ORM: nobody looks at the row again in this transaction.
_KEEP = insert(Decision)
_KEEP_OF_CALL = insert_once(Decision).on_conflict_do_nothing()


def remember(
    session: Session,
    ticket: Ticket,
    source: Source,
    *,
    actor: str,
    now: datetime,
    shown: Shown = NOTHING,
    staff_id: int | None = None,
) -> None:
    """The ticket stands under its item because this person, or for the web the classifier, said so."""
    row = {
        **_row(source, ticket.text, shown, now),
        "hotline": ticket.hotline,
        "ticket_id": ticket.id,
        "call_id": ticket.call_id,
        "chosen": ticket.item.code,
        "staff_id": staff_id,
        "catalogue_version_id": ticket.item.version_id,
    }
    session.connection().execute(_KEEP, row)
    if shown.items and source is not Source.CORRECTION:
        fact = ItemSuggested(
            ticket_id=ticket.id, text_hash=row["text_sha256"], shown=shown.codes, chosen=ticket.item.code
        )
        record(session, fact, actor=actor, at=now)


def remember_call(session: Session, call: Call, *, chosen: str, now: datetime) -> None:
    """The dialogue understood the caller's words; told twice, it counts once."""
    version = catalogue.live_version(session, call.hotline)
    if version is None or not call.heard:
        return
    items = tuple((one["code"], float(one["confidence"])) for one in call.suggestions or ())
    row = {
        **_row(Source.IVR, call.heard, Shown(items), now),
        "hotline": call.hotline,
        "ticket_id": None,
        "call_id": call.id,
        "chosen": chosen,
        "staff_id": None,
        "catalogue_version_id": version.id,
    }
    session.connection().execute(_KEEP_OF_CALL, row)


def confidence(session: Session, ticket_id: int) -> tuple[float, str]:
    """How sure the classifier was of the item the ticket stands under, and which: its number or 'shipped'.
    0 for an item it did not suggest, or when it abstained."""
    newest = select(Decision).where(Decision.ticket_id == ticket_id).order_by(Decision.id.desc()).limit(1)
    decision = session.scalar(newest)
    if decision is None:
        return 0.0, "none"
    shown = {} if decision.abstained else {code: float(sure) for code, sure in decision.shown}
    return shown.get(decision.chosen, 0.0), str(decision.model_id or "shipped")


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()


def _row(source: Source, text: str, shown: Shown, now: datetime) -> dict[str, Any]:
    return {
        "at": now,
        "source": source,
        "text_sha256": sha256_of(text),
        "shown": [list(item) for item in shown.items],
        "model_id": shown.model_id,
        "abstained": shown.abstained,
        "emergency": shown.emergency,
    }
