"""What people do to a ticket. `move` is the only mover: it checks the table and writes the fact."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hotline.catalogue.models import Item
from hotline.catalogue.queries import item as item_by_code
from hotline.config import settings
from hotline.errors import InvalidInput, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import (
    AnswerReleased,
    ContactConsentGiven,
    ItemChanged,
    TerritoryDecided,
    TicketClosed,
    TicketOpened,
    TicketReferred,
    TicketReopened,
    TicketStateChanged,
)
from hotline.organisations.models import Area
from hotline.tickets import clocks, holds, notes, numbering
from hotline.tickets.acts import CHANNELS
from hotline.tickets.models import Ticket
from hotline.tickets.states import BY_ENDS, ON_THE_DESK, Hold, TicketState

MAX_TEXT = 5000
MAX_PLACE = 200
KINDS = ("consult", "help", "suggestion", "complaint", "service")
CONTACT_WISHES = ("sms", "phone", "none")


@dataclass(frozen=True, kw_only=True)
class NewTicket:
    """What intake knows. `caller_id` empty means anonymous; `share_contact` is the citizen's consent."""

    hotline: str
    channel: str
    kind: str
    item_code: str
    text: str
    area_id: int | None = None
    place: str = ""
    caller_id: int | None = None
    call_id: int | None = None
    contact_wish: str = "sms"
    confidential: bool = False
    share_contact: bool = False
    staff_id: int | None = None
    case_number: str | None = None


def open_ticket(session: Session, new: NewTicket, *, actor: str, now: datetime) -> Ticket:
    """Register a matter and start its clocks. Raises InvalidInput or UnknownItem; then nothing is kept."""
    _check(session, new)
    item = item_by_code(session, new.hotline, new.item_code)
    number = numbering.next_number(session, now, settings().site.zone)
    ticket = Ticket(
        number=number,
        case_number=new.case_number or number,
        query_code=numbering.query_code(),
        hotline=new.hotline,
        channel=new.channel,
        kind=new.kind,
        item=item,
        tier=item.tier,
        area_id=new.area_id,
        place=new.place.strip() or None,
        text=new.text.strip(),
        caller_id=new.caller_id,
        call_id=new.call_id,
        contact_wish=new.contact_wish if new.caller_id else "none",
        confidential=new.confidential or item.confidential_default,
        share_contact=new.share_contact and new.caller_id is not None,
        staff_id=new.staff_id,
        state=TicketState.REGISTERED,
        accepted_at=now,
    )
    session.add(ticket)
    session.flush()
    record(session, _opened(ticket, item), actor=actor, at=now)
    if ticket.share_contact and ticket.caller_id:
        record(
            session, ContactConsentGiven(ticket_id=ticket.id, caller_id=ticket.caller_id), actor=actor, at=now
        )
    clocks.on_act(session, ticket, "open", actor=actor, now=now)
    return ticket


def get(session: Session, ticket_id: int, *, lock: bool = False) -> Ticket:
    ticket = session.get(Ticket, ticket_id, with_for_update=lock)
    if ticket is None:
        raise NotFound(f"no ticket {ticket_id}")
    return ticket


def move(
    session: Session, ticket: Ticket, new: TicketState, *, actor: str, now: datetime, reason: str = ""
) -> None:
    """The only way a ticket changes state; its clocks follow the act.

    Raises TransitionRefused for a move the table does not have, HeldBack where a hold stands against it.
    """
    old = TicketState(ticket.state)
    allowed = BY_ENDS.get((old, new))
    if allowed is None:
        raise TransitionRefused("ticket", old, new)
    holds.check(session, ticket, allowed)
    ticket.state = new
    fact = TicketStateChanged(
        ticket_id=ticket.id, old=old, new=new, reason=reason, organisation_id=ticket.organisation_id
    )
    record(session, fact, actor=actor, at=now)
    clocks.on_act(session, ticket, allowed.act, actor=actor, now=now)


