"""What people look at: the review desk, an organisation's in-tray, the suggested route. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, selectinload

from dispatch import scope, territory
from dispatch.models import Extension, WorkOrder
from dispatch.routing import Principle, Route, route
from dispatch.states import ENDED as ORDER_ENDED
from dispatch.states import HELD, LIVE, WAITING, Part, WorkOrderState
from hotline.callers.models import Caller
from hotline.catalogue.files import UNSORTED
from hotline.catalogue.models import Item
from hotline.config import settings
from hotline.errors import NotFound
from hotline.event_log import Event
from hotline.legal.queries import with_a_lawyer
from hotline.organisations import queries as organisations
from hotline.organisations.models import Organisation
from hotline.organisations.standing import may_work
from hotline.tickets.models import Ticket, TicketClock
from hotline.tickets.states import AT_WORK, ENDED, TicketState

_LISTED = (
    joinedload(Ticket.item),
    joinedload(Ticket.area),
    joinedload(Ticket.organisation),
    selectinload(Ticket.clocks),
)
FOUND = 20  # organisations a search shows

DESK = (
    "unsorted", "new", "returned", "no_firm", "adjudication", "asked", "long_term", "reopened", "answered",
    "with_agent", "out", "closed",
)  # fmt: skip
IN_TRAY: dict[str, tuple[WorkOrderState, ...]] = {
    "waiting": WAITING,
    "in_hand": (WorkOrderState.ACCEPTED,),
    "answered": (WorkOrderState.ANSWERED,),
    "ended": ORDER_ENDED,
}
TO_DO = ("waiting", "in_hand")


@dataclass(frozen=True)
class Suggestion:
    """Where the rules would send a ticket. `firms` counts those that may be offered the job."""

    route: Route
    role_name: str
    organisation: Organisation | None
    firms: int


# --- routes and contacts ---------------------------------------------------------------------------------


def suggestion(session: Session, ticket: Ticket, now: datetime) -> Suggestion:
    """The route of the ticket's item at the ticket's place (D01)."""
    role_name = ticket.item.department
    if territory.undecided(session, ticket):
        review = route(ticket.item.handler, county_known=False, found=None, territory_undecided=True)
        return Suggestion(review, role_name, territory.centre_for(session, ticket), 0)
    if ticket.item.handler == "firm":
        known, firms = _county_and_firms(session, ticket, role_name, now)
        return Suggestion(route("firm", county_known=known, found=None), role_name, None, firms)
    found = _office(session, ticket, now)
    principle = Principle(found.principle) if found else None
    decided = route(ticket.item.handler, county_known=ticket.area_id is not None, found=principle)
    return Suggestion(decided, role_name, found.organisation if found else None, 0)


def _office(session: Session, ticket: Ticket, now: datetime) -> organisations.HandlerFound | None:
    """Never the unit complained of, nor one below it: then the next one up has it (H10)."""
    today, barred = now.astimezone(settings().site.zone).date(), ticket.complained_of_id
    try:
        return organisations.handler_of(session, ticket.item, ticket.area_id, today=today, barred=barred)
    except organisations.NoHandler:
        return None


class EligibleFirm(NamedTuple):
    """What decides when a firm is asked: fields of Organisation."""

    id: int
    capacity_per_day: int | None
    rating: float | None
    hours: str
    open_days: list[int]
    closed_on: str


def eligible(session: Session, ticket: Ticket, role_name: str, now: datetime) -> Sequence[EligibleFirm]:
    """Firms of this class that serve the ticket's county and may work, by id; none when the place is
    unknown."""
    if not ticket.area_id:
        return []
    columns = [getattr(Organisation, name) for name in EligibleFirm._fields]
    able = _may_be_asked(ticket, ticket.area_id, role_name, now)
    firms = session.execute(select(*columns).where(able).order_by(Organisation.id))
    return [EligibleFirm(*firm) for firm in firms]


def _county_and_firms(session: Session, ticket: Ticket, role_name: str, now: datetime) -> tuple[bool, int]:
    """Whether its county is known, and how many firms `eligible` would find, without fetching them."""
    if not ticket.area_id:
        return False, 0
    able = _may_be_asked(ticket, ticket.area_id, role_name, now)
    firms = select(func.count()).select_from(Organisation).where(able)
    row = session.execute(select(organisations.in_a_county(ticket.area_id), firms.scalar_subquery()))
    known, number = row.one()
    return known, number


def _may_be_asked(ticket: Ticket, area_id: int, role_name: str, now: datetime) -> ColumnElement[bool]:
    """Of Organisation: serves the place, and is not the firm complained of."""
    others = Organisation.id.is_distinct_from(ticket.complained_of_id)
    return and_(organisations.are_eligible(role_name, area_id, now), others)


def last_round(session: Session, ticket_id: int) -> int:
    """How often the ticket was dispatched."""
    return session.scalar(select(func.max(WorkOrder.round)).where(WorkOrder.ticket_id == ticket_id)) or 0


def hops(session: Session, ticket_id: int) -> int:
    """How often the ticket was sent out or handed down (D04)."""
    handed = (WorkOrder.ticket_id == ticket_id) & WorkOrder.handed_by_id.is_not(None)
    downwards = session.scalar(select(func.count()).select_from(WorkOrder).where(handed)) or 0
    return last_round(session, ticket_id) + downwards


def contact_for(order: WorkOrder) -> Caller | None:
    """Whose contact this organisation may see, now. Nobody's when the citizen asked for confidentiality.

    A firm sees it once it has accepted and only with the recorded consent (PIPL 23); a department while the
    ticket is with it, unless the citizen wishes not to be contacted.
    """
    ticket = order.ticket
    if ticket.confidential or order.part == Part.ASSIST:  # the lead speaks to the citizen (F01)
        return None
    if order.kind == "firm":
        allowed = order.state == WorkOrderState.ACCEPTED and ticket.share_contact
    else:
        allowed = order.state in LIVE and ticket.contact_wish != "none"
    return ticket.caller if allowed else None


def may_see_files(order: WorkOrder) -> bool:
    """A department while the ticket is with it and when it has answered; a firm once it has accepted."""
    return order.state in (HELD if order.kind == "firm" else (*LIVE, WorkOrderState.ANSWERED))


# --- one organisation's work -----------------------------------------------------------------------------


def order_for(session: Session, order_id: int, organisation_id: int | None) -> WorkOrder:
    """The work order, for a user of this organisation; another's does not exist for them."""
    order = scope.order_of(session, order_id, organisation_id) if organisation_id else None
    if order is None:
        raise NotFound(f"no work order {order_id}")
    return order


