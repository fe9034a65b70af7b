"""Tables of work orders (one organisation's part in a ticket) and of what is asked and decided about them."""

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

from dispatch.routing import Principle
from dispatch.states import ENDED, HELD, LIVE, Part, WorkOrderState
from hotline.db import Base, one_of
from hotline.organisations.models import Organisation
from hotline.tickets.models import Ticket


class WorkOrder(Base):
    """One ticket at one organisation. `round` counts dispatches of the ticket: within one round a firm is
    offered the job once. The database itself refuses a second live order or a second acceptance.

    `part`: one organisation leads, others assist in a `task` with a clock of their own and answer the lead in
    `internal_note` (F01); `handed_by_id` is the order of the office above that handed it down (D04).
    `suggested` is who should have it in the eyes of who returned it. `expires_at` belongs to offers;
    `hotline_note` is what the hotline wrote when it sent an answer back or took the order away.
    """

    __tablename__ = "work_order"
    __table_args__ = (
        CheckConstraint(one_of("state", WorkOrderState), name="state"),
        CheckConstraint("kind IN ('department','firm')", name="kind"),
        CheckConstraint(one_of("part", Part), name="part"),
        CheckConstraint("(part = 'assist') = (due_at IS NOT NULL)", name="assisting_parts_are_due"),
        CheckConstraint(one_of("principle", Principle), name="principle"),
        CheckConstraint("(kind = 'firm') = (expires_at IS NOT NULL)", name="offers_expire"),
        CheckConstraint(
            f"NOT ({one_of('state', HELD)}) OR responsible_person IS NOT NULL", name="held_by_a_person"
        ),
        CheckConstraint(
            "state <> 'answered' OR part = 'assist' OR public_reply IS NOT NULL", name="answered_in_public"
        ),
        CheckConstraint("(part = 'assist') = (joint_kind IS NOT NULL)", name="assisting_parts_have_a_kind"),
        CheckConstraint("handed_by_id IS NULL OR part = 'assist'", name="the_lead_stays_responsible"),
        Index(
            "uq_work_order_live",
            "ticket_id",
            unique=True,
            postgresql_where=text(f"part = 'lead' AND {one_of('state', LIVE)}"),
        ),
        Index(
            "uq_work_order_held",
            "ticket_id",
            "round",
            unique=True,
            postgresql_where=text(f"part = 'lead' AND {one_of('state', HELD)}"),
        ),
        Index("uq_work_order_round", "ticket_id", "round", "organisation_id", unique=True),
        Index("ix_work_order_proposed", "ticket_id", postgresql_where=text("state = 'proposed'")),
        Index("ix_work_order_offered", "expires_at", postgresql_where=text("state = 'offered'")),
        Index(
            "ix_work_order_in_tray",
            "organisation_id",
            "state",
            "ended_at",
            "id",
            postgresql_include=["ticket_id"],
        ),
        Index(
            "ix_work_order_ended",
            "organisation_id",
            "ended_at",
            "id",
            postgresql_include=["ticket_id"],
            postgresql_where=text(one_of("state", ENDED)),
        ),
        Index("ix_work_order_turns", "organisation_id", "sent_at", postgresql_where=text("kind = 'firm'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id))
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    kind: Mapped[str] = mapped_column(String(20))
    round: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    part: Mapped[str] = mapped_column(String(10), default=Part.LEAD, server_default="lead")
    principle: Mapped[str] = mapped_column(String(20))
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    contacted_at: Mapped[datetime | None]
    contact_note: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    responsible_person: Mapped[str | None] = mapped_column(String(60))
    price_estimate: Mapped[str | None] = mapped_column(String(100))
    joint_kind: Mapped[str | None] = mapped_column(String(20))
    handed_by_id: Mapped[int | None] = mapped_column(ForeignKey("work_order.id"))
    task: Mapped[str | None]
    return_code: Mapped[str | None] = mapped_column(String(20))
    return_reason: Mapped[str | None]
    suggested_id: Mapped[int | None] = mapped_column(ForeignKey(Organisation.id))
    legal_basis: Mapped[str | None] = mapped_column(String(300))
    public_reply: Mapped[str | None]
    internal_note: Mapped[str | None]
    hotline_note: Mapped[str | None]
    version_id: Mapped[int] = mapped_column(default=1, server_default="1")

    ticket: Mapped[Ticket] = relationship()
    organisation: Mapped[Organisation] = relationship(foreign_keys=organisation_id)
    suggested: Mapped[Organisation | None] = relationship(foreign_keys=suggested_id)

    __mapper_args__ = {"version_id_col": version_id}


class Extension(Base):
    """More days, asked for before the ticket is due and decided by somebody else; both dates are kept."""

    __tablename__ = "extension"
    __table_args__ = (
        CheckConstraint("state IN ('asked','granted','refused')", name="state"),
        Index("uq_extension_asked", "ticket_id", unique=True, postgresql_where=text("state = 'asked'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), index=True)
    work_order_id: Mapped[int] = mapped_column(ForeignKey(WorkOrder.id))
    days: Mapped[int]
    code: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str]
    asked_by: Mapped[str] = mapped_column(String(60))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="asked", server_default="asked")
    decided_by: Mapped[str | None] = mapped_column(String(60))
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None]
    old_due_at: Mapped[datetime]
    new_due_at: Mapped[datetime | None]


class PostponedOffer(Base):
    """No firm that could be asked is open: the ticket is on the desk until the first one opens, and the
    `round` goes on then. Gone as soon as the ticket is dispatched."""

    __tablename__ = "postponed_offer"

    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), primary_key=True)
    round: Mapped[int]
    role_name: Mapped[str] = mapped_column(String(60))
    until: Mapped[datetime] = mapped_column(index=True)

    ticket: Mapped[Ticket] = relationship()


class Summons(Base):
    """Somebody has to come by `report_by`: an office at work on the ticket blew the whistle for departments
    (吹哨报到, E07), or the centre (no `caller`) called out an organisation on call (随叫随驻, E06)."""

    __tablename__ = "summons"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), index=True)
    caller_id: Mapped[int | None] = mapped_column(ForeignKey(Organisation.id))
    reason: Mapped[str]
    made_by: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime]
    report_by: Mapped[datetime]

    ticket: Mapped[Ticket] = relationship()
    caller: Mapped[Organisation | None] = relationship()
    called: Mapped[list["CheckIn"]] = relationship(back_populates="summons", order_by="CheckIn.id")


