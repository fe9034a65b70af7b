"""What supervisors look at: lights by unit, what waits for them, papers, tickets that wait too long."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, load_only, selectinload

from dispatch import scope
from hotline.config import settings
from hotline.errors import NotFound
from hotline.event_log import Event
from hotline.organisations.models import Organisation
from hotline.supervision.models import Mark, Matter, Paper
from hotline.supervision.rules import SHOWN, STANDING, MatterState, PaperKind, Per, What
from hotline.tickets.acts import Clock
from hotline.tickets.lights import COLOURS
from hotline.tickets.models import Ticket, TicketClock
from hotline.tickets.queries import light_rank
from hotline.tickets.states import ENDED, TicketState

# In these states a clock of the ticket says when it has waited too long; the first it has counts.
CLOCK_OF: dict[TicketState, tuple[Clock, ...]] = {
    TicketState.DISPATCHED: (Clock.CLAIM, Clock.CLOSING),
    TicketState.CLAIMED: (Clock.FIRST_CONTACT, Clock.CLOSING),
    TicketState.IN_HAND: (Clock.CLOSING,),
}
NOT_OPEN = sorted(ENDED | {TicketState.IN_FOLLOW_UP})  # nobody's turn any more, or the hotline's
# of the page only: joined, those of all pages before it would be looked up too
_TICKET = (selectinload(Ticket.item), selectinload(Ticket.organisation))


@dataclass(frozen=True)
class UnitLights:
    """Open tickets of a unit by their own worst light."""

    unit: Organisation
    green: int
    yellow: int
    red: int

    @property
    def worst(self) -> str:
        return "red" if self.red else "yellow" if self.yellow else "green"


def unit_lights(session: Session, now: datetime) -> list[UnitLights]:
    """Every unit with open tickets, the worst first (H01)."""
    per_ticket = (
        select(Ticket.organisation_id, func.coalesce(func.max(light_rank(now)), 0).label("rank"))
        .outerjoin(TicketClock, and_(TicketClock.ticket_id == Ticket.id, TicketClock.stopped_at.is_(None)))
        .where(Ticket.state.not_in(NOT_OPEN), Ticket.organisation_id.is_not(None))
        .group_by(Ticket.id)
        .subquery()
    )
    counts = [func.count().filter(per_ticket.c.rank == rank) for rank in range(len(COLOURS))]
    found = session.execute(
        select(Organisation, *counts)
        .options(load_only(Organisation.name))
        .join(per_ticket, per_ticket.c.organisation_id == Organisation.id)
        .group_by(Organisation.id)
        .order_by(counts[2].desc(), counts[1].desc(), Organisation.id)
    )
    return [UnitLights(row[0], row[1], row[2], row[3]) for row in found]


def lights_of(session: Session, ticket_ids: Collection[int], now: datetime) -> dict[int, str]:
    """The worst light of each ticket's running clocks."""
    worst = (
        select(TicketClock.ticket_id, func.max(light_rank(now)))
        .where(TicketClock.ticket_id.in_(ticket_ids), TicketClock.stopped_at.is_(None))
        .group_by(TicketClock.ticket_id)
    )
    return {ticket_id: COLOURS[rank] for ticket_id, rank in session.execute(worst)}


def unit(session: Session, unit_id: int) -> Organisation:
    found = session.get(Organisation, unit_id)
    if found is None:
        raise NotFound(f"no organisation {unit_id}")
    return found


def open_tickets(unit_id: int) -> Select[Ticket]:
    """The longest there first."""
    theirs = select(Ticket).where(Ticket.organisation_id == unit_id, Ticket.state.not_in(NOT_OPEN))
    return theirs.options(*_TICKET).order_by(Ticket.accepted_at, Ticket.id)


def marks(unit_id: int) -> Select[Mark]:
    theirs = select(Mark).where(Mark.organisation_id == unit_id)
    return theirs.options(joinedload(Mark.ticket)).order_by(Mark.at.desc(), Mark.id.desc())


def matters_of(session: Session, unit_id: int) -> Sequence[Matter]:
    """What counts led to, what stands first."""
    theirs = select(Matter).where(Matter.organisation_id == unit_id, Matter.what.in_(sorted(What)))
    return session.scalars(theirs.order_by(Matter.state != MatterState.OPEN, Matter.id.desc())).all()


def to_decide(kind: str = "") -> Select[Matter]:
    """What waits for a person, the oldest first; a bar and a veto wait for nobody."""
    waiting = select(Matter).where(Matter.state == MatterState.OPEN, Matter.what.not_in(sorted(STANDING)))
    if kind:
        waiting = waiting.where(Matter.what == kind)
    shown = waiting.options(joinedload(Matter.organisation), joinedload(Matter.ticket))
    return shown.order_by(Matter.opened_at, Matter.id)


