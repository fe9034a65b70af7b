"""The table of attachments: one row for a file on a ticket; the file itself is kept by its SHA-256."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.attachments.kinds import KINDS, Family, Kind
from hotline.db import Base, one_of
from hotline.organisations.models import Organisation
from hotline.tickets.models import Ticket


class Party(StrEnum):
    """Who added it; an agent who was sent it by the citizen adds it for the citizen."""

    CITIZEN = "citizen"
    HOTLINE = "hotline"
    ORGANISATION = "organisation"


class Attachment(Base):
    """`sha256` and `size` (bytes) are those of the stored file. `round` counts re-openings of the ticket,
    from 1: what was added in an earlier round is no evidence for a later one."""

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("ticket_id", "sha256"),
        CheckConstraint(one_of("party", Party), name="party"),
        CheckConstraint(one_of("suffix", KINDS), name="suffix"),
        CheckConstraint("(party = 'organisation') = (organisation_id IS NOT NULL)", name="whose"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    suffix: Mapped[str] = mapped_column(String(4))
    size: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(100))
    party: Mapped[str] = mapped_column(String(20))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey(Organisation.id))
    round: Mapped[int]
    added_at: Mapped[datetime]

    ticket: Mapped[Ticket] = relationship()

    @property
    def kind(self) -> Kind:
        return KINDS[self.suffix]

    @property
    def family(self) -> Family:
        return self.kind.family
