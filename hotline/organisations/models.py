"""Tables of areas (city > county > town > village > grid) and of the organisations that serve them."""

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

from hotline.db import Base


def every_day() -> list[int]:
    return list(range(1, 8))


class Area(Base):
    """A territory. `path` is the chain of codes from the city down ('32/3201/320101'), for prefix look-up."""

    __tablename__ = "area"
    __table_args__ = (
        CheckConstraint("level IN ('city','county','town','village','grid')", name="level"),
        Index("ix_area_path", "path", postgresql_ops={"path": "text_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    level: Mapped[str] = mapped_column(String(10), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    path: Mapped[str] = mapped_column(String(80))
    population: Mapped[int] = mapped_column(default=0, server_default="0")

    parent: Mapped["Area | None"] = relationship(remote_side="Area.id")


class Organisation(Base):
    """A department at one level, a firm, or another body. `role_name` is the name the catalogue uses
    ('城市管理局', '管道疏通企业'); `area_id` is the territory a department answers for. Those
    `supervised` stand on the public scoreboard (E04).

    Of firms only: `further_roles` are its other classes; no `licence_until`: a licence without end; `hours`
    and `closed_on` as `opening` reads them, without hours it is open round the clock; Monday is 1 of
    `open_days`. A suspension without days holds until it is lifted. No `review_due`: no review is asked for.
    `rating` is the average of `ratings` grades from 0 to 1. What bars a firm stands in `standing`.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('department','firm','emergency','legal','mediation','external')", name="kind"
        ),
        Index("ix_organisation_role", "role_name", "area_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(String(30), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    role_name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(10))
    area_id: Mapped[int] = mapped_column(ForeignKey(Area.id))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    phone: Mapped[str | None] = mapped_column(String(20))
    credit_code: Mapped[str | None] = mapped_column(String(18))
    supervised: Mapped[bool] = mapped_column(default=False, server_default="false")
    licensed: Mapped[bool] = mapped_column(default=True, server_default="true")
    suspended: Mapped[bool] = mapped_column(default=False, server_default="false")
    capacity_per_day: Mapped[int | None]
    rating: Mapped[float | None]
    ratings: Mapped[int] = mapped_column(default=0, server_default="0")
    further_roles: Mapped[list[str]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    licence_number: Mapped[str | None] = mapped_column(String(40))
    licence_until: Mapped[date | None]
    hours: Mapped[str] = mapped_column(String(100), default="", server_default="")
    open_days: Mapped[list[int]] = mapped_column(
        JSONB, default=every_day, server_default=text("'[1,2,3,4,5,6,7]'")
    )
    closed_on: Mapped[str] = mapped_column(String(400), default="", server_default="")
    suspended_from: Mapped[datetime | None]
    suspended_until: Mapped[datetime | None]
    review_due: Mapped[date | None]
    review_passed: Mapped[bool | None]

    area: Mapped[Area] = relationship()


class ServiceArea(Base):
    """A firm serves this county (70 % of firms serve exactly one)."""

    __tablename__ = "service_area"
    __table_args__ = (UniqueConstraint("organisation_id", "area_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    area_id: Mapped[int] = mapped_column(ForeignKey(Area.id), index=True)


class PriceEntry(Base):
    """A line of a firm's price list: what the work costs in yuan; the fee for coming is paid in any case."""

    __tablename__ = "price_entry"
    __table_args__ = (
        UniqueConstraint("organisation_id", "role_name", "work"),
        CheckConstraint("call_out_fee >= 0 AND unit_price >= 0", name="not_negative"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    role_name: Mapped[str] = mapped_column(String(60))
    work: Mapped[str] = mapped_column(String(60))
    call_out_fee: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    unit_price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    unit: Mapped[str] = mapped_column(String(20))
    remark: Mapped[str] = mapped_column(String(200), default="", server_default="")


class OfferedItem(Base):
    """A service centre (of a town, a county, the city) offers this item (B03); by code, which every version
    keeps. A town's list is also its list of duties: what is not on it is not sent to the town (Z11)."""

    __tablename__ = "offered_item"
    __table_args__ = (UniqueConstraint("hotline", "code", "area_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey(Area.id), index=True)
    hotline: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(10))


class Delegation(Base):
    """An office's matters go to another one (委托) from the first day to the last, both included; `basis` is
    the document it rests on. One that was called off early ended on its `last_day`."""

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("organisation_id <> delegate_id", name="to_another"),
        Index("ix_delegation_in_force", "organisation_id", "last_day"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    delegate_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    first_day: Mapped[date]
    last_day: Mapped[date]
    basis: Mapped[str] = mapped_column(String(300))
    made_by: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime]
    called_off_by: Mapped[str | None] = mapped_column(String(60))
    called_off_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(foreign_keys=organisation_id)
    delegate: Mapped[Organisation] = relationship(foreign_keys=delegate_id)


class Presence(Base):
    """An organisation is at the centre (E06): at a window with hours (permanent 常驻), in turn for a month
    (rotating 轮驻), on call (随叫随驻), or engaged from outside the administration (聘驻); from the first day
    to the last, both included. `petitions` gave a rotating one its turn."""

    __tablename__ = "presence"
    __table_args__ = (
        CheckConstraint("kind IN ('permanent','rotating','on_call','engaged')", name="kind"),
        CheckConstraint("kind <> 'permanent' OR (at_window <> '' AND hours <> '')", name="window_with_hours"),
        CheckConstraint("(kind = 'rotating') = (petitions IS NOT NULL)", name="turns_are_counted"),
        UniqueConstraint("kind", "first_day", "organisation_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    at_window: Mapped[str] = mapped_column(String(40), default="", server_default="")
    hours: Mapped[str] = mapped_column(String(100), default="", server_default="")
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    petitions: Mapped[int | None]
    made_by: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship()


class DutyShift(Base):
    """Who is on duty at an organisation from one moment to another; `phone` as it is written into texts."""

    __tablename__ = "duty_shift"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_later"),
        Index("ix_duty_shift_ends", "organisation_id", "ends_at"),
        UniqueConstraint("organisation_id", "starts_at", "phone"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    name: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(20))
