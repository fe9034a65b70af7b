"""Long texts from citizens arrive in pieces, in any order, some of them twice, some never."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from sms import segments, service
from sms.models import SmsInboundPart

WAIT_MINUTES = 10
GAP = "…"
UCS2, LATIN_1 = 8, 3


@dataclass(frozen=True)
class Piece:
    """`reference` is the sender's own number of the long text; `coding` is SMPP's data_coding."""

    provider: str
    sender: str
    reference: str
    total: int
    seq: int
    coding: int
    body: bytes


def decode(body: bytes, coding: int) -> str:
    if coding == UCS2:
        return body.decode("utf-16-be", "replace")
    return body.decode("latin-1") if coding == LATIN_1 else segments.decode_gsm(body)


def keep_piece(session: Session, piece: Piece, now: datetime) -> None:
    """Keep one piece; the last one to arrive makes the text. The same piece again changes nothing."""
    rows = _group(session, piece)
    twin = next((row for row in rows if row.seq == piece.seq), None)
    if twin is not None and twin.body == piece.body:
        return
    if twin is not None:  # the telephone used its number again for another text
        _join(session, rows, now)
        _forget(session, rows)
        rows = []
    values = vars(piece) | {"received_at": now}
    session.execute(insert(SmsInboundPart).values(values))
    rows = _group(session, piece)
    if len(rows) == piece.total:
        _join(session, rows, now)


def join_late(session: Session, now: datetime) -> int:
    """Pieces whose siblings never came are read with a gap. Returns how many texts were made so."""
    limit = now - timedelta(minutes=WAIT_MINUTES)
    old = select(SmsInboundPart).where(SmsInboundPart.received_at < limit)
    made = 0
    for piece in session.scalars(old.order_by(SmsInboundPart.id)).all():
        rows = _group(session, piece)
        if rows and not rows[0].joined_at:
            _join(session, rows, now)
            made += 1
        _forget(session, rows)
    return made


def _group(session: Session, piece: Piece | SmsInboundPart) -> list[SmsInboundPart]:
    siblings = select(SmsInboundPart).where(
        SmsInboundPart.provider == piece.provider,
        SmsInboundPart.sender == piece.sender,
        SmsInboundPart.reference == piece.reference,
        SmsInboundPart.total == piece.total,
    )
    return list(session.scalars(siblings.order_by(SmsInboundPart.seq)))


def _join(session: Session, rows: Sequence[SmsInboundPart], now: datetime) -> None:
    """Bytes are joined before they are read: a character may be cut between two pieces."""
    if rows[0].joined_at:
        return
    first = rows[0]
    present = {row.seq: row.body for row in rows}
    gap = GAP.encode("utf-16-be") if first.coding == UCS2 else b"..."
    body = b"".join(present.get(seq, gap) for seq in range(1, first.total + 1))
    service.receive(
        session,
        provider=first.provider,
        provider_ref=f"pieces-{first.id}",
        sender=first.sender,
        text=decode(body, first.coding),
        now=now,
    )
    for row in rows:
        row.joined_at = now
    session.flush()


def _forget(session: Session, rows: Sequence[SmsInboundPart]) -> None:
    session.execute(
        delete(SmsInboundPart).where(SmsInboundPart.id.in_([row.id for row in rows])),
        execution_options={"synchronize_session": False},
    )