def of_territory(session: Session, centre: Organisation, *, ended: bool) -> Select[Ticket]:
    """Tickets of a centre's territory: the most urgent first, ended ones newest first."""
    wanted = select(Ticket).where(scope.of_territory(session, centre)).options(*_LISTED)
    if ended:
        return wanted.where(Ticket.state.in_(sorted(ENDED))).order_by(Ticket.id.desc())
    return wanted.where(Ticket.state.not_in(sorted(ENDED))).order_by(_closing_due(Ticket.id), Ticket.id)


def ticket_of_territory(session: Session, centre: Organisation, ticket_id: int) -> Ticket:
    """Raises NotFound for another territory's."""
    wanted = select(Ticket).where(Ticket.id == ticket_id, scope.of_territory(session, centre))
    ticket = session.scalar(wanted.options(*_LISTED))
    if ticket is None:
        raise NotFound(f"no ticket {ticket_id}")
    return ticket


def in_tray(session: Session, organisation_id: int, tab: str) -> Select[WorkOrder]:
    """Work orders of one organisation, the most urgent first; ended ones newest first."""
    mine = (
        select(WorkOrder)
        .where(scope.own_orders(session, organisation_id), WorkOrder.state.in_(IN_TRAY[tab]))
        # tickets of the page only: joined, those of all pages before it would be looked up too
        .options(
            selectinload(WorkOrder.ticket).options(
                joinedload(Ticket.item), joinedload(Ticket.area), selectinload(Ticket.clocks)
            )
        )
    )
    if tab in TO_DO:
        soonest = func.least(WorkOrder.expires_at, WorkOrder.due_at, _closing_due(WorkOrder.ticket_id))
        return mine.order_by(soonest, WorkOrder.id)
    return mine.order_by(WorkOrder.ended_at.desc(), WorkOrder.id.desc())


def in_tray_counts(session: Session, organisation_id: int) -> dict[str, int]:
    """Work orders on the tabs that somebody has to do something about; the others only grow."""
    mine = scope.own_orders(session, organisation_id) & WorkOrder.state.in_(LIVE)
    by_state = session.execute(select(WorkOrder.state, func.count()).where(mine).group_by(WorkOrder.state))
    counts: dict[str, int] = dict(by_state.all())
    return {tab: sum(counts.get(state, 0) for state in IN_TRAY[tab]) for tab in TO_DO}


# --- the dispatcher's desk -------------------------------------------------------------------------------


def desk(tab: str) -> Select[Ticket]:
    """Tickets of one tab, the earliest closing deadline first; those answered or ended newest first."""
    wanted = select(Ticket).where(_on_tab(tab)).options(*_LISTED)
    if tab == "closed":
        return wanted.order_by(func.coalesce(Ticket.closed_at, Ticket.released_at).desc(), Ticket.id.desc())
    if tab == "long_term":
        return wanted.order_by(Ticket.review_on, Ticket.id)
    return wanted.order_by(_closing_due(Ticket.id), Ticket.id)


