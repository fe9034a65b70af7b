"""The table of surveys: one per closure, never one flag on the ticket."""

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
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.callers.models import Caller
from hotline.db import Base, one_of
from hotline.errors import NotFound
from hotline.surveys.grades import Satisfaction
from hotline.tickets.models import Ticket


class Survey(Base):
    """invited > answered | calling > answered | expired. `token` opens the one-time page.

    No caller: an anonymous citizen, who came with number and code and asked to rate (S01).
    """

    __tablename__ = "survey"
    __table_args__ = (
        UniqueConstraint("ticket_id", "closure"),
        CheckConstraint("state IN ('invited','calling','answered','expired')", name="state"),
        CheckConstraint(one_of("satisfaction", Satisfaction), name="satisfaction"),
        CheckConstraint(
            "(state = 'answered') = (solved IS NOT NULL AND satisfaction IS NOT NULL)", name="answered"
        ),
        Index("ix_survey_waiting", "next_at", postgresql_where=text("state IN ('invited','calling')")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id))
    closure: Mapped[int]
    caller_id: Mapped[int | None] = mapped_column(ForeignKey(Caller.id), index=True)
    token: Mapped[str] = mapped_column(String(40), unique=True)
    state: Mapped[str] = mapped_column(String(10))
    invited_at: Mapped[datetime] = mapped_column(index=True)
    next_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    unreadable: Mapped[int] = mapped_column(default=0, server_default="0")
    ivr_attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    solved: Mapped[bool | None]
    satisfaction: Mapped[str | None] = mapped_column(String(20))
    mode: Mapped[str | None] = mapped_column(String(10))
    answered_at: Mapped[datetime | None]

    ticket: Mapped[Ticket] = relationship()
    caller: Mapped[Caller | None] = relationship()

    @property
    def number(self) -> str:
        """Where to ring. Raises NotFound for an anonymous citizen: nobody rings them."""
        if self.caller is None:
            raise NotFound(f"survey {self.id} is an anonymous citizen's")
        return self.caller.number