def reclassify(
    session: Session, ticket: Ticket, item_code: str, *, reason: str, actor: str, now: datetime
) -> None:
    """A person gives a ticket that nobody works on another item (B02). Raises UnknownItem, InvalidInput,
    TransitionRefused. The closing limit is the new item's, counted from where it began."""
    if ticket.state not in ON_THE_DESK:
        raise TransitionRefused("ticket", ticket.state, "of another item")
    item = item_by_code(session, ticket.hotline, item_code)
    if item.code == ticket.item.code:
        raise InvalidInput("item_code", "it is filed under this item")
    old = ticket.item.code
    ticket.item, ticket.tier = item, item.tier
    ticket.confidential = ticket.confidential or item.confidential_default
    fact = ItemChanged(
        ticket_id=ticket.id,
        old=old,
        new=item.code,
        tier=item.tier,
        due_at=clocks.limit_anew(session, ticket, actor=actor, now=now).isoformat(),
        reason=reason.strip(),
    )
    record(session, fact, actor=actor, at=now)


def refer(
    session: Session,
    ticket: Ticket,
    hotline: str,
    item_code: str,
    *,
    reason: str,
    actor: str,
    now: datetime,
) -> None:
    """The same ticket, another hotline's: its number stays, it stays open (D10). Raises as `reclassify`."""
    old, ticket.hotline = ticket.hotline, hotline
    reclassify(session, ticket, item_code, reason=reason, actor=actor, now=now)
    fact = TicketReferred(
        ticket_id=ticket.id,
        from_hotline=old,
        to_hotline=hotline,
        item_code=item_code,
        category_code=ticket.item.category.code,
    )
    record(session, fact, actor=actor, at=now)


def assign(ticket: Ticket, organisation_id: int | None) -> None:
    """Exactly one organisation answers for an open ticket (E03); none means the hotline itself.

    Assign first and move then: the fact of the move says who answers for the ticket.
    """
    ticket.organisation_id = organisation_id


def settle_territory(
    session: Session, ticket: Ticket, area: Area, *, organisation_id: int | None, actor: str, now: datetime
) -> None:
    """The ticket belongs there; whoever decides it checks first that it may still be decided (D03)."""
    ticket.area = area
    session.flush()
    fact = TerritoryDecided(ticket_id=ticket.id, area_id=area.id, organisation_id=organisation_id)
    record(session, fact, actor=actor, at=now)


def answer(session: Session, ticket: Ticket, *, actor: str, now: datetime) -> None:
    """The organisation has written its public reply: the reply clock stops, the hotline reviews it."""
    move(session, ticket, TicketState.ANSWERED, actor=actor, now=now)
    ticket.answered_at = now


def release(
    session: Session, ticket: Ticket, *, public_reply: str, actor: str, now: datetime, reason: str = ""
) -> None:
    """The citizen may read the answer: clocks stop, a notice and the questions go out. The ticket closes once
    the citizen has been told, at once where nobody can be or wishes to be (E01). Raises InvalidInput (I03).
    """
    keep_reply(ticket, public_reply)
    move(session, ticket, TicketState.IN_FOLLOW_UP, actor=actor, now=now, reason=reason)
    _released(session, ticket, actor, now)
    if ticket.caller_id is None or ticket.contact_wish == "none":
        close(session, ticket, actor=actor, now=now, reason="no_contact_given")
    else:
        holds.place(session, ticket, Hold.NOTICE, actor=actor, now=now)


def told(session: Session, ticket: Ticket, closure: int, how: str, *, actor: str, now: datetime) -> None:
    """The citizen has been told of this closure's answer, or cannot be: the ticket closes. Once."""
    if ticket.state == TicketState.IN_FOLLOW_UP and ticket.closures == closure:
        holds.clear(session, ticket, Hold.NOTICE, how, actor=actor, now=now)
        close(session, ticket, actor=actor, now=now, reason=how)


