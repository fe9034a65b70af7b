"""Marks against units and persons, and what so many of them lead to (H02, H05).

A mark is the trace of a fact (a light that turned red, a dissatisfied rating); one that is taken back stays,
with the reason. After each change the count is held against CONSEQUENCES again.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.models import WorkOrder
from hotline.config import settings
from hotline.errors import InvalidInput, NotAllowed, NotFound, TransitionRefused
from hotline.event_log import Event, record
from hotline.events import LightCounted, MarkTakenBack, RatingCounted
from hotline.organisations.models import Organisation
from hotline.staff.models import Staff
from hotline.supervision import matters
from hotline.supervision.matters import SYSTEM
from hotline.supervision.models import Mark, Matter
from hotline.supervision.rules import (
    CONSEQUENCES,
    CORRECTIONS,
    Consequence,
    MarkKind,
    MatterState,
    Per,
    What,
    verdict,
)
from hotline.tickets.models import Ticket, TicketClock


def count_light(
    session: Session, *, ticket_id: int, clock: str, round_: int, unit_id: int, since: datetime, now: datetime
) -> None:
    """Told twice, it counts once; one that a correction overtook does not stand."""
    ref = f"light:{ticket_id}:{clock}:{round_}"
    if _by_ref(session, unit_id, ref):
        return
    mark = Mark(
        kind=MarkKind.LIGHT,
        ref=ref,
        ticket_id=ticket_id,
        clock=clock,
        round=round_,
        organisation_id=unit_id,
        at=since,
    )
    session.add(mark)
    _light_counts(session, mark, now)
    settle_light(session, ticket_id, clock, round_, because="clock_corrected", now=now)


def settle_light(
    session: Session, ticket_id: int, clock: str, round_: int, *, because: str, now: datetime
) -> None:
    """Hold a counted light against its clock: a deadline moved beyond it takes it back, a second delay
    counts it again."""
    mark = session.scalar(select(Mark).where(Mark.ref == f"light:{ticket_id}:{clock}:{round_}"))
    row = session.scalar(
        select(TicketClock).where(
            TicketClock.ticket_id == ticket_id, TicketClock.clock == clock, TicketClock.round == round_
        )
    )
    if mark is None or row is None:
        return
    _lock(session, mark.organisation_id)
    session.refresh(mark)
    late = (row.stopped_at or row.paused_at or now) > row.due_at
    if mark.taken_back_at is None and row.due_at > mark.at and not late:
        _take_back(session, mark, because, SYSTEM, now)
    elif mark.taken_back_at is not None and late:
        mark.taken_back_at = mark.taken_back_because = mark.taken_back_by = None
        mark.at = row.due_at
        _light_counts(session, mark, now)


def count_rating(session: Session, ticket: Ticket, survey_id: int, now: datetime) -> None:
    """Against the unit that answered and the person who did (H05); told twice, it counts once."""
    unit_id, ref = ticket.organisation_id, f"survey:{survey_id}"
    if unit_id is None or _by_ref(session, unit_id, ref):
        return
    order = _order_answered(session, ticket.id, unit_id)
    mark = Mark(
        kind=MarkKind.RATING,
        ref=ref,
        ticket_id=ticket.id,
        organisation_id=unit_id,
        person=(order.responsible_person or "") if order else "",
        at=now,
    )
    session.add(mark)
    session.flush()
    fact = RatingCounted(
        mark_id=mark.id,
        ticket_id=ticket.id,
        survey_id=survey_id,
        unit_id=unit_id,
        work_order_id=order.id if order else None,
    )
    record(session, fact, actor=SYSTEM, at=now)
    reconsider(session, mark, now)


def correct_rating(session: Session, mark_id: int, because: str, *, staff: Staff, now: datetime) -> Mark:
    """A rating that is not valid counts no more. Decided elsewhere: whoever handled the ticket, or is of the
    unit, is refused (NotAllowed)."""
    mark = session.get(Mark, mark_id)
    if mark is None or mark.kind != MarkKind.RATING:
        raise NotFound(f"no rating {mark_id}")
    if because not in CORRECTIONS:
        raise InvalidInput("because", f"one of {', '.join(CORRECTIONS)}")
    if staff.organisation_id is not None or _handled(session, mark.ticket_id, staff.id):
        raise NotAllowed("another office decides whether this rating is valid")
    _lock(session, mark.organisation_id)
    session.refresh(mark)
    if mark.taken_back_at is not None:
        raise TransitionRefused("rating", "taken back", "taken back")
    _take_back(session, mark, because, f"staff:{staff.id}", now)
    return mark


def reconsider(session: Session, mark: Mark, now: datetime) -> None:
    """Hold the count this mark belongs to against what it leads to."""
    session.flush()
    for rule in CONSEQUENCES:
        if rule.mark == mark.kind and (rule.per is Per.UNIT or mark.person):
            _reconsider(session, rule, mark, now)


def _reconsider(session: Session, rule: Consequence, mark: Mark, now: datetime) -> None:
    subject = _subject(rule, mark)
    matter = matters.known(session, rule.what, mark.organisation_id, subject)
    if rule.what is What.ACCOUNTABILITY and matter and matter.state != MatterState.OPEN:
        matter = None
    start, until = _span(session, rule, mark, matter, now)
    count = _count(session, rule, mark, start, until)
    decided = verdict(count, _limit(rule.what), stands=matter is not None)
    if decided is MatterState.OPEN:
        opened = Matter(
            what=rule.what,
            per=rule.per,
            subject=subject,
            organisation_id=mark.organisation_id,
            person=mark.person if rule.per is Per.PERSON else "",
            count=count,
            counts_from=start,
        )
        matters.open_(session, opened, because=f"{rule.mark}s", now=now)
    elif matter and matter.state == MatterState.OPEN:
        matters.grow(session, matter, count, now)
        if decided is MatterState.WITHDRAWN:
            matters.end(session, matter.id, MatterState.WITHDRAWN, actor=SYSTEM, now=now)


def _subject(rule: Consequence, mark: Mark) -> str:
    """Ratings count by the year, as the award does; lights over a rolling period."""
    if rule.mark is MarkKind.LIGHT:
        return str(rule.per)
    year = mark.at.astimezone(settings().site.zone).year
    return f"{rule.per}:{year}" + (f":{mark.person}" if rule.per is Per.PERSON else "")


def _span(
    session: Session, rule: Consequence, mark: Mark, matter: Matter | None, now: datetime
) -> tuple[datetime, datetime]:
    """From when until when marks are counted, both in UTC."""
    if rule.mark is MarkKind.RATING:
        zone = settings().site.zone
        year = mark.at.astimezone(zone).year
        return datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
    end_of_time = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
    if matter and matter.counts_from:
        return matter.counts_from, end_of_time
    start = now - timedelta(days=settings().supervision.light_days)
    dealt_with = select(func.max(Matter.ended_at)).where(
        Matter.what == rule.what,
        Matter.organisation_id == mark.organisation_id,
        Matter.state.in_([MatterState.DONE, MatterState.DROPPED]),
    )
    return max(start, session.scalar(dealt_with) or start), end_of_time


def _count(session: Session, rule: Consequence, mark: Mark, start: datetime, until: datetime) -> int:
    standing = select(func.count()).where(
        Mark.organisation_id == mark.organisation_id,
        Mark.kind == rule.mark,
        Mark.at >= start,
        Mark.at < until,
        Mark.taken_back_at.is_(None),
    )
    if rule.per is Per.PERSON:
        standing = standing.where(Mark.person == mark.person)
    return session.scalar(standing) or 0


def _limit(what: What) -> int:
    limits = settings().supervision
    return {
        What.ACCOUNTABILITY: limits.accountability_lights,
        What.INTERVIEW: limits.interview_ratings,
        What.BARRED: limits.barred_ratings,
    }[what]


def _light_counts(session: Session, mark: Mark, now: datetime) -> None:
    session.flush()
    fact = LightCounted(
        mark_id=mark.id,
        ticket_id=mark.ticket_id,
        unit_id=mark.organisation_id,
        clock=mark.clock or "",
        round=mark.round or 0,
    )
    record(session, fact, actor=SYSTEM, at=now)
    reconsider(session, mark, now)


def _take_back(session: Session, mark: Mark, because: str, actor: str, now: datetime) -> None:
    mark.taken_back_at, mark.taken_back_because, mark.taken_back_by = now, because, actor
    fact = MarkTakenBack(
        mark_id=mark.id, ticket_id=mark.ticket_id, unit_id=mark.organisation_id, reason=because
    )
    record(session, fact, actor=actor, at=now)
    reconsider(session, mark, now)


def _by_ref(session: Session, unit_id: int, ref: str) -> Mark | None:
    """With the unit locked: two marks of one unit are counted one after the other."""
    _lock(session, unit_id)
    return session.scalar(select(Mark).where(Mark.ref == ref))


def _lock(session: Session, unit_id: int) -> None:
    session.get(Organisation, unit_id, with_for_update={"key_share": True}, populate_existing=True)


def _order_answered(session: Session, ticket_id: int, unit_id: int) -> WorkOrder | None:
    held = select(WorkOrder).where(
        WorkOrder.ticket_id == ticket_id,
        WorkOrder.organisation_id == unit_id,
        WorkOrder.responsible_person.is_not(None),
    )
    return session.scalar(held.order_by(WorkOrder.id.desc()).limit(1))


def _handled(session: Session, ticket_id: int, staff_id: int) -> bool:
    """Did this person ever move the ticket?"""
    moved = select(Event.id).where(
        Event.ticket_id == ticket_id,
        Event.kind.in_(["ticket_opened", "ticket_state_changed"]),
        Event.actor == f"staff:{staff_id}",
    )
    return session.scalar(moved.limit(1)) is not None
