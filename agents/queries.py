"""What agents look at: who waits, who is on the line, call-backs, tickets that match a search."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from agents.models import AgentPresence
from hotline.callbacks.models import CallBack
from hotline.callers.models import Caller
from hotline.calls.models import Call, Recording
from hotline.calls.service import NEXT_FIRST
from hotline.calls.states import CallState
from hotline.cases import queries as case_queries
from hotline.cases import service as cases
from hotline.cases.models import CaseMove
from hotline.catalogue.models import CatalogueVersion, Item
from hotline.config import settings
from hotline.organisations.models import Area
from hotline.organisations.queries import areas
from hotline.phone_numbers import normalise_or_none
from hotline.places import queries as places
from hotline.places.queries import Found
from hotline.surveys.models import Survey
from hotline.surveys.service import WAITING
from hotline.tickets import notes
from hotline.tickets import queries as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.states import TicketState

SHOWN_WAITING = 15
SHOWN_SENT_BACK = 20


@dataclass(frozen=True)
class Waiting:
    """Callers who wait, the longest first; `total` counts also those not shown."""

    calls: Sequence[Call]
    total: int
    items: dict[str, Item]


@dataclass(frozen=True)
class ScreenPop:
    """What an agent needs at the ring: who, waited how long, about what, and what was before.

    `hotline` is the one the caller waits for or talks to now, `moves` how they came there.
    """

    call: Call
    hotline: str
    moves: Sequence[CaseMove]
    item: Item | None
    suggestions: list[tuple[Item, float]]
    places: list[Found]
    earlier: Sequence[Ticket]
    from_this_call: Sequence[Ticket]
    waited_seconds: int


def waiting(session: Session) -> Waiting:
    queued = select(Call).where(Call.state == CallState.QUEUED)
    rows = session.scalars(
        queued.options(joinedload(Call.caller)).order_by(*NEXT_FIRST).limit(SHOWN_WAITING)
    ).all()
    total = session.scalar(select(func.count()).select_from(queued.subquery())) or 0
    return Waiting(rows, total, items_by_code(session, {call.item_code for call in rows if call.item_code}))


def screen_pop(session: Session, presence: AgentPresence) -> ScreenPop | None:
    """None without a call."""
    if presence.call_id is None:
        return None
    call = session.scalars(
        select(Call).where(Call.id == presence.call_id).options(joinedload(Call.caller))
    ).one()
    guesses = {str(s["code"]): float(s.get("confidence", 0)) for s in call.suggestions or [] if "code" in s}
    items = items_by_code(session, {*guesses, call.item_code or ""})
    from_this_call = tickets.of_call(session, call.id)
    return ScreenPop(
        call=call,
        hotline=cases.serving(call),
        moves=case_queries.moves(session, call.case_number),
        item=items.get(call.item_code or ""),
        suggestions=[(items[code], chance) for code, chance in guesses.items() if code in items],
        places=places.resolve(session, call.heard) if call.heard else [],
        earlier=tickets.earlier(session, call.caller_id, {ticket.id for ticket in from_this_call}),
        from_this_call=from_this_call,
        waited_seconds=_waited(call),
    )


def _waited(call: Call) -> int:
    if call.queued_at is None or call.answered_at is None:
        return 0
    return int((call.answered_at - call.queued_at).total_seconds())


def items_by_code(session: Session, codes: Iterable[str]) -> dict[str, Item]:
    """Live items; codes are different in every hotline's catalogue."""
    live = (
        select(Item)
        .join(Item.version)
        .where(CatalogueVersion.live, ~Item.retired, Item.code.in_(list(codes)))
    )
    return {item.code: item for item in session.scalars(live)}


def all_items(session: Session) -> dict[str, list[Item]]:
    """Every live item by hotline, in the order of the codes: what the item field offers."""
    live = select(Item).join(Item.version).where(CatalogueVersion.live, ~Item.retired)
    live = live.options(joinedload(Item.version)).order_by(Item.code)
    found: dict[str, list[Item]] = {}
    for item in session.scalars(live):
        found.setdefault(item.version.hotline, []).append(item)
    return found


def with_open_survey(session: Session, ticket_ids: Iterable[int]) -> set[int]:
    """Of these tickets, those whose two questions are still to be answered."""
    asked = select(Survey.ticket_id).where(Survey.ticket_id.in_(list(ticket_ids)), Survey.state.in_(WAITING))
    return set(session.scalars(asked))


def open_callbacks() -> Select[CallBack]:
    """The most overdue first."""
    return (
        select(CallBack)
        .where(CallBack.state == "open")
        .options(joinedload(CallBack.caller))
        .order_by(CallBack.due_at)
    )


def count_callbacks(session: Session, now: datetime) -> tuple[int, int]:
    """(open, of these overdue)"""
    overdue = func.count().filter(CallBack.due_at < now)
    row = session.execute(select(func.count(), overdue).where(CallBack.state == "open")).one()
    return row[0], row[1]


@dataclass(frozen=True)
class TicketFilter:
    """`wanted` is a ticket number, its beginning, or a telephone number."""

    wanted: str = ""
    state: str = ""
    staff_id: int | None = None


def search_tickets(asked: TicketFilter) -> Select[Ticket]:
    """The newest first."""
    found = select(Ticket).options(
        joinedload(Ticket.item), joinedload(Ticket.organisation), selectinload(Ticket.clocks)
    )
    if asked.state:
        found = found.where(Ticket.state == asked.state)
    if asked.staff_id:
        found = found.where(Ticket.staff_id == asked.staff_id)
    wanted = asked.wanted.strip()
    if not wanted:
        return found.order_by(Ticket.id.desc())
    number = None if wanted[:2].isalpha() else normalise_or_none(wanted, settings().site.region)
    if number:
        found = found.join(Ticket.caller).where(Caller.number == number)
    else:
        found = found.where(Ticket.number.startswith(wanted.upper(), autoescape=True))
    return found.order_by(Ticket.id.desc())


def sent_back(session: Session, staff_id: int) -> dict[Ticket, str]:
    """Tickets the desk returned to this agent, or to nobody in particular, with what is missing."""
    mine = or_(Ticket.staff_id == staff_id, Ticket.staff_id.is_(None))
    wanted = select(Ticket).where(Ticket.state == TicketState.WITH_AGENT, mine).options(*tickets.LISTED)
    found = session.scalars(wanted.order_by(Ticket.accepted_at).limit(SHOWN_SENT_BACK)).all()
    missing = notes.newest(session, [ticket.id for ticket in found], "return_to_agent")
    return {ticket: missing[ticket.id].note for ticket in found}


def places_to_choose(session: Session, ticket: Ticket) -> list[Area]:
    """Where the ticket is now, and the counties."""
    counties = areas(session, "county")
    here = ticket.area
    return [here, *counties] if here and here not in counties else counties


def recordings(session: Session, call_id: int | None) -> Sequence[Recording]:
    if call_id is None:
        return ()
    return session.scalars(select(Recording).where(Recording.call_id == call_id)).all()
