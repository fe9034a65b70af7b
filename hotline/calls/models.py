"""Tables of calls, their legs and recordings."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.callers.models import Caller
from hotline.calls.states import CallState, EndReason
from hotline.db import Base, one_of


class Call(Base):
    """One call, whatever telephone system carries it. `system_id` is that system's own id of it."""

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("system", "system_id"),
        CheckConstraint(one_of("state", CallState), name="state"),
        CheckConstraint(f"end_reason IS NULL OR {one_of('end_reason', EndReason)}", name="end_reason"),
        CheckConstraint("(state = 'ended') = (end_reason IS NOT NULL)", name="ended_has_reason"),
        Index("ix_call_live", "state", postgresql_where=text("state <> 'ended'")),
        Index("ix_call_queued_at", "queued_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    hotline: Mapped[str] = mapped_column(String(10))
    direction: Mapped[str] = mapped_column(String(10))
    purpose: Mapped[str] = mapped_column(String(20))
    system: Mapped[str] = mapped_column(String(20))
    system_id: Mapped[str] = mapped_column(String(80))
    dialled: Mapped[str] = mapped_column(String(40))
    caller_id: Mapped[int | None] = mapped_column(ForeignKey(Caller.id), index=True)
    state: Mapped[str] = mapped_column(String(20))
    queue: Mapped[str | None] = mapped_column(String(40))
    staff_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    item_code: Mapped[str | None] = mapped_column(String(10))
    confidence: Mapped[float | None]
    understood_by: Mapped[str | None] = mapped_column(String(10))
    heard: Mapped[str | None]
    suggestions: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    alarm: Mapped[str | None] = mapped_column(String(40))  # the rule that heard an emergency in the words
    started_at: Mapped[datetime] = mapped_column(index=True)
    ivr_at: Mapped[datetime | None]
    queued_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    wrapped_up_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(20))
    disposition: Mapped[str | None] = mapped_column(String(40))
    survey_id: Mapped[int | None] = mapped_column(BigInteger)
    case_number: Mapped[str | None] = mapped_column(String(20))
    requeued_at: Mapped[datetime | None]  # while the caller waits for the other hotline
    version_id: Mapped[int] = mapped_column(default=1, server_default="1")

    caller: Mapped[Caller | None] = relationship()

    __mapper_args__ = {"version_id_col": version_id}


class CallLeg(Base):
    """One telephone in the call: the caller's, or an agent's that rang. `system_id` is the channel."""

    __tablename__ = "call_leg"
    __table_args__ = (UniqueConstraint("call_id", "system_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey(Call.id), index=True)
    party: Mapped[str] = mapped_column(String(10))
    system_id: Mapped[str] = mapped_column(String(80))
    staff_id: Mapped[int | None] = mapped_column(BigInteger)
    rang_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Recording(Base):
    """A sound file below the recordings directory."""

    __tablename__ = "recording"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey(Call.id), index=True)
    path: Mapped[str] = mapped_column(String(200), unique=True)
    recorded_at: Mapped[datetime]
