"""Tables of partners' systems: keys to our API, what was answered under an idempotency key, and web-hooks
with one delivery for each fact and recipient."""

from datetime import datetime
from enum import StrEnum
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

from hotline.db import Base, one_of
from hotline.organisations.models import Organisation


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


class PartnerKey(Base):
    """A key to the API; only its hash is kept, `hint` are its last characters."""

    __tablename__ = "partner_key"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id), index=True)
    name: Mapped[str] = mapped_column(String(60))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(4))
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class PartnerAnswer(Base):
    """What an act was answered the first time: the same request under the same key does nothing again."""

    __tablename__ = "partner_answer"

    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(80), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(index=True)


class WebHook(Base):
    """Where an organisation's system hears of its work orders; one each. `secret` signs, so it is kept."""

    __tablename__ = "web_hook"

    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id), primary_key=True)
    url: Mapped[str] = mapped_column(String(300))
    secret: Mapped[str] = mapped_column(String(60))
    active: Mapped[bool] = mapped_column(default=True, server_default="true")


class WebHookDelivery(Base):
    """One fact on its way to one recipient: its state is its own, whatever became of the others (lesson 14).

    `attempts` counts claims since it was last put on its way; `status` is the last HTTP answer, `reason` why
    it was none.
    """

    __tablename__ = "web_hook_delivery"
    __table_args__ = (
        UniqueConstraint("event_id", "organisation_id"),
        CheckConstraint(one_of("state", DeliveryState), name="state"),
        Index("ix_web_hook_delivery_due", "next_at", postgresql_where=text("state IN ('queued','sending')")),
        Index("ix_web_hook_delivery_organisation", "organisation_id", "id"),
        Index("ix_web_hook_delivery_failed", "organisation_id", postgresql_where=text("state = 'failed'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(WebHook.organisation_id))
    event_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(60))
    body: Mapped[str]
    state: Mapped[str] = mapped_column(String(10), default=DeliveryState.QUEUED, server_default="queued")
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    queued_at: Mapped[datetime]
    next_at: Mapped[datetime]
    status: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(60))
    ended_at: Mapped[datetime | None]

    hook: Mapped[WebHook] = relationship()
