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


class Build(StrEnum):
    ASKED = "asked"
    BUILDING = "building"
    PASSED = "passed"  # the golden set let it through
    SAME = "same"  # as the live one: nothing new was learnt
    REFUSED = "refused"
    FAILED = "failed"


class LearntModel(Base):
    """What was learnt in one rebuild. Which one is live says the newest ModelSwap.

    `artefact` is compressed (hotline/learning/artefact.py), `sha256` the digest of what was compressed;
    `embedding_model` empty: words alone. `golden` and `golden_live` are the figures of this model and of
    the one that was live, on the same sentences; `reasons` say why it was refused.
    """

    __tablename__ = "learnt_model"
    __table_args__ = (
        CheckConstraint(one_of("state", Build), name="state"),
        CheckConstraint("state <> 'passed' OR sha256 IS NOT NULL", name="passed_with_content"),
        Index("ix_learnt_model_hotline", "hotline", "id"),
        Index("ix_learnt_model_owed", "id", postgresql_where=text("state IN ('asked','building')")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    hotline: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default=Build.ASKED, server_default="asked")
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(60))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    catalogue_version_id: Mapped[int | None] = mapped_column(ForeignKey(CatalogueVersion.id))
    embedding_model: Mapped[str | None] = mapped_column(String(80))
    tickets: Mapped[int] = mapped_column(default=0, server_default="0")
    items: Mapped[int] = mapped_column(default=0, server_default="0")
    artefact: Mapped[bytes | None] = mapped_column(deferred=True)
    sha256: Mapped[str | None] = mapped_column(String(64))
    golden: Mapped[dict[str, int] | None] = mapped_column(JSONB)
    golden_live: Mapped[dict[str, int] | None] = mapped_column(JSONB)
    reasons: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]", default=list)


class ModelSwap(Base):
    """A model went live: the newest row of a hotline names the live one; `model_id` empty: as shipped."""

    __tablename__ = "model_swap"
    __table_args__ = (
        CheckConstraint("way IN ('rebuilt','rolled_back')", name="way"),
        Index("ix_model_swap_hotline", "hotline", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    hotline: Mapped[str] = mapped_column(String(10))
    model_id: Mapped[int | None] = mapped_column(ForeignKey(LearntModel.id))
    previous_id: Mapped[int | None] = mapped_column(ForeignKey(LearntModel.id))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(60))
    way: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(300))


class GoldenSentence(Base):
    """A sentence of this site whose item is known for certain; those that ship stand in files."""

    __tablename__ = "golden_sentence"
    __table_args__ = (
        CheckConstraint("(retired_at IS NULL) = (retired_by IS NULL)", name="retired_by_somebody"),
        Index(
            "uq_golden_sentence_text",
            "hotline",
            "text",
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    hotline: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(String(300))
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(60))
    retired_at: Mapped[datetime | None]
    retired_by: Mapped[str | None] = mapped_column(String(60))
    retired_because: Mapped[str | None] = mapped_column(String(300))


class KeptMeaning(Base):
    """The meaning of an item's own sentences, worked out here because it did not ship
    (hotline/catalogue/understanding/usage.py)."""

    __tablename__ = "kept_meaning"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    model: Mapped[str] = mapped_column(String(80))
    sentences: Mapped[int]
    total: Mapped[bytes]
