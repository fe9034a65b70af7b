"""The append-only log of facts. A row is written in the transaction that made the fact true."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Identity,
    Index,
    LargeBinary,
    String,
    Text,
    Tuple,
    bindparam,
    cast,
    text,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.event import listens_for
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column
from sqlalchemy.types import UserDefinedType

from hotline.db import Base
from hotline.events import Fact


class Xid8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class Event(Base):
    """One fact. `tx` orders facts so that the relay never passes one whose commit comes late.

    `era` counts the clusters the log has lived in: each numbers its transactions anew.
    """

    __tablename__ = "event_log"
    __table_args__ = (
        Index("ix_event_log_era_tx_id", "era", "tx", "id"),
        Index("ix_event_log_kind_at", "kind", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))
    actor: Mapped[str] = mapped_column(String(60))
    call_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    ticket_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    tx: Mapped[str] = mapped_column(Xid8(), server_default=text("pg_current_xact_id()"))
    era: Mapped[int] = mapped_column(server_default="0")


class Delivery(Base):
    """One handler's run for one fact. `done_at` empty: still owed. `gave_up_at` set: a person must look."""

    __tablename__ = "event_delivery"
    __table_args__ = (
        Index(
            "ix_event_delivery_owed",
            "next_at",
            postgresql_where=text("done_at IS NULL AND gave_up_at IS NULL"),
        ),
    )

    event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    handler: Mapped[str] = mapped_column(String(100), primary_key=True)
    next_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    done_at: Mapped[datetime | None]
    gave_up_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)


class RelayCursor(Base):
    """How far the relay has fanned facts out; exactly one row."""

    __tablename__ = "relay_cursor"

    id: Mapped[int] = mapped_column(primary_key=True)
    era: Mapped[int] = mapped_column(server_default="0")
    tx: Mapped[str] = mapped_column(Xid8())
    event_id: Mapped[int] = mapped_column(BigInteger)


class Seal(Base):
    """What all facts after the seal before, up to `event_id`, were when it was made (hotline/trail)."""

    __tablename__ = "event_seal"
    __table_args__ = (Index("ix_event_seal_place", "era", "tx", "event_id"),)

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sealed_at: Mapped[datetime] = mapped_column(index=True)
    era: Mapped[int]
    tx: Mapped[str] = mapped_column(Xid8())
    event_id: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)  # facts under all seals so far
    marks: Mapped[bytes] = mapped_column(LargeBinary)  # 8 bytes a fact: which one was touched
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Place(NamedTuple):
    """Where a fact stands in the order of the log."""

    era: int
    tx: int
    event_id: int


IN_ORDER = (Event.era, Event.tx, Event.id)
# Nothing can be written before such a fact any more: every transaction as old as its own has ended.
SETTLED = text(
    "(event_log.tx < pg_snapshot_xmin(pg_current_snapshot())"
    " OR event_log.era < (SELECT max(era) FROM event_log))"
)


def after(place: Place | None) -> ColumnElement[bool]:
    """Facts behind this place; None is before all of them."""
    return tuple_(*IN_ORDER) > as_row(place) if place else true()


def as_row(place: Place) -> Tuple:
    return tuple_(place.era, cast(str(place.tx), Xid8()), place.event_id)


# Whatever their number, one statement, one parameter, one plan.
_APPEND = text(
    "INSERT INTO event_log (at, kind, actor, call_id, ticket_id, data)"
    " SELECT at, kind, actor, call_id, ticket_id, data FROM jsonb_to_recordset(:facts)"
    " AS fact (at timestamptz, kind text, actor text, call_id bigint, ticket_id bigint, data jsonb)"
).bindparams(bindparam("facts", type_=JSONB))


def record(session: Session, fact: Fact, *, actor: str, at: datetime) -> None:
    """Append one fact and announce it to live pages once the transaction commits.

    `actor` is 'staff:7', 'caller:3', 'organisation:12' or 'system:<part>'; never a name or a number.
    """
    record_all(session, [fact], actor=actor, at=at)


def record_all(session: Session, facts: Sequence[Fact], *, actor: str, at: datetime) -> None:
    """Append many facts of one moment, in their order."""
    session.info.setdefault("facts", []).extend(_row(fact, actor, at) for fact in facts)
    session.info.setdefault("announced", []).extend(_nudge(fact) for fact in facts)


@listens_for(Session, "before_commit")
def write_recorded(session: Session) -> None:
    """All facts of a transaction go out together as it ends: each alone would be a round trip more.

    So nobody rolls back to a savepoint: its facts would be written all the same (tests/conventions).
    """
    if facts := session.info.pop("facts", ()):
        session.connection().execute(_APPEND, {"facts": facts})


@listens_for(Session, "do_orm_execute")
def _show_recorded(asked: ORMExecuteState) -> None:
    """Who asks for facts sees those of the own transaction too."""
    if "facts" in asked.session.info and Event.__mapper__ in asked.all_mappers:
        write_recorded(asked.session)


def _row(fact: Fact, actor: str, at: datetime) -> dict[str, Any]:
    fields = dict(vars(fact))
    subjects = {name: fields.pop(name, None) for name in ("call_id", "ticket_id")}
    return {"at": at.isoformat(), "kind": fact.kind, "actor": actor, "data": fields, **subjects}


def _nudge(fact: Fact) -> dict[str, Any]:
    ids = {name: value for name, value in vars(fact).items() if name.endswith("_id")}
    return {"kind": fact.kind, **ids}