def desk_counts(session: Session) -> dict[str, int]:
    """Tickets on each tab, but for the closed ones: those only grow."""
    tabs = [tab for tab in DESK if tab != "closed"]
    row = session.execute(
        select(*(func.count().filter(_on_tab(tab)) for tab in tabs)).where(Ticket.state.not_in(sorted(ENDED)))
    ).one()
    return dict(zip(tabs, row, strict=True))


def orders_of(session: Session, ticket_id: int) -> Sequence[WorkOrder]:
    """Every organisation the ticket was at, newest first."""
    wanted = select(WorkOrder).where(WorkOrder.ticket_id == ticket_id).order_by(WorkOrder.id.desc())
    return session.scalars(wanted.options(joinedload(WorkOrder.organisation))).all()


def last_order(session: Session, ticket_id: int) -> WorkOrder:
    """Raises NotFound."""
    order = newest_order(session, ticket_id)
    if order is None:
        raise NotFound(f"ticket {ticket_id} has no work order")
    return order


def newest_order(session: Session, ticket_id: int) -> WorkOrder | None:
    """The lead's; assisting parts hang on it."""
    led = select(WorkOrder).where(WorkOrder.ticket_id == ticket_id, WorkOrder.part == Part.LEAD)
    return session.scalar(led.order_by(WorkOrder.id.desc()).limit(1))


def office_named(session: Session, name: str, ticket: Ticket) -> Organisation:
    """The office somebody means by its own name, or by its role for the ticket's place. Raises NoHandler."""
    by_name = select(Organisation).where(Organisation.name == name.strip(), Organisation.kind != "firm")
    found = session.scalar(by_name.order_by(Organisation.id).limit(1))
    return found or organisations.handler_for(session, name.strip(), ticket.area_id).organisation


def find_organisations(session: Session, words: str, now: datetime) -> Sequence[Organisation]:
    """Organisations whose name or role contains the words; departments first, firms that may work only."""
    words = words.strip()
    if not words:
        return []
    wanted = select(Organisation).where(
        or_(
            Organisation.name.contains(words, autoescape=True),
            Organisation.role_name.contains(words, autoescape=True),
        ),
        or_(Organisation.kind != "firm", may_work(now)),
    )
    ordered = wanted.order_by(Organisation.kind == "firm", func.length(Organisation.name), Organisation.id)
    return session.scalars(ordered.options(joinedload(Organisation.area)).limit(FOUND)).all()


def _on_tab(tab: str) -> ColumnElement[bool]:
    registered = Ticket.state.in_([TicketState.REGISTERED, TicketState.IN_REVIEW]) & ~with_a_lawyer()
    came_back = _came_back()
    unsorted = Ticket.item.has(Item.handler == UNSORTED)
    return {
        "unsorted": registered & unsorted,
        "new": registered
        & ~unsorted
        & func.coalesce(came_back, "").not_in(["work_order_returned", "no_firm_found"]),
        "returned": registered & (came_back == "work_order_returned"),
        "no_firm": registered & (came_back == "no_firm_found"),
        "adjudication": Ticket.state == TicketState.ADJUDICATION,
        "asked": Ticket.state.in_(sorted(AT_WORK)) & Ticket.id.in_(_asking()),
        "long_term": Ticket.state == TicketState.LONG_TERM,
        "reopened": Ticket.state == TicketState.REOPENED,
        "answered": Ticket.state == TicketState.ANSWERED,
        "with_agent": Ticket.state == TicketState.WITH_AGENT,
        "out": Ticket.state.in_(sorted(AT_WORK)),
        "closed": Ticket.state.in_(sorted(ENDED | {TicketState.IN_FOLLOW_UP})),
    }[tab]


def _asking() -> CompoundSelect[int]:
    """Tickets for which more days, or help, was asked for."""
    more_days = select(Extension.ticket_id).where(Extension.state == "asked")
    help_ = select(WorkOrder.ticket_id).where(WorkOrder.state == WorkOrderState.PROPOSED)
    return more_days.union_all(help_)


def _came_back() -> ScalarSelect[str]:
    """The newest fact that tells why a registered ticket is on the desk again; NULL for a new one."""
    kinds = ["work_order_returned", "no_firm_found", "work_order_declined", "territory_decided"]
    newest = select(Event.kind).where(Event.ticket_id == Ticket.id, Event.kind.in_(kinds))
    return newest.order_by(Event.id.desc()).limit(1).correlate(Ticket).scalar_subquery()


def _closing_due(ticket_id: InstrumentedAttribute[int]) -> ScalarSelect[datetime]:
    running = select(func.min(TicketClock.due_at)).where(
        TicketClock.ticket_id == ticket_id, TicketClock.clock == "closing", TicketClock.stopped_at.is_(None)
    )
    return running.correlate(WorkOrder, Ticket).scalar_subquery()
