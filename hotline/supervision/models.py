"""Tables of supervision: papers issued, marks that count, what waits for a supervisor, targets."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.db import Base, one_of
from hotline.organisations.models import Organisation
from hotline.staff.models import Staff
from hotline.supervision.rules import MarkKind, MatterState, PaperKind, Per, What
from hotline.tickets.models import Ticket

FIGURES = ("on_time_rate", "satisfied_rate")


class Paper(Base):
    """A card, a step of the ladder or a referral: one document about one unit and one ticket, filed for good.

    `escalated_at`: its date went by without an answer. A referral is in force once it is signed.
    """

    __tablename__ = "supervision_paper"
    __table_args__ = (
        CheckConstraint(one_of("kind", PaperKind), name="kind"),
        CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answered"),
        Index("ix_supervision_paper_unit", "organisation_id", "issued_at"),
        Index(
            "ix_supervision_paper_awaited",
            "answer_by",
            postgresql_where=text("answered_at IS NULL AND escalated_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    reason: Mapped[str]
    issued_by: Mapped[int] = mapped_column(ForeignKey(Staff.id))
    issued_at: Mapped[datetime]
    answer_by: Mapped[datetime | None]
    answer: Mapped[str | None]
    answered_by: Mapped[str | None] = mapped_column(String(60))
    answered_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    signed_by: Mapped[int | None] = mapped_column(ForeignKey(Staff.id))
    signed_at: Mapped[datetime | None]

    ticket: Mapped[Ticket] = relationship()
    organisation: Mapped[Organisation] = relationship()
    issuer: Mapped[Staff] = relationship(foreign_keys=issued_by)
    signer: Mapped[Staff | None] = relationship(foreign_keys=signed_by)


class Mark(Base):
    """One red light or one dissatisfied rating that counts against a unit and, for a rating, its person.

    `ref` says which one it is ('light:7:closing:1', 'survey:12'). Taken back, it stays with the reason.
    """

    __tablename__ = "supervision_mark"
    __table_args__ = (
        CheckConstraint(one_of("kind", MarkKind), name="kind"),
        Index("ix_supervision_mark_unit", "organisation_id", "kind", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    ref: Mapped[str] = mapped_column(String(60), unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), index=True)
    clock: Mapped[str | None] = mapped_column(String(20))
    round: Mapped[int | None]
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    person: Mapped[str] = mapped_column(String(60), default="", server_default="")
    at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]
    taken_back_because: Mapped[str | None] = mapped_column(String(40))
    taken_back_by: Mapped[str | None] = mapped_column(String(60))

    ticket: Mapped[Ticket] = relationship()
    organisation: Mapped[Organisation] = relationship()


class Matter(Base):
    """What waits for a supervisor: a paper the system proposes (`what` is its kind), or what a count led to,
    which stands with its `count` from `counts_from` on. One is open for each subject.

    `subject` tells two of one unit apart: 'ticket:7:closing:1:2026-03-04', 'unit:2026', 'person:2026:张三'.
    """

    __tablename__ = "supervision_matter"
    __table_args__ = (
        CheckConstraint(one_of("what", [*PaperKind, *What]), name="what"),
        CheckConstraint(one_of("per", Per), name="per"),
        CheckConstraint(one_of("state", MatterState), name="state"),
        Index(
            "uq_supervision_matter_open",
            "organisation_id",
            "what",
            "subject",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_supervision_matter_subject", "organisation_id", "what", "subject"),
        Index("ix_supervision_matter_open", "opened_at", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    what: Mapped[str] = mapped_column(String(20))
    per: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(100))
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    person: Mapped[str] = mapped_column(String(60), default="", server_default="")
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey(Ticket.id), index=True)
    because: Mapped[str] = mapped_column(String(30))
    count: Mapped[int] = mapped_column(default=0, server_default="0")
    counts_from: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="open", server_default="open")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(60))
    note: Mapped[str | None]

    organisation: Mapped[Organisation] = relationship()
    ticket: Mapped[Ticket | None] = relationship()


class Incident(Base):
    """What bad handling led to (H12): one incident, however many tickets led there. One unit has one at one
    moment. Taken back, it stays with the reason."""

    __tablename__ = "supervision_incident"
    __table_args__ = (
        Index(
            "uq_supervision_incident_moment",
            "organisation_id",
            "happened_at",
            unique=True,
            postgresql_where=text("taken_back_at IS NULL"),
        ),
        CheckConstraint("(taken_back_at IS NULL) = (taken_back_because IS NULL)", name="taken_back"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    happened_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(200))
    what: Mapped[str]
    recorded_by: Mapped[int] = mapped_column(ForeignKey(Staff.id))
    recorded_at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]
    taken_back_because: Mapped[str | None]

    organisation: Mapped[Organisation] = relationship()
    recorder: Mapped[Staff] = relationship()
    tickets: Mapped[list[Ticket]] = relationship(secondary="supervision_incident_ticket", order_by=Ticket.id)


class IncidentTicket(Base):
    """A ticket that led to an incident."""

    __tablename__ = "supervision_incident_ticket"

    incident_id: Mapped[int] = mapped_column(ForeignKey(Incident.id), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), primary_key=True, index=True)


class Circular(Base):
    """Figures of a period of all units under public supervision (通报, H09), as they were when it was drawn
    up; `lines` as `circulars.Line`. Another person publishes it (H08)."""

    __tablename__ = "supervision_circular"
    __table_args__ = (
        CheckConstraint("published_by <> drawn_by", name="two_people"),
        CheckConstraint("(published_by IS NULL) = (published_at IS NULL)", name="published"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    note: Mapped[str] = mapped_column(default="", server_default="")
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    drawn_by: Mapped[int] = mapped_column(ForeignKey(Staff.id))
    drawn_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(ForeignKey(Staff.id))
    published_at: Mapped[datetime | None]

    drawer: Mapped[Staff] = relationship(foreign_keys=drawn_by)
    publisher: Mapped[Staff | None] = relationship(foreign_keys=published_by)


class Target(Base):
    """What a unit promised for a year (H11), in percent of a figure of the reports."""

    __tablename__ = "supervision_target"
    __table_args__ = (
        UniqueConstraint("year", "organisation_id", "figure"),
        CheckConstraint(one_of("figure", FIGURES), name="figure"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    year: Mapped[int]
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    figure: Mapped[str] = mapped_column(String(30))
    percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))

    organisation: Mapped[Organisation] = relationship()
