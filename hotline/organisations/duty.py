"""Who is on duty at an organisation, and when: asked out of office hours for what cannot wait."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hotline.config import settings
from hotline.errors import InvalidInput, NotFound
from hotline.event_log import record
from hotline.events import DutyRosterSaved
from hotline.organisations.models import DutyShift
from hotline.organisations.roster_file import Shift
from hotline.phone_numbers import normalise
from hotline.service_hours import CalendarYearMissing, shipped_calendar

MAX_NAME = 40


def out_of_hours(now: datetime) -> bool:
    """The offices are closed; so they are in a year the calendar lacks: then somebody is asked."""
    calendar = shipped_calendar(settings().site.time_zone)
    try:
        return not any(opens <= now < closes for opens, closes in calendar.office_spans(calendar.day_of(now)))
    except CalendarYearMissing:
        return True


def on_duty(session: Session, organisation_id: int, now: datetime) -> Sequence[DutyShift]:
    """Everybody whose shift it is."""
    now_on = (DutyShift.starts_at <= now) & (DutyShift.ends_at > now)
    wanted = select(DutyShift).where(DutyShift.organisation_id == organisation_id, now_on)
    return session.scalars(wanted.order_by(DutyShift.starts_at, DutyShift.id)).all()


def coming(session: Session, organisation_id: int, now: datetime, most: int = 60) -> Sequence[DutyShift]:
    """Shifts that are not over, the next one first."""
    wanted = select(DutyShift).where(DutyShift.organisation_id == organisation_id, DutyShift.ends_at > now)
    return session.scalars(wanted.order_by(DutyShift.starts_at, DutyShift.id).limit(most)).all()


def add(session: Session, organisation_id: int, shift: Shift, *, actor: str, now: datetime) -> None:
    """One shift more. Raises InvalidInput, as also for one that is there already."""
    there = select(DutyShift.id).where(
        DutyShift.organisation_id == organisation_id,
        DutyShift.starts_at == shift.starts_at,
        DutyShift.phone == _phone(shift),
    )
    if session.scalar(there):
        raise InvalidInput("starts_at", "this shift is in the roster already")
    _save(session, organisation_id, [shift], actor=actor, now=now)


def replace(
    session: Session, organisation_id: int, shifts: Sequence[Shift], *, actor: str, now: datetime
) -> None:
    """A file is the whole truth about the days its shifts begin on, from the first to the last.

    Raises InvalidInput.
    """
    first, last = _days(shifts)
    day = func.date(func.timezone(settings().site.time_zone, DutyShift.starts_at))
    session.execute(
        delete(DutyShift).where(DutyShift.organisation_id == organisation_id, day.between(first, last))
    )
    _save(session, organisation_id, shifts, actor=actor, now=now)


def remove(session: Session, organisation_id: int, shift_id: int, *, actor: str, now: datetime) -> None:
    """Raises NotFound for another organisation's."""
    found = session.get(DutyShift, shift_id)
    if found is None or found.organisation_id != organisation_id:
        raise NotFound(f"no shift {shift_id}")
    zone = settings().site.zone
    shift = Shift(found.starts_at.astimezone(zone), found.ends_at.astimezone(zone), found.name, found.phone)
    session.delete(found)
    _tell(session, organisation_id, [shift], count=0, actor=actor, now=now)


def _save(
    session: Session, organisation_id: int, shifts: Sequence[Shift], *, actor: str, now: datetime
) -> None:
    for shift in shifts:
        if not 0 < len(shift.name) <= MAX_NAME:
            raise InvalidInput("name", f"a name of at most {MAX_NAME} characters")
        if shift.ends_at <= shift.starts_at:
            raise InvalidInput("ends_at", "later than it begins")
        row = DutyShift(
            organisation_id=organisation_id,
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            name=shift.name,
            phone=_phone(shift),
        )
        session.add(row)
    session.flush()
    _tell(session, organisation_id, shifts, count=len(shifts), actor=actor, now=now)


def _tell(
    session: Session, organisation_id: int, shifts: Sequence[Shift], *, count: int, actor: str, now: datetime
) -> None:
    first, last = _days(shifts)
    fact = DutyRosterSaved(
        organisation_id=organisation_id, first_day=first.isoformat(), last_day=last.isoformat(), shifts=count
    )
    record(session, fact, actor=actor, at=now)


def _days(shifts: Sequence[Shift]) -> tuple[date, date]:
    begin = sorted(shift.starts_at.astimezone(settings().site.zone).date() for shift in shifts)
    return begin[0], begin[-1]


def _phone(shift: Shift) -> str:
    """As texts are sent to it (E.164)."""
    return normalise(shift.phone, settings().site.region)
