"""The register of firms: what the hotline keeps about each one. Every change is a fact with old and new."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import delete, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from hotline.errors import InvalidInput, NotFound
from hotline.event_log import record
from hotline.events import FirmChanged, FirmReviewed
from hotline.organisations import credit_code, opening
from hotline.organisations.models import Area, Organisation, PriceEntry, ServiceArea


@dataclass(frozen=True)
class Entry:
    """A firm as its form holds it; `counties` are ids of areas. Fields as in Organisation."""

    name: str
    phone: str | None
    credit_code: str | None
    role_name: str
    further_roles: tuple[str, ...]
    counties: tuple[int, ...]
    capacity_per_day: int | None
    licence_number: str | None
    licence_until: date | None
    hours: str
    open_days: tuple[int, ...]
    closed_on: str
    review_due: date | None


@dataclass(frozen=True)
class Price:
    """In yuan."""

    role_name: str
    work: str
    call_out_fee: Decimal
    unit_price: Decimal
    unit: str
    remark: str = ""


def firm(session: Session, firm_id: int, *, lock: bool = False) -> Organisation:
    """Raises NotFound, also for what is no firm."""
    wanted = select(Organisation).where(Organisation.id == firm_id, Organisation.kind == "firm")
    try:
        return session.scalars(wanted.with_for_update() if lock else wanted).one()
    except NoResultFound:
        raise NotFound(f"no firm {firm_id}") from None


def entry_of(session: Session, it: Organisation) -> Entry:
    served = select(ServiceArea.area_id).where(ServiceArea.organisation_id == it.id)
    return Entry(
        name=it.name,
        phone=it.phone,
        credit_code=it.credit_code,
        role_name=it.role_name,
        further_roles=tuple(it.further_roles),
        counties=tuple(session.scalars(served.order_by(ServiceArea.area_id))),
        capacity_per_day=it.capacity_per_day,
        licence_number=it.licence_number,
        licence_until=it.licence_until,
        hours=it.hours,
        open_days=tuple(it.open_days),
        closed_on=it.closed_on,
        review_due=it.review_due,
    )


def add(session: Session, new: Entry, *, actor: str, now: datetime, code: str = "") -> Organisation:
    """A firm the hotline has not known, under its credit code or the `code` a site gives it. Raises
    InvalidInput."""
    if (new.credit_code or not code) and not credit_code.is_valid(new.credit_code or ""):
        raise InvalidInput("credit_code", "no unified social credit code")
    code = code or new.credit_code or ""
    if session.scalar(select(Organisation.id).where(Organisation.code == code)):
        raise InvalidInput("credit_code", "this firm is registered already")
    check(new)
    it = Organisation(
        code=code,
        name=new.name,
        role_name=new.role_name,
        kind="firm",
        level="county",
        area_id=new.counties[0],
        licensed=False,
    )
    session.add(it)
    session.flush()
    _write(session, it, new)
    record(session, FirmChanged(organisation_id=it.id, changes={"added": ["", it.name]}), actor=actor, at=now)
    return it


def change(session: Session, firm_id: int, new: Entry, *, actor: str, now: datetime) -> Organisation:
    """What stays the same is no change; without a licence number it is unlicensed. Raises InvalidInput."""
    it = firm(session, firm_id, lock=True)
    check(new)
    old = _said(session, entry_of(session, it))
    _write(session, it, new)
    said = _said(session, new)
    changes = {field: [old[field], said[field]] for field in said if old[field] != said[field]}
    if changes:
        record(session, FirmChanged(organisation_id=it.id, changes=changes), actor=actor, at=now)
    return it


def review(
    session: Session, firm_id: int, *, passed: bool, note: str, next_due: date, actor: str, now: datetime
) -> Organisation:
    """The yearly review: who failed gets no offer until it passes (E08). Raises InvalidInput, NotFound."""
    it = firm(session, firm_id, lock=True)
    if not note.strip():
        raise InvalidInput("note", "say what was reviewed and what came of it")
    if passed and next_due <= now.date():
        raise InvalidInput("next_due", "the next review is in the future")
    it.review_passed, it.review_due = passed, next_due
    fact = FirmReviewed(
        organisation_id=it.id, passed=passed, note=note.strip(), next_due=next_due.isoformat()
    )
    record(session, fact, actor=actor, at=now)
    return it


def price(session: Session, firm_id: int, new: Price, *, actor: str, now: datetime) -> None:
    """A line of the price list; the same work again replaces it. Raises InvalidInput, NotFound."""
    it = firm(session, firm_id, lock=True)
    if new.role_name not in (it.role_name, *it.further_roles):
        raise InvalidInput("role_name", "the firm is not of this class")
    line = _line(session, it.id, new.role_name, new.work)
    old = _priced(line) if line else ""
    line = line or PriceEntry(organisation_id=it.id)
    for field, value in asdict(new).items():
        setattr(line, field, value)
    session.add(line)
    session.flush()
    _tell_price(session, it, [old, _priced(line)], actor, now)


def unprice(session: Session, firm_id: int, price_id: int, *, actor: str, now: datetime) -> None:
    """The line is struck out. Raises NotFound."""
    it = firm(session, firm_id, lock=True)
    line = session.get(PriceEntry, price_id)
    if line is None or line.organisation_id != it.id:
        raise NotFound(f"no line {price_id} in this price list")
    session.delete(line)
    session.flush()
    _tell_price(session, it, [_priced(line), ""], actor, now)


def prices(session: Session, firm_id: int, role_name: str = "") -> list[PriceEntry]:
    """The firm's price list; of one class only where it is named."""
    wanted = select(PriceEntry).where(PriceEntry.organisation_id == firm_id)
    if role_name:
        wanted = wanted.where(PriceEntry.role_name == role_name)
    return list(session.scalars(wanted.order_by(PriceEntry.role_name, PriceEntry.work)))


