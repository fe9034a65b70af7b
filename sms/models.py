"""Tables of text messages: out (MT), their parts, carriers' receipts, and in (MO)."""

from datetime import datetime

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
from sqlalchemy.orm import Mapped, mapped_column

from hotline.callers.models import Caller
from hotline.db import Base, one_of
from hotline.surveys.models import Survey
from hotline.tickets.models import Ticket
from sms.states import PartState, ReceiptStatus, SmsState


class SmsMessage(Base):
    """One text to one citizen. `subject` says why it is sent, and keeps the same reason from sending twice.

    `attempts` counts claims; `reason` is the error's code once it failed or its fate is unknown.
    """

    __tablename__ = "sms_message"
    __table_args__ = (
        CheckConstraint(one_of("state", SmsState), name="state"),
        Index("ix_sms_message_due", "next_attempt_at", "id", postgresql_where=text("state = 'queued'")),
        Index("ix_sms_message_claimed", "claimed_at", postgresql_where=text("state = 'sending'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    subject: Mapped[str] = mapped_column(String(80), unique=True)
    template: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2))
    recipient: Mapped[str] = mapped_column(String(20))
    caller_id: Mapped[int | None] = mapped_column(ForeignKey(Caller.id), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey(Ticket.id), index=True)
    survey_id: Mapped[int | None] = mapped_column(ForeignKey(Survey.id))
    sender: Mapped[str] = mapped_column(String(20))
    text: Mapped[str]
    parts: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=SmsState.QUEUED, server_default="queued")
    provider: Mapped[str | None] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    reason: Mapped[str | None] = mapped_column(String(60))
    queued_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class SmsPart(Base):
    """One piece of a sent message as the carrier knows it. Some carriers name all pieces by one reference."""

    __tablename__ = "sms_part"
    __table_args__ = (
        CheckConstraint(one_of("state", PartState), name="state"),
        Index("ix_sms_part_ref", "provider", "provider_ref"),
    )

    message_id: Mapped[int] = mapped_column(ForeignKey(SmsMessage.id), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(20))
    provider_ref: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(10), default=PartState.SENT, server_default="sent")
    receipt_at: Mapped[datetime | None]


class SmsReceipt(Base):
    """What a carrier said about a reference, kept whether or not we know the reference yet.

    The same statement twice is one row. `applied_at` stays empty until the part it speaks of is recorded.
    """

    __tablename__ = "sms_receipt"
    __table_args__ = (
        UniqueConstraint(
            "provider", "provider_ref", "status", "stated_at", postgresql_nulls_not_distinct=True
        ),
        CheckConstraint(one_of("status", ReceiptStatus), name="status"),
        Index("ix_sms_receipt_open", "received_at", postgresql_where=text("applied_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    provider: Mapped[str] = mapped_column(String(20))
    provider_ref: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(10))
    stated_at: Mapped[str | None] = mapped_column(String(30))
    raw: Mapped[str] = mapped_column(String(300))
    received_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]


class SmsInbound(Base):
    """A text from a citizen. `handled_at` is set once the house has reacted to it."""

    __tablename__ = "sms_inbound"
    __table_args__ = (UniqueConstraint("provider", "provider_ref"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    provider: Mapped[str] = mapped_column(String(20))
    provider_ref: Mapped[str] = mapped_column(String(80))
    sender: Mapped[str] = mapped_column(String(40))
    caller_id: Mapped[int | None] = mapped_column(ForeignKey(Caller.id), index=True)
    text: Mapped[str]
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]


class SmsInboundPart(Base):
    """A piece of a long text from a citizen, kept until the other pieces are here and for a while after.

    Bytes, because a character of four bytes may be cut between two pieces; `coding` is SMPP's data_coding.
    """

    __tablename__ = "sms_inbound_part"
    __table_args__ = (
        UniqueConstraint("provider", "sender", "reference", "total", "seq"),
        Index("ix_sms_inbound_part_received_at", "received_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    provider: Mapped[str] = mapped_column(String(20))
    sender: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str] = mapped_column(String(20))
    total: Mapped[int]
    seq: Mapped[int]
    coding: Mapped[int]
    body: Mapped[bytes]
    received_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
