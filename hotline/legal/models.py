"""The table of questions for lawyers."""

from datetime import datetime, time

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.calls.models import Call
from hotline.db import Base, one_of
from hotline.legal.states import LIVE, ClosedBecause, LawyerTaskState
from hotline.staff.models import Staff
from hotline.tickets.models import Ticket


class LawyerTask(Base):
    """One ticket of 12348 that a lawyer answers. `call_id` is the call that left a message, `seconds` long.

    `let_go_by` gave it back or held it too long. `told` is how the citizen gets the answer: a text with
    number and code (Z40), a person who rings, or the page they sent the question from.
    """

    __tablename__ = "lawyer_task"
    __table_args__ = (
        CheckConstraint(one_of("state", LawyerTaskState), name="state"),
        CheckConstraint("(state = 'answered') = (answer IS NOT NULL)", name="answered_has_answer"),
        CheckConstraint("(state = 'closed') = (closed_because IS NOT NULL)", name="closed_has_reason"),
        CheckConstraint(
            f"closed_because IS NULL OR {one_of('closed_because', ClosedBecause)}", name="because"
        ),
        CheckConstraint("told IS NULL OR told IN ('sms','phone','web')", name="told"),
        Index("ix_lawyer_task_live", "due_at", postgresql_where=text(one_of("state", LIVE))),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), unique=True)
    call_id: Mapped[int | None] = mapped_column(ForeignKey(Call.id), unique=True)
    seconds: Mapped[int | None]
    words: Mapped[str | None]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="open", server_default="open")
    staff_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id))
    claimed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    answer: Mapped[str | None]
    told: Mapped[str | None] = mapped_column(String(10))
    let_go_by: Mapped[int | None] = mapped_column(BigInteger)
    closed_because: Mapped[str | None] = mapped_column(String(12))

    ticket: Mapped[Ticket] = relationship()
    staff: Mapped[Staff | None] = relationship()


class LawyerDuty(Base):
    """A lawyer on the rota: weekdays (0 is Monday) and hours of the site's clock, and the categories they
    answer for; none: all."""

    __tablename__ = "lawyer_duty"
    __table_args__ = (CheckConstraint("begins < ends", name="hours"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey(Staff.id), primary_key=True, autoincrement=False)
    weekdays: Mapped[list[int]] = mapped_column(JSONB)
    begins: Mapped[time]
    ends: Mapped[time]
    categories: Mapped[list[str]] = mapped_column(JSONB)