def check(new: Entry) -> None:
    """Whether it makes sense. Raises InvalidInput."""
    if not new.counties:
        raise InvalidInput("counties", "a firm serves at least one county")
    if new.licence_until and not new.licence_number:
        raise InvalidInput("licence_number", "a licence has a number")
    if not new.open_days:
        raise InvalidInput("open_days", "open on at least one day of the week")
    _read_by("hours", opening.hours, new.hours)
    _read_by("closed_on", opening.closed_days, new.closed_on)


def _read_by(field: str, reader: Callable[[str], object], written: str) -> None:
    try:
        reader(written)
    except ValueError as error:
        raise InvalidInput(field, str(error)) from error


def _write(session: Session, it: Organisation, new: Entry) -> None:
    for field, value in asdict(new).items():
        if field != "counties":
            setattr(it, field, list(value) if isinstance(value, tuple) else value)
    it.licensed = bool(new.licence_number)
    it.area_id = it.area_id if it.area_id in new.counties else new.counties[0]
    session.execute(delete(ServiceArea).where(ServiceArea.organisation_id == it.id))
    session.add_all(ServiceArea(organisation_id=it.id, area_id=area) for area in new.counties)
    session.flush()


def _said(session: Session, entry: Entry) -> dict[str, str]:
    """Each field as a fact keeps it: by name, so that it can be read when the area is gone."""
    named = select(Area.name).where(Area.id.in_(entry.counties)).order_by(Area.code)
    words = {field: _in_words(value) for field, value in asdict(entry).items()}
    return words | {"counties": _in_words(tuple(session.scalars(named)))}


def _in_words(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _line(session: Session, firm_id: int, role_name: str, work: str) -> PriceEntry | None:
    wanted = select(PriceEntry).where(PriceEntry.organisation_id == firm_id)
    return session.scalars(
        wanted.where(PriceEntry.role_name == role_name, PriceEntry.work == work)
    ).one_or_none()


def _priced(line: PriceEntry) -> str:
    return f"{line.work}: {line.call_out_fee:.2f} + {line.unit_price:.2f}/{line.unit} {line.remark}".strip()


def _tell_price(session: Session, it: Organisation, change: list[str], actor: str, now: datetime) -> None:
    if change[0] != change[1]:
        fact = FirmChanged(organisation_id=it.id, changes={"price": change})
        record(session, fact, actor=actor, at=now)
