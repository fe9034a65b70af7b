"""Tables of the IVR's work that leaves the building: survey calls to make, recordings to fetch."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.calls.models import Call
from hotline.db import Base
from hotline.surveys.models import Survey


class SurveyCall(Base):
    """One try to ring a citizen. due > ringing > rung | failed | dropped (answered otherwise meanwhile)."""

    __tablename__ = "survey_call"
    __table_args__ = (
        CheckConstraint("state IN ('due','ringing','rung','failed','dropped')", name="state"),
        Index("ix_survey_call_open", "next_at", postgresql_where=text("state IN ('due','ringing')")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    event_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey(Survey.id), index=True)
    state: Mapped[str] = mapped_column(String(10), default="due", server_default="due")
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    next_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    system_id: Mapped[str | None] = mapped_column(String(80))
    error: Mapped[str | None] = mapped_column(String(200))

    survey: Mapped[Survey] = relationship()


class RecordingFetch(Base):
    """A recording that lies with the carrier. due > fetching > fetched | failed."""

    __tablename__ = "recording_fetch"
    __table_args__ = (
        CheckConstraint("state IN ('due','fetching','fetched','failed')", name="state"),
        Index("ix_recording_fetch_open", "next_at", postgresql_where=text("state IN ('due','fetching')")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    recording_id: Mapped[str] = mapped_column(String(40), unique=True)
    call_id: Mapped[int] = mapped_column(ForeignKey(Call.id), index=True)
    state: Mapped[str] = mapped_column(String(10), default="due", server_default="due")
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    next_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(200))

    call: Mapped[Call] = relationship()
