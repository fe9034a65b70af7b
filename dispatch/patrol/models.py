"""Table of what grid staff reported from patrol."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.db import Base
from hotline.organisations.models import Organisation
from hotline.tickets.models import Ticket


class PatrolReport(Base):
    """One report from patrol and the ticket it became; the ticket's area is the grid. `client_id` is the name
    the reporter's machine gave it, so that the same one sent again is known. Where the telephone stood in
    degrees, `accuracy` in metres; `seen_at` by its own clock."""

    __tablename__ = "patrol_report"
    __table_args__ = (
        UniqueConstraint("organisation_id", "client_id"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="a_whole_place"),
        Index("ix_patrol_report_reported_by", "reported_by", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    client_id: Mapped[str] = mapped_column(String(64))
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), unique=True)
    reported_by: Mapped[str] = mapped_column(String(60))
    seen_at: Mapped[datetime]
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(8, 6))
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    accuracy: Mapped[int | None]

    ticket: Mapped[Ticket] = relationship()
