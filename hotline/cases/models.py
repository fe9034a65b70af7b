"""The table of moves between the hotlines."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.calls.models import Call
from hotline.db import Base
from hotline.staff.models import Staff
from hotline.tickets.models import Ticket


class CaseMove(Base):
    """A call, or a ticket, went to the other hotline. `stuck`: it did not, for it was moved too often;
    `kept_by` is the hotline that keeps it, once a supervisor has decided."""

    __tablename__ = "case_move"
    __table_args__ = (
        CheckConstraint("(call_id IS NULL) <> (ticket_id IS NULL)", name="of_a_call_or_a_ticket"),
        Index("ix_case_move_stuck", "at", postgresql_where=text("stuck")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_number: Mapped[str] = mapped_column(String(20), index=True)
    call_id: Mapped[int | None] = mapped_column(ForeignKey(Call.id), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey(Ticket.id), index=True)
    from_hotline: Mapped[str] = mapped_column(String(10))
    to_hotline: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(300))
    staff_id: Mapped[int] = mapped_column(ForeignKey(Staff.id))
    at: Mapped[datetime]
    stuck: Mapped[bool] = mapped_column(default=False, server_default="false")
    kept_by: Mapped[str | None] = mapped_column(String(10))

    staff: Mapped[Staff] = relationship()
