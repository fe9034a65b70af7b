"""Incidents that bad handling led to: recorded with the tickets that went before, counted once (H12)."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload, selectinload

from hotline.errors import InvalidInput, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import IncidentRecorded, IncidentTakenBack
from hotline.organisations.models import Organisation
from hotline.reports.queries import Period
from hotline.staff.models import Staff
from hotline.supervision.models import Incident
from hotline.supervision.papers import A_NUMBER, MAX_TEXT
from hotline.tickets.models import Ticket
from hotline.tickets.service import MAX_PLACE


def put_down(
    session: Session,
    *,
    unit_code: str,
    happened_at: datetime,
    place: str,
    what: str,
    numbers: Sequence[str],
    staff: Staff,
    now: datetime,
) -> Incident:
    """Raises InvalidInput, also for an incident of this unit that stands for this moment already."""
    unit = session.scalar(select(Organisation).where(Organisation.code == unit_code))
    if unit is None:
        raise InvalidInput("unit", "no unit has this code")
    if happened_at > now:
        raise InvalidInput("happened_at", "it has not happened yet")
    tickets = _tickets(session, numbers, happened_at)
    kept = insert(Incident).values(
        organisation_id=unit.id,
        happened_at=happened_at,
        place=_said("place", place, MAX_PLACE),
        what=_said("what", what, MAX_TEXT),
        recorded_by=staff.id,
        recorded_at=now,
    )
    made = session.scalar(kept.on_conflict_do_nothing().returning(Incident.id))
    if made is None:
        raise InvalidInput("happened_at", "an incident of this unit at this moment is on record")
    incident = session.get_one(Incident, made)
    incident.tickets = tickets
    session.flush()
    fact = IncidentRecorded(incident_id=made, unit_id=unit.id, ticket_ids=[one.id for one in tickets])
    record(session, fact, actor=f"staff:{staff.id}", at=now)
    return incident


def take_back(session: Session, incident_id: int, because: str, *, staff: Staff, now: datetime) -> None:
    """Recorded wrongly: it counts no more. Raises NotFound, InvalidInput, TransitionRefused."""
    incident = session.get(Incident, incident_id, with_for_update=True, populate_existing=True)
    if incident is None:
        raise NotFound(f"no incident {incident_id}")
    if incident.taken_back_at is not None:
        raise TransitionRefused("incident", "taken back", "taken back")
    incident.taken_back_because = _said("because", because, MAX_TEXT)
    incident.taken_back_at = now
    fact = IncidentTakenBack(incident_id=incident.id, unit_id=incident.organisation_id)
    record(session, fact, actor=f"staff:{staff.id}", at=now)


def all_of_them() -> Select[Incident]:
    """The newest first."""
    together = (
        joinedload(Incident.organisation),
        joinedload(Incident.recorder),
        selectinload(Incident.tickets),
    )
    return select(Incident).options(*together).order_by(Incident.happened_at.desc(), Incident.id.desc())


def counts(session: Session, period: Period) -> dict[int, int]:
    """Incidents of each unit that has any, by when they happened."""
    counted = select(Incident.organisation_id, func.count()).where(
        Incident.happened_at >= period.start,
        Incident.happened_at < period.stop,
        Incident.taken_back_at.is_(None),
    )
    return dict(session.execute(counted.group_by(Incident.organisation_id)).all())


def _tickets(session: Session, numbers: Collection[str], happened_at: datetime) -> list[Ticket]:
    """At least one, each once, all accepted before it happened. Raises InvalidInput."""
    wanted = {number.upper() for number in numbers}
    found = session.scalars(select(Ticket).where(Ticket.number.in_(wanted)).order_by(Ticket.id)).all()
    if not wanted or len(found) < len(wanted):
        unknown = ", ".join(sorted(wanted - {ticket.number for ticket in found}))
        raise InvalidInput("numbers", f"no such ticket: {unknown}")
    if any(ticket.accepted_at > happened_at for ticket in found):
        raise InvalidInput("numbers", "a ticket that came after the incident did not lead to it")
    return list(found)


def _said(field: str, text: str, longest: int) -> str:
    """Nothing that may be somebody's number (X10)."""
    said = text.replace("\0", "").strip()
    if not said or len(said) > longest or A_NUMBER.search(said):
        raise InvalidInput(field, f"1 to {longest} characters without long numbers")
    return said
