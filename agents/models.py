"""Tables of agents at work, and of ticket forms already handed in."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from agents.states import WITH_CALL, AgentState, PauseReason
from hotline.calls.models import Call
from hotline.db import Base, one_of
from hotline.staff.models import Staff
from hotline.tickets.models import Ticket


class AgentPresence(Base):
    """Where one agent stands, since when, and with which call. One call rings at one agent only."""

    __tablename__ = "agent_presence"
    __table_args__ = (
        CheckConstraint(one_of("state", AgentState), name="state"),
        CheckConstraint(f"reason IS NULL OR {one_of('reason', PauseReason)}", name="reason"),
        CheckConstraint("(state = 'paused') = (reason IS NOT NULL)", name="paused_has_reason"),
        CheckConstraint(
            f"({one_of('state', sorted(WITH_CALL))}) = (call_id IS NOT NULL)", name="busy_has_call"
        ),
        Index("ix_agent_presence_available", "since", postgresql_where=text("state = 'available'")),
        Index(
            "uq_agent_presence_call_in_hand",
            "call_id",
            unique=True,
            postgresql_where=text("state IN ('ringing', 'talking')"),
        ),
    )

    staff_id: Mapped[int] = mapped_column(ForeignKey(Staff.id), primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(20))
    since: Mapped[datetime]
    call_id: Mapped[int | None] = mapped_column(ForeignKey(Call.id))

    staff: Mapped[Staff] = relationship()
    call: Mapped[Call | None] = relationship()


class HandedIn(Base):
    """A ticket form handed in. The same form sent twice (a second click, a lost answer) is one ticket."""

    __tablename__ = "ticket_form_handed_in"

    form_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(Ticket.id))
    handed_in_at: Mapped[datetime]

    ticket: Mapped[Ticket] = relationship()
