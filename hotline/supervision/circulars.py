"""Circulars (通报): figures of all units under public supervision for a period, drawn up by one person and
published by another (E04, H08, H09). Nothing in them is about a citizen: figures, and a note that is checked.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from hotline.config import settings
from hotline.errors import InvalidInput, NotAllowed, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import CircularDrawnUp, CircularPublished, UnitWatched
from hotline.organisations.models import Organisation
from hotline.reports.queries import Period, report
from hotline.staff.models import Staff
from hotline.supervision import incidents
from hotline.supervision.models import Circular
from hotline.supervision.papers import A_NUMBER, MAX_TEXT
from hotline.supervision.queries import vetoed as vetoed_in

FIGURES = ("tickets_accepted", "completion_rate", "on_time_rate", "satisfied_rate")


@dataclass(frozen=True)
class Line:
    """One unit; figures by name as they are shown, None where there was nothing to count. `vetoed` in the
    year the period ends in (H06); `incidents` in the period, each once (H12)."""

    code: str
    name: str
    figures: dict[str, str | None]
    vetoed: bool
    incidents: int


def draw_up(session: Session, period: Period, *, note: str, staff: Staff, now: datetime) -> Circular:
    """A period that is over, so that its figures stay as they are. Raises InvalidInput."""
    if now.astimezone(settings().site.zone).date() <= period.last:
        raise InvalidInput("to", "the period is not over yet")
    lines = _lines(session, period, now)
    made = Circular(
        first_day=period.first,
        last_day=period.last,
        note=_checked(note),
        lines=[asdict(line) for line in lines],
        drawn_by=staff.id,
        drawn_at=now,
    )
    session.add(made)
    session.flush()
    fact = CircularDrawnUp(
        circular_id=made.id,
        first_day=period.first.isoformat(),
        last_day=period.last.isoformat(),
        units=len(lines),
    )
    record(session, fact, actor=f"staff:{staff.id}", at=now)
    return made


def publish(session: Session, circular_id: int, *, staff: Staff, now: datetime) -> Circular:
    """Raises NotFound, NotAllowed for whoever drew it up, TransitionRefused."""
    found = session.get(Circular, circular_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound(f"no circular {circular_id}")
    if found.drawn_by == staff.id:
        raise NotAllowed("another person publishes it")
    if found.published_at is not None:
        raise TransitionRefused("circular", "published", "published")
    found.published_by, found.published_at = staff.id, now
    fact = CircularPublished(circular_id=found.id, staff_id=staff.id)
    record(session, fact, actor=f"staff:{staff.id}", at=now)
    return found


def watch(session: Session, unit: Organisation, supervised: bool, *, actor: str, now: datetime) -> None:
    """Under public supervision from the next circular on, or no longer."""
    if unit.supervised != supervised:
        unit.supervised = supervised
        record(session, UnitWatched(unit_id=unit.id, supervised=supervised), actor=actor, at=now)


def all_of_them() -> Select[Circular]:
    """The newest first."""
    return (
        select(Circular)
        .options(joinedload(Circular.drawer), joinedload(Circular.publisher))
        .order_by(Circular.id.desc())
    )


def one(session: Session, circular_id: int) -> Circular:
    found = session.get(Circular, circular_id)
    if found is None:
        raise NotFound(f"no circular {circular_id}")
    return found


def newest_published(session: Session) -> Circular | None:
    wanted = select(Circular).where(Circular.published_at.is_not(None))
    return session.scalar(wanted.order_by(Circular.last_day.desc(), Circular.id.desc()).limit(1))


def _lines(session: Session, period: Period, now: datetime) -> list[Line]:
    """Every unit under supervision, also those nothing can be said about."""
    units = session.scalars(select(Organisation).where(Organisation.supervised).order_by(Organisation.code))
    told: dict[str, dict[str, str | None]] = {}
    for result in report(session, period, now, by="organisation_id", names=FIGURES):
        if result.group:
            value = None if result.value is None else str(result.value)
            told.setdefault(result.group, {})[result.figure.name] = value
    vetoed = vetoed_in(session, period.last.year)
    happened = incidents.counts(session, period)
    return [
        Line(
            unit.code,
            unit.name,
            told.get(str(unit.id), {}),
            vetoed=unit.id in vetoed,
            incidents=happened.get(unit.id, 0),
        )
        for unit in units
    ]


def _checked(note: str) -> str:
    """Raises InvalidInput for what may be somebody's number (X10)."""
    said = note.strip()
    if len(said) > MAX_TEXT:
        raise InvalidInput("note", f"at most {MAX_TEXT} characters")
    if A_NUMBER.search(said):
        raise InvalidInput("note", "leave out telephone and other long numbers")
    return said
