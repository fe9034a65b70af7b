"""The table of citizens a person shall ring back."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.callers.models import Caller
from hotline.db import Base


class CallBackReason(StrEnum):
    ABANDONED = "abandoned"  # hung up waiting, number known (Z09)
    NO_AGENT = "no_agent"  # promised when nobody was free
    DISSATISFIED = "dissatisfied"  # survey: unsolved or dissatisfied
    SURVEY_FAILED = "survey_failed"  # neither SMS nor IVR got an answer
    SMS_FAILED = "sms_failed"  # the notice could not be delivered
    URGENT_MESSAGE = "urgent_message"  # left at night, with words of an emergency (N04)
    SUPPLEMENT = "supplement"  # something is missing, and the citizen wishes no text (C04)
    PRICE = "price"  # a firm told its price, and the citizen wishes no text (E09)
    REFUND = "refund"  # a contested job was decided, and the citizen wishes no text (E09)
    RESULT = "result"  # the citizen wished to be told by telephone (I02)


class CallBack(Base):
    """One citizen, one reason, one task. `subject` keeps the same reason from being asked twice."""

    __tablename__ = "callback"
    __table_args__ = (
        CheckConstraint("state IN ('open','done','cancelled')", name="state"),
        Index("ix_callback_open", "due_at", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    reason: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(60), unique=True)
    caller_id: Mapped[int] = mapped_column(ForeignKey(Caller.id), index=True)
    call_id: Mapped[int | None] = mapped_column(BigInteger)
    ticket_id: Mapped[int | None] = mapped_column(BigInteger)
    requested_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="open", server_default="open")
    outcome: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    staff_id: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[datetime | None]

    caller: Mapped[Caller] = relationship()
