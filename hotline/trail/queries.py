"""What there is to see of the trail: facts as they are sealed, seals, the last verification."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Self

from sqlalchemy import ColumnElement, Row, Select, func, literal_column, select, text, tuple_
from sqlalchemy.orm import Session

from hotline.event_log import IN_ORDER, Event, Place, Seal, after, as_row
from hotline.events import TrailBroken, TrailVerified
from hotline.trail import chain

# A fact's columns, all of them, in one form whatever the connection's time zone or date style;
# PostgreSQL keeps the keys of jsonb in an order of its own.
CANONICAL: ColumnElement[str] = literal_column(
    "json_build_array(id, era, tx::text, at AT TIME ZONE 'UTC', kind, actor, call_id, ticket_id, data)::text"
)
MAY_CHANGE = """
    SELECT bool_or(has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
                   OR pg_has_role(relowner, 'USAGE'))
    FROM pg_class WHERE oid IN ('event_log'::regclass, 'event_seal'::regclass)
"""
VERIFICATIONS = (TrailVerified.kind, TrailBroken.kind)


class Sealed(NamedTuple):
    """A fact as a seal sees it."""

    place: Place
    digest: bytes

    @classmethod
    def of(cls, row: Row[int, str, int, str]) -> Self:
        era, tx, event_id, canonical = row
        return cls(Place(era, int(tx), event_id), chain.digest(canonical))


@dataclass(frozen=True)
class State:
    """Where sealing stands, and what the last verification found (kind trail_verified or trail_broken)."""

    head: Seal | None
    unsealed: int
    oldest_unsealed: datetime | None
    verification: Event | None

    @property
    def sealed(self) -> int:
        return self.head.total if self.head else 0

    @property
    def broken(self) -> bool:
        return self.verification is not None and self.verification.kind == TrailBroken.kind


def place_of(seal: Seal) -> Place:
    """Of the last fact under it."""
    return Place(seal.era, int(seal.tx), seal.event_id)


def facts_after(seal: Seal | None) -> Select[int, str, int, str]:
    return select(*IN_ORDER, CANONICAL).where(_after(seal)).order_by(*IN_ORDER)


def hash_of(previous: Seal | None, seal: Seal, digests: Sequence[bytes]) -> bytes:
    """What the seal's hash has to be, were these the facts under it."""
    sealed_at = seal.sealed_at.astimezone(UTC).isoformat()
    header = [seal.number, sealed_at, *place_of(seal), seal.total]
    return chain.seal_hash(previous.hash if previous else chain.ORIGIN, header, digests)


def newest(session: Session) -> Seal | None:
    return session.scalar(select(Seal).order_by(Seal.number.desc()).limit(1))


def state(session: Session) -> State:
    head = newest(session)
    unsealed, oldest = session.execute(select(func.count(), func.min(Event.at)).where(_after(head))).one()
    return State(head, unsealed, oldest, last_verification(session))


def seal_of_fact(session: Session, event_id: int) -> int | None:
    """The number of the seal over a fact; None when there is no such fact, or no seal over it yet."""
    found = session.execute(select(*IN_ORDER).where(Event.id == event_id)).one_or_none()
    if found is None:
        return None
    place = Place(found.era, int(found.tx), found.id)
    ends = tuple_(Seal.era, Seal.tx, Seal.event_id)
    return session.scalar(select(Seal.number).where(ends >= as_row(place)).order_by(ends).limit(1))


def first_seal_since(session: Session, moment: datetime) -> int | None:
    return session.scalar(select(func.min(Seal.number)).where(Seal.sealed_at >= moment))


def seal_with_hash(session: Session, noted: str) -> int | None:
    """The seal whose hash somebody noted."""
    return session.scalar(select(Seal.number).where(Seal.hash == bytes.fromhex(noted)))


def verifications() -> Select[Event]:
    """What each found (kind trail_verified or trail_broken), the newest first."""
    return select(Event).where(Event.kind.in_(VERIFICATIONS)).order_by(Event.at.desc(), Event.id.desc())


def last_verification(session: Session) -> Event | None:
    return session.scalar(verifications().limit(1))


def last_good_head(session: Session) -> str:
    """As the newest verification that found nothing touched noted it; "" before the first."""
    good = verifications().where(Event.kind == TrailVerified.kind)
    last = session.scalar(good.limit(1))
    return last.data["head"] if last else ""


def broken(session: Session) -> bool:
    """Did the last verification find facts touched?"""
    last = last_verification(session)
    return last is not None and last.kind == TrailBroken.kind


def may_be_changed(session: Session) -> bool:
    """May the role of this connection touch what is written? Owners may, by way of their triggers."""
    return bool(session.scalar(text(MAY_CHANGE)))


def _after(seal: Seal | None) -> ColumnElement[bool]:
    return after(place_of(seal) if seal else None)
