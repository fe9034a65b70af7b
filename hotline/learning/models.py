"""Tables of learning: what was shown and chosen, what was learnt from it, and what guards it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hotline.catalogue.models import CatalogueVersion
from hotline.db import Base, one_of
from hotline.tickets.models import Ticket


class Source(StrEnum):
    AGENT = "agent"  # chose it in the ticket form
    WEB = "web"  # the best suggestion, until a person looks at the ticket
    IVR = "ivr"  # the caller's words, read by the dialogue; no ticket yet
    CORRECTION = "correction"  # a dispatcher gave the ticket another item


class Decision(Base):
    """One choice of an item. Of a ticket's decisions the newest holds.

    `shown` is [[code, confidence], …], best first; of the text only its sha256 stands here. `terms` and
    `unseen` (how many of its terms the classifier had never met) are counted at night.
    """

    __tablename__ = "item_decision"
    __table_args__ = (
        CheckConstraint(one_of("source", Source), name="source"),
        CheckConstraint("(ticket_id IS NULL) = (source = 'ivr')", name="of_a_ticket_or_a_call"),
        Index("ix_item_decision_hotline_at", "hotline", "at"),
        Index("uq_item_decision_call", "call_id", unique=True, postgresql_where=text("source = 'ivr'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(10))
    hotline: Mapped[str] = mapped_column(String(10))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey(Ticket.id), index=True)
    call_id: Mapped[int | None] = mapped_column(BigInteger)
    text_sha256: Mapped[str] = mapped_column(String(64))
    shown: Mapped[list[Any]] = mapped_column(JSONB)
    chosen: Mapped[str] = mapped_column(String(10))
    staff_id: Mapped[int | None] = mapped_column(BigInteger)
    catalogue_version_id: Mapped[int] = mapped_column(ForeignKey(CatalogueVersion.id))
    model_id: Mapped[int | None] = mapped_column(BigInteger)
    abstained: Mapped[bool] = mapped_column(default=False, server_default="false")
    emergency: Mapped[bool] = mapped_column(default=False, server_default="false")
    terms: Mapped[int | None]
    unseen: Mapped[int | None]
