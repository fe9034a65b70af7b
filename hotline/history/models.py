"""Table of what came from systems that were shut down."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.callers.models import Caller
from hotline.db import Base
from hotline.organisations.models import Area


class PastTicket(Base):
    """A matter another system closed, under the number it had there. It is no ticket: nothing here can move
    it, give it a clock, a text or a survey, or count it in a rate. `digest` is of the row it came in."""

    __tablename__ = "past_ticket"
    __table_args__ = (
        UniqueConstraint("system", "old_id"),
        CheckConstraint("closed_at >= accepted_at", name="closed_after_it_was_accepted"),
        Index("ix_past_ticket_accepted_at", "accepted_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    system: Mapped[str] = mapped_column(String(40))
    old_id: Mapped[str] = mapped_column(String(60))
    accepted_at: Mapped[datetime]
    closed_at: Mapped[datetime]
    item: Mapped[str] = mapped_column(String(100))
    text: Mapped[str]
    place: Mapped[str] = mapped_column(String(200), default="", server_default="")
    area_id: Mapped[int | None] = mapped_column(ForeignKey(Area.id), index=True)
    organisation: Mapped[str] = mapped_column(String(100), default="", server_default="")
    result: Mapped[str] = mapped_column(default="", server_default="")
    caller_id: Mapped[int | None] = mapped_column(ForeignKey(Caller.id), index=True)
    confidential: Mapped[bool] = mapped_column(default=False, server_default="false")
    digest: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime]

    area: Mapped[Area | None] = relationship()
    caller: Mapped[Caller | None] = relationship()