class CheckIn(Base):
    """One of those a summons calls. `missed_at`: the time was over and it had not reported; it may still."""

    __tablename__ = "check_in"
    __table_args__ = (
        UniqueConstraint("summons_id", "organisation_id"),
        CheckConstraint("(reported_at IS NULL) = (reported_by IS NULL)", name="reported"),
        Index("ix_check_in_owed", "organisation_id", postgresql_where=text("reported_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    summons_id: Mapped[int] = mapped_column(ForeignKey(Summons.id))
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    reported_at: Mapped[datetime | None]
    reported_by: Mapped[str | None] = mapped_column(String(60))
    missed_at: Mapped[datetime | None]

    summons: Mapped[Summons] = relationship(back_populates="called")
    organisation: Mapped[Organisation] = relationship()


class Adjudication(Base):
    """Whose a ticket is that was returned again or passed on too often, or which way of the law it goes; the
    verdict stands (D07). `code` is the kind of `grounds`."""

    __tablename__ = "adjudication"
    __table_args__ = (
        Index("uq_adjudication_open", "ticket_id", unique=True, postgresql_where=text("decided_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), index=True)
    opened_because: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey(Organisation.id))
    legal_route: Mapped[str | None] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(String(20))
    grounds: Mapped[str | None]
    decided_by: Mapped[str | None] = mapped_column(String(60))
    decided_at: Mapped[datetime | None]
