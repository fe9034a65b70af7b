"""An office's matters go to another from day to day (委托); what was delegated is not delegated on."""

from datetime import date, datetime, timedelta

from sqlalchemy import ScalarSelect, Select, or_, select
from sqlalchemy.orm import Session, joinedload

from hotline.errors import InvalidInput, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import DelegationCalledOff, DelegationMade
from hotline.organisations.models import Delegation, Organisation

MAX_BASIS = 300
ONE_DAY = timedelta(days=1)


def make(
    session: Session,
    organisation_id: int,
    delegate_id: int,
    *,
    first_day: date,
    last_day: date,
    basis: str,
    actor: str,
    now: datetime,
) -> Delegation:
    """From the first day to the last, both included; new tickets follow, those at work stay.

    Raises NotFound, InvalidInput (a firm, the office itself, days taken already, no basis).
    """
    # Locked, so that two people cannot delegate the same days
    office = session.get(Organisation, organisation_id, with_for_update={"key_share": True})
    delegate = session.get(Organisation, delegate_id)
    if office is None or delegate is None:
        raise NotFound(f"no organisation {delegate_id if office else organisation_id}")
    if "firm" in (office.kind, delegate.kind):
        raise InvalidInput("delegate", "firms take jobs in turn; nothing is delegated to or by them")
    written = basis.strip()
    if not 2 <= len(written) <= MAX_BASIS:
        raise InvalidInput("basis", f"the document it rests on, at most {MAX_BASIS} characters")
    if organisation_id == delegate_id:
        raise InvalidInput("delegate", "another office")
    _check_days(session, organisation_id, first_day, last_day)
    made = Delegation(
        organisation_id=organisation_id,
        delegate_id=delegate_id,
        first_day=first_day,
        last_day=last_day,
        basis=written,
        made_by=actor,
        made_at=now,
    )
    session.add(made)
    session.flush()
    fact = DelegationMade(
        delegation_id=made.id,
        organisation_id=organisation_id,
        delegate_id=delegate_id,
        first_day=first_day.isoformat(),
        last_day=last_day.isoformat(),
    )
    record(session, fact, actor=actor, at=now)
    return made


def call_off(session: Session, delegation_id: int, *, today: date, actor: str, now: datetime) -> Delegation:
    """From today on the office has its matters back. Raises NotFound; TransitionRefused: it is over."""
    found = session.get(Delegation, delegation_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound(f"no delegation {delegation_id}")
    if found.last_day < today or found.called_off_at:
        raise TransitionRefused("delegation", "over", "called off")
    found.last_day = max(today, found.first_day) - ONE_DAY
    found.called_off_by, found.called_off_at = actor, now
    fact = DelegationCalledOff(
        delegation_id=found.id,
        organisation_id=found.organisation_id,
        delegate_id=found.delegate_id,
        last_day=found.last_day.isoformat(),
    )
    record(session, fact, actor=actor, at=now)
    return found


def delegate_on(day: date) -> ScalarSelect[int]:
    """The id of whoever has the matters of an office on that day, to be asked of Organisation."""
    theirs = Delegation.organisation_id == Organisation.id
    in_force = (Delegation.first_day <= day) & (Delegation.last_day >= day)
    wanted = select(Delegation.delegate_id).where(theirs, in_force)
    return wanted.correlate(Organisation).scalar_subquery()


def history(organisation_id: int | None = None) -> Select[Delegation]:
    """All there were, or those from and to one office; the newest first."""
    wanted = select(Delegation).options(joinedload(Delegation.organisation), joinedload(Delegation.delegate))
    if organisation_id is not None:
        ours = or_(Delegation.organisation_id == organisation_id, Delegation.delegate_id == organisation_id)
        wanted = wanted.where(ours)
    return wanted.order_by(Delegation.id.desc())


def _check_days(session: Session, organisation_id: int, first_day: date, last_day: date) -> None:
    """Raises InvalidInput."""
    if last_day < first_day:
        raise InvalidInput("last_day", "not before the first day")
    taken = select(Delegation.id).where(
        Delegation.organisation_id == organisation_id,
        Delegation.first_day <= last_day,
        Delegation.last_day >= first_day,
        Delegation.last_day >= Delegation.first_day,  # one called off before it began took none
    )
    if session.scalar(taken.limit(1)):
        raise InvalidInput("first_day", "on some of these days it is delegated already")