def close(session: Session, ticket: Ticket, *, actor: str, now: datetime, reason: str = "") -> None:
    """The end of the follow-up. Raises HeldBack while the citizen has not been told (E01)."""
    move(session, ticket, TicketState.CLOSED, actor=actor, now=now, reason=reason)
    ticket.closed_at = now
    on_time = clocks.stop(session, ticket, "closing", actor, now)
    fact = TicketClosed(ticket_id=ticket.id, closure=ticket.closures, on_time=on_time)
    record(session, fact, actor=actor, at=now)


def close_on_the_phone(session: Session, ticket: Ticket, *, reply: str, actor: str, now: datetime) -> None:
    """Answered and told at first contact, without a dispatch (在线解答). Raises InvalidInput."""
    keep_reply(ticket, reply)
    _released(session, ticket, actor, now)
    close(session, ticket, actor=actor, now=now, reason="answered_on_the_phone")


def reopen(session: Session, ticket: Ticket, *, reason: str, actor: str, now: datetime) -> None:
    """The citizen is not satisfied: the clocks start anew; the next closure gets a survey of its own."""
    if not reason.strip():
        raise InvalidInput("reason", "say why the ticket is opened again")
    move(session, ticket, TicketState.REOPENED, actor=actor, now=now, reason=reason)
    holds.clear(session, ticket, Hold.NOTICE, "reopened", actor=actor, now=now)
    ticket.released_at = ticket.closed_at = None
    notes.keep(session, ticket, "reopen", reason.strip(), actor=actor, now=now)
    fact = TicketReopened(ticket_id=ticket.id, closure=ticket.closures, reason=reason)
    record(session, fact, actor=actor, at=now)
    ticket.merged_into_id = None  # from here on it stands for itself


def keep_reply(ticket: Ticket, public_reply: str) -> None:
    """What the citizen will read. Raises InvalidInput (I03)."""
    if not public_reply.strip():
        raise InvalidInput("public_reply", "a ticket closes with an answer the citizen can read")
    ticket.public_reply = public_reply.strip()


def _released(session: Session, ticket: Ticket, actor: str, now: datetime) -> None:
    ticket.released_at = now
    ticket.closures += 1
    clocks.stop(session, ticket, "reply", actor, now)
    on_time = clocks.stop(session, ticket, "closing", actor, now)
    fact = AnswerReleased(ticket_id=ticket.id, closure=ticket.closures, on_time=on_time)
    record(session, fact, actor=actor, at=now)


def _check(session: Session, new: NewTicket) -> None:
    check_text("text", new.text, MAX_TEXT)
    check_text("place", new.place, MAX_PLACE)
    if not new.text.strip():
        raise InvalidInput("text", "say what the matter is")
    if new.channel not in CHANNELS:
        raise InvalidInput("channel", f"one of {', '.join(CHANNELS)}")
    if new.kind not in KINDS:
        raise InvalidInput("kind", "a ticket needs a kind (A03)")
    if new.contact_wish not in CONTACT_WISHES:
        raise InvalidInput("contact_wish", f"one of {', '.join(CONTACT_WISHES)}")
    if new.area_id is not None and session.get(Area, new.area_id) is None:
        raise InvalidInput("area_id", "no such place: choose one from the list")


def check_text(field: str, text: str, most: int) -> None:
    """Raises InvalidInput."""
    if len(text.strip()) > most:
        raise InvalidInput(field, f"at most {most} characters")
    if "\0" in text:
        raise InvalidInput(field, "contains a character that cannot be kept")


def _opened(ticket: Ticket, item: Item) -> TicketOpened:
    return TicketOpened(
        ticket_id=ticket.id,
        call_id=ticket.call_id,
        number=ticket.number,
        hotline=ticket.hotline,
        ticket_kind=ticket.kind,
        item_code=item.code,
        category_code=item.category.code,
        tier=ticket.tier,
        channel=ticket.channel,
        area_id=ticket.area_id,
    )
