"""Somebody is asked to come by a deadline: a whistle for departments (吹哨报到, E07) and the call-out of
an organisation on call (随叫随驻, E06) are one thing. Who does not report in time is supervision's matter."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from dispatch import scope
from dispatch.models import CheckIn, Summons, WorkOrder
from dispatch.states import WorkOrderState
from dispatch.work_order import SYSTEM, check_not_about
from hotline.config import settings
from hotline.errors import InvalidInput, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import ReportAsked, Reported, ReportMissed
from hotline.organisations.models import Organisation
from hotline.tickets.models import Ticket
from hotline.tickets.states import ENDED

AT_THE_PLACE = ("town", "village", "grid")  # whose offices blow the whistle


def may_whistle(order: WorkOrder) -> bool:
    """While a town's, a village's or a grid's office has work on the ticket."""
    office = order.organisation
    at_the_place = office.kind != "firm" and office.level in AT_THE_PLACE
    return at_the_place and order.state in (WorkOrderState.SENT, WorkOrderState.ACCEPTED)


def call(
    session: Session,
    ticket: Ticket,
    called: Sequence[Organisation],
    *,
    reason: str,
    caller: Organisation | None = None,
    actor: str,
    now: datetime,
) -> Summons:
    """All of them, or nobody; no `caller`: the centre calls. The ticket is locked.

    Raises TransitionRefused (it is over), ConcernsThemselves, InvalidInput: nobody, the caller itself, a
    firm, somebody who is expected already.
    """
    if ticket.state in ENDED:
        raise TransitionRefused("ticket", ticket.state, "a reason to come")
    by_id = {it.id: it for it in called}
    _check(session, ticket, by_id, caller)
    limit = timedelta(minutes=settings().dispatch.report_minutes)
    made = Summons(
        ticket_id=ticket.id,
        caller_id=caller.id if caller else None,
        reason=reason.strip(),
        made_by=actor,
        made_at=now,
        report_by=now + limit,
        called=[CheckIn(organisation_id=id_) for id_ in by_id],
    )
    session.add(made)
    session.flush()
    for id_ in by_id:
        fact = ReportAsked(
            ticket_id=ticket.id,
            summons_id=made.id,
            organisation_id=id_,
            caller_id=made.caller_id,
            report_by=made.report_by.isoformat(),
        )
        record(session, fact, actor=actor, at=now)
    return made


def report(session: Session, check_in_id: int, organisation_id: int, *, actor: str, now: datetime) -> CheckIn:
    """It has come; late is on record as late. Raises NotFound for another's, TransitionRefused for the second
    time."""
    found = session.get(CheckIn, check_in_id, with_for_update=True, populate_existing=True)
    if found is None or found.organisation_id != organisation_id or not _may_see(session, found):
        raise NotFound(f"no check-in {check_in_id}")
    if found.reported_at:
        raise TransitionRefused("check-in", "reported", "reported")
    found.reported_at, found.reported_by = now, actor
    fact = Reported(
        ticket_id=found.summons.ticket_id,
        summons_id=found.summons_id,
        organisation_id=organisation_id,
        in_time=now <= found.summons.report_by,
    )
    record(session, fact, actor=actor, at=now)
    return found


def of_ticket(session: Session, ticket_id: int) -> Sequence[Summons]:
    """The newest first, each with whom it calls."""
    wanted = select(Summons).where(Summons.ticket_id == ticket_id).order_by(Summons.id.desc())
    who = joinedload(Summons.called).joinedload(CheckIn.organisation)
    return session.scalars(wanted.options(who, joinedload(Summons.caller))).unique().all()


def expected(session: Session, organisation_id: int) -> Sequence[CheckIn]:
    """Where this organisation has to come to, the most pressing first."""
    theirs = _open().where(CheckIn.organisation_id == organisation_id, CheckIn.reported_at.is_(None))
    seen = theirs.where(scope.not_about(session, organisation_id)).order_by(Summons.report_by, CheckIn.id)
    return session.scalars(seen.options(joinedload(CheckIn.summons).joinedload(Summons.ticket))).all()


def to_miss(session: Session, now: datetime) -> list[int]:
    return list(session.scalars(_late(now).with_only_columns(CheckIn.id)))


def miss(session: Session, check_in_id: int, now: datetime) -> bool:
    """The time is over, once. False: it has come meanwhile."""
    still = _late(now).where(CheckIn.id == check_in_id)
    late = session.scalar(still.with_for_update(of=CheckIn, skip_locked=True))
    if late is None:
        return False
    late.missed_at = now
    fact = ReportMissed(
        ticket_id=late.summons.ticket_id, summons_id=late.summons_id, organisation_id=late.organisation_id
    )
    record(session, fact, actor=SYSTEM, at=now)
    return True


def _open() -> Select[CheckIn]:
    """Of tickets that are not over: nobody has to come for one that is."""
    joined = select(CheckIn).join(CheckIn.summons).join(Summons.ticket)
    return joined.where(Ticket.state.not_in(sorted(ENDED)))


def _late(now: datetime) -> Select[CheckIn]:
    owed = CheckIn.reported_at.is_(None) & CheckIn.missed_at.is_(None)
    return _open().where(owed, Summons.report_by < now)


def _may_see(session: Session, found: CheckIn) -> bool:
    return scope.may_handle(session, found.summons.ticket, found.organisation_id)


def _check(
    session: Session, ticket: Ticket, called: Mapping[int, Organisation], caller: Organisation | None
) -> None:
    if not called:
        raise InvalidInput("called", "name at least one department")
    if (caller and caller.id in called) or any(it.kind == "firm" for it in called.values()):
        raise InvalidInput("called", "neither yourself nor a firm")
    for it in called.values():
        check_not_about(session, ticket, it)
    expected_here = _open().where(
        Ticket.id == ticket.id, CheckIn.organisation_id.in_(called), CheckIn.reported_at.is_(None)
    )
    if session.scalar(expected_here.limit(1)):
        raise InvalidInput("called", "is expected already")
