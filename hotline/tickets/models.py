"""Tables of tickets, their clocks and their public answers."""

from datetime import date, datetime
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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.callers.models import Caller
from hotline.catalogue.models import Item
from hotline.db import Base, one_of
from hotline.organisations.models import Area, Organisation
from hotline.tickets.acts import Clock
from hotline.tickets.lights import COLOURS
from hotline.tickets.states import ENDED, HELD_BY_ONE, Hold, TicketState

_OPEN = text(f"NOT ({one_of('state', sorted(ENDED))})")


class Ticket(Base):
    """One matter of one citizen. `case_number` is its own number, or that of the case whose caller was put
    through from the other hotline (hotline/cases). `item_id` pins the catalogue version it was filed under.

    `share_contact` is the recorded consent to pass the contact to a firm; `query_code` lets the citizen
    follow the ticket without an account. `complained_of_id` is the unit complained of, which may neither
    handle it nor learn who complained (H10); `sponsor` is the leader who took it on (F04); `long_term_code`
    and `long_term_note` say why it is on the long-term list, which looks at it again on `review_on`.
    `reviewer_id` has it in review; `closed_at` is when it ended, whichever way.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint(one_of("state", TicketState), name="state"),
        CheckConstraint(
            f"NOT ({one_of('state', sorted(HELD_BY_ONE))}) OR organisation_id IS NOT NULL", name="held_by_one"
        ),
        CheckConstraint("kind IN ('consult','help','suggestion','complaint','service')", name="kind"),
        Index("ix_ticket_open", "state", "accepted_at", postgresql_where=_OPEN),
        Index(
            "ix_ticket_complained_of",
            "complained_of_id",
            postgresql_where=text("complained_of_id IS NOT NULL"),
        ),
        Index("ix_ticket_alike", "item_id", "accepted_at", postgresql_where=_OPEN),
        Index("ix_ticket_of_unit", "organisation_id", "accepted_at", postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    case_number: Mapped[str] = mapped_column(String(20), index=True)
    query_code: Mapped[str] = mapped_column(String(8))
    hotline: Mapped[str] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20))
    item_id: Mapped[int] = mapped_column(ForeignKey(Item.id))
    tier: Mapped[str] = mapped_column(String(20))
    area_id: Mapped[int | None] = mapped_column(ForeignKey(Area.id))
    place: Mapped[str | None] = mapped_column(String(200))
    text: Mapped[str]
    caller_id: Mapped[int | None] = mapped_column(ForeignKey(Caller.id), index=True)
    contact_wish: Mapped[str] = mapped_column(String(10), default="sms", server_default="sms")
    confidential: Mapped[bool] = mapped_column(default=False, server_default="false")
    share_contact: Mapped[bool] = mapped_column(default=False, server_default="false")
    call_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    staff_id: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(20))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey(Organisation.id), index=True)
    accepted_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    closures: Mapped[int] = mapped_column(default=0, server_default="0")
    public_reply: Mapped[str | None]
    returns: Mapped[int] = mapped_column(default=0, server_default="0")
    reviewer_id: Mapped[int | None] = mapped_column(BigInteger)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    complained_of_id: Mapped[int | None] = mapped_column(ForeignKey(Organisation.id))
    sponsor: Mapped[str | None] = mapped_column(String(60))
    review_on: Mapped[date | None] = mapped_column(index=True)
    long_term_code: Mapped[str | None] = mapped_column(String(20))
    long_term_note: Mapped[str | None] = mapped_column(String(300))
    version_id: Mapped[int] = mapped_column(default=1, server_default="1")

    item: Mapped[Item] = relationship()
    area: Mapped[Area | None] = relationship()
    caller: Mapped[Caller | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship(foreign_keys=organisation_id)
    complained_of: Mapped[Organisation | None] = relationship(foreign_keys=complained_of_id)
    clocks: Mapped[list["TicketClock"]] = relationship(order_by="TicketClock.id")

    __mapper_args__ = {"version_id_col": version_id}


# LIKE: a text in these brackets from end to end stands where nobody's words are; nothing is learnt from it
PLACEHOLDER = "（%）"


class TicketClock(Base):
    """One deadline with its own start and stop. `round` counts its starts on the ticket, from 1.

    `limit_text`, `extension` (in its unit), `pauses` and `calendar` say why it is due then; `pauses` is a
    list of {reason, since, until}, and `paused_at` is set while one lasts. `light` is the worst colour on
    record, `turns_at` when the next one has to be.
    """

    __tablename__ = "ticket_clock"
    __table_args__ = (
        UniqueConstraint("ticket_id", "clock", "round"),
        CheckConstraint(one_of("clock", Clock), name="clock"),
        CheckConstraint(one_of("light", COLOURS), name="light"),
        Index("ix_ticket_clock_running", "due_at", postgresql_where=text("stopped_at IS NULL")),
        Index("ix_ticket_clock_turning", "turns_at", postgresql_where=text("turns_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), index=True)
    clock: Mapped[str] = mapped_column(String(20))
    round: Mapped[int]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    limit_text: Mapped[str] = mapped_column(String(40))
    calendar: Mapped[str] = mapped_column(String(40))
    margin_text: Mapped[str] = mapped_column(String(40), default="", server_default="")
    yellow_at: Mapped[datetime | None]
    extension: Mapped[int] = mapped_column(default=0, server_default="0")
    pauses: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    paused_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    met: Mapped[bool | None]
    light: Mapped[str] = mapped_column(String(10), default="green", server_default="green")
    turns_at: Mapped[datetime | None]


class TicketNote(Base):
    """What somebody wrote when they did something with a ticket: why it went back to the agent, was merged,
    was taken back. Facts carry codes; the words stand here. `said_before` keeps a text that was mended."""

    __tablename__ = "ticket_note"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(60))
    act: Mapped[str] = mapped_column(String(40))
    note: Mapped[str]


class TicketHold(Base):
    """What stands against a move until it is cleared; `ref` tells two of one kind apart ('order:7')."""

    __tablename__ = "ticket_hold"
    __table_args__ = (
        CheckConstraint(one_of("hold", Hold), name="hold"),
        Index(
            "uq_ticket_hold_open",
            "ticket_id",
            "hold",
            "ref",
            unique=True,
            postgresql_where=text("cleared_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id))
    hold: Mapped[str] = mapped_column(String(20))
    ref: Mapped[str] = mapped_column(String(40), default="", server_default="")
    placed_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]
    cleared_as: Mapped[str | None] = mapped_column(String(40))


class Supplement(Base):
    """What the organisation at work asked the citizen for (C04), and what came; after `lapses_at` it goes on
    without. `code` is why it was asked, `ended_as` how it ended."""

    __tablename__ = "supplement"
    __table_args__ = (
        CheckConstraint("ended_as IN ('web','telephone','lapsed','dropped')", name="ended_as"),
        Index("uq_supplement_open", "ticket_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_supplement_lapsing", "lapses_at", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey(Organisation.id))
    code: Mapped[str] = mapped_column(String(20))
    question: Mapped[str]
    asked_by: Mapped[str] = mapped_column(String(60))
    asked_at: Mapped[datetime]
    lapses_at: Mapped[datetime]
    answer: Mapped[str | None]
    ended_as: Mapped[str | None] = mapped_column(String(10))
    ended_at: Mapped[datetime | None]

    ticket: Mapped[Ticket] = relationship()


class Quote(Base):
    """The price a firm told when it accepted (E09), with its price list as it was then, and what the citizen
    said to it. Free work has none."""

    __tablename__ = "quote"
    __table_args__ = (
        CheckConstraint("verdict IN ('agreed','another_firm','not_wanted')", name="verdict"),
        CheckConstraint("(verdict IS NULL) = (answered_at IS NULL)", name="answered"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    work_order_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    price: Mapped[str] = mapped_column(String(100))
    listed: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    told_at: Mapped[datetime]
    told_by: Mapped[str] = mapped_column(String(60))
    verdict: Mapped[str | None] = mapped_column(String(20))
    how: Mapped[str | None] = mapped_column(String(10))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(60))

    ticket: Mapped[Ticket] = relationship()
    organisation: Mapped[Organisation] = relationship()


class Grievance(Base):
    """A citizen contests the price or quality of a paid job (E09). `due_at` is until when the next step is
    due: the firm's answer, the desk's decision, the payment; none once it is over. `refund` is in yuan."""

    __tablename__ = "grievance"
    __table_args__ = (
        CheckConstraint("about IN ('price','quality')", name="about"),
        CheckConstraint("refund >= 0", name="refund"),
        CheckConstraint("(refund IS NULL) = (decided_at IS NULL)", name="decided"),
        Index("ix_grievance_open", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id), index=True)
    work_order_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    about: Mapped[str] = mapped_column(String(10))
    text: Mapped[str]
    raised_at: Mapped[datetime]
    raised_by: Mapped[str] = mapped_column(String(60))
    due_at: Mapped[datetime | None]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(60))
    refund: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(60))
    paid_at: Mapped[datetime | None]
    paid_by: Mapped[str | None] = mapped_column(String(60))
    paid_note: Mapped[str | None]

    ticket: Mapped[Ticket] = relationship()
    organisation: Mapped[Organisation] = relationship()

    @property
    def stage(self) -> str:
        """raised, answered, decided (a refund is owed), dismissed or paid."""
        if self.paid_at:
            return "paid"
        if self.decided_at:
            return "decided" if self.refund else "dismissed"
        return "answered" if self.answered_at else "raised"