def to_decide_counts(session: Session) -> dict[str, int]:
    waiting = select(Matter.what, func.count()).where(
        Matter.state == MatterState.OPEN, Matter.what.not_in(sorted(STANDING))
    )
    return dict(session.execute(waiting.group_by(Matter.what)).all())


def standing(year_subject: str) -> Select[Matter]:
    """Not eligible for the award, or vetoed: units and persons of a year."""
    found = select(Matter).where(
        Matter.what.in_(sorted(STANDING)),
        Matter.state == MatterState.OPEN,
        Matter.subject.contains(year_subject),
    )
    return found.options(joinedload(Matter.organisation)).order_by(Matter.organisation_id, Matter.id)


def vetoed(session: Session, year: int) -> set[int]:
    """Units whose result of the year is nothing (H06)."""
    wanted = select(Matter.organisation_id).where(
        Matter.what == What.VETO, Matter.state == MatterState.OPEN, Matter.subject == f"{Per.UNIT}:{year}"
    )
    return set(session.scalars(wanted))


# --- papers ------------------------------------------------------------------------------------------------


def papers(kind: str = "") -> Select[Paper]:
    """The newest first."""
    wanted = select(Paper).options(joinedload(Paper.organisation), joinedload(Paper.ticket))
    if kind in set(PaperKind):
        wanted = wanted.where(Paper.kind == kind)
    return wanted.order_by(Paper.id.desc())


def paper(session: Session, paper_id: int) -> Paper:
    found = session.get(Paper, paper_id)
    if found is None:
        raise NotFound(f"no paper {paper_id}")
    return found


def papers_about(session: Session, ticket_id: int) -> Sequence[Paper]:
    return session.scalars(select(Paper).where(Paper.ticket_id == ticket_id).order_by(Paper.id)).all()


def papers_to(session: Session, unit_id: int) -> Select[Paper]:
    """What a unit sees of what it got: unanswered ones first."""
    theirs = (
        select(Paper)
        .join(Ticket, Ticket.id == Paper.ticket_id)
        .where(Paper.organisation_id == unit_id, Paper.kind.in_(sorted(SHOWN)))
        .where(scope.not_about(session, unit_id))
        .options(joinedload(Paper.ticket).joinedload(Ticket.item))
    )
    owed = Paper.answered_at.is_(None) & Paper.answer_by.is_not(None)
    return theirs.order_by(owed.desc(), Paper.id.desc())


# --- the watchdog ------------------------------------------------------------------------------------------


def waiting_too_long(now: datetime) -> Select[Ticket]:
    """Tickets longer in their state than its clock or `supervision.waiting_hours` allow (lessons 15)."""
    today = now.astimezone(settings().site.zone).date()
    late = or_(*_by_hours(now), *_by_clock(now), _by_review(today))
    return select(Ticket).where(late).options(*_TICKET).order_by(Ticket.accepted_at, Ticket.id)


def in_state_since(session: Session, ticket_ids: Collection[int]) -> dict[int, datetime]:
    moved = select(Event.ticket_id, func.max(Event.at)).where(
        Event.ticket_id.in_(ticket_ids), Event.kind == "ticket_state_changed"
    )
    return {row[0]: row[1] for row in session.execute(moved.group_by(Event.ticket_id)) if row[0]}


def _by_hours(now: datetime) -> list[ColumnElement[bool]]:
    hours: dict[str, float] = settings().supervision.waiting_hours.model_dump()
    # a ticket is no longer in a state than it is there at all: the index finds those first
    return [
        and_(
            Ticket.state == state,
            Ticket.accepted_at < now - timedelta(hours=most),
            func.coalesce(_moved_at(), Ticket.accepted_at) < now - timedelta(hours=most),
        )
        for state, most in hours.items()
    ]


def _by_clock(now: datetime) -> list[ColumnElement[bool]]:
    return [
        and_(
            Ticket.state == state,
            exists().where(
                TicketClock.ticket_id == Ticket.id,
                TicketClock.clock.in_(clocks),
                TicketClock.stopped_at.is_(None),
                TicketClock.paused_at.is_(None),
                TicketClock.due_at < now,
            ),
        )
        for state, clocks in CLOCK_OF.items()
    ]


def _by_review(today: date) -> ColumnElement[bool]:
    """On the long-term list, and its day of review has gone by."""
    return and_(Ticket.state == TicketState.LONG_TERM, Ticket.review_on < today)


def _moved_at() -> ScalarSelect[datetime]:
    moved = select(func.max(Event.at)).where(
        Event.ticket_id == Ticket.id, Event.kind == "ticket_state_changed"
    )
    return moved.correlate(Ticket).scalar_subquery()
