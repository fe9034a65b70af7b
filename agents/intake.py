"""Registering what a citizen said: the caller, the ticket, perhaps the answer given at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from agents.models import AgentPresence, HandedIn
from hotline.attachments import service as attachments
from hotline.attachments.models import Party
from hotline.attachments.receiving import Kept
from hotline.callbacks.models import CallBack
from hotline.callers.models import Caller
from hotline.callers.service import caller_for
from hotline.calls.models import Call
from hotline.config import settings
from hotline.errors import ConsentMissing, InvalidInput, NotFound
from hotline.learning import decisions, shown
from hotline.learning.models import Source
from hotline.organisations.queries import area, one_named
from hotline.phone_numbers import normalise
from hotline.tickets import complaints
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket

# Without the ORM: nobody looks at the row again in this transaction.
_HAND_IN = insert(HandedIn)


@dataclass(frozen=True, kw_only=True)
class Matter:
    """One ticket form. `reply` is filled when the agent answered on the telephone (在线解答);
    `shown` is what was suggested (hotline/learning/shown.py); `number` is what a citizen without a call
    said; `unit` is the name of whom a complaint is about (H10)."""

    form_key: str
    hotline: str
    kind: str
    item_code: str
    text: str
    area_id: int | None = None
    place: str = ""
    call_id: int | None = None
    callback_id: int | None = None
    number: str = ""
    caller_name: str = ""
    contact_wish: str = "sms"
    confidential: bool = False
    share_contact: bool = False
    unit: str = ""
    reply: str = ""
    shown: str = ""
    files: tuple[Kept, ...] = ()


def register(session: Session, matter: Matter, *, staff_id: int, now: datetime) -> Ticket:
    """Open the ticket. Raises InvalidInput, UnknownItem, ConsentMissing, NotFound.

    IntegrityError: this form was handed in before; ask `handed_in` what became of it.
    """
    call = _call(session, matter, staff_id)
    caller = _caller(session, matter, call, now)
    if matter.area_id:
        area(session, matter.area_id)
    actor = f"staff:{staff_id}"
    ticket = tickets.open_ticket(session, _new_ticket(matter, call, caller, staff_id), actor=actor, now=now)
    _check_consent(ticket, matter)
    if matter.unit:
        complaints.name_unit(session, ticket, _unit(session, matter), actor=actor, now=now)
    attachments.attach(session, ticket, matter.files, attachments.Giver(Party.CITIZEN, actor), now=now)
    key = {"form_key": matter.form_key, "ticket_id": ticket.id, "handed_in_at": now}
    session.connection().execute(_HAND_IN, key)
    was_shown = shown.read(matter.shown)
    decisions.remember(
        session, ticket, Source.AGENT, shown=was_shown, staff_id=staff_id, actor=actor, now=now
    )
    if matter.reply:
        attachments.require_evidence(session, ticket, matter.reply)
        tickets.close_on_the_phone(session, ticket, reply=matter.reply, actor=actor, now=now)
    return ticket


def handed_in(session: Session, form_key: str) -> Ticket | None:
    """The ticket this form became, for the second of two clicks."""
    known = session.get(HandedIn, form_key)
    return known.ticket if known else None


def _call(session: Session, matter: Matter, staff_id: int) -> Call | None:
    """The call this matter came by. NotFound for a call that another agent has."""
    if matter.callback_id:
        task = session.get(CallBack, matter.callback_id)
        return session.get(Call, task.call_id) if task and task.call_id else None
    if matter.call_id is None:
        return None
    call = session.get(Call, matter.call_id)
    in_hand = select(AgentPresence.call_id).where(AgentPresence.staff_id == staff_id)
    if call is None or (call.staff_id != staff_id and session.scalar(in_hand) != call.id):
        raise NotFound(f"no call {matter.call_id} of yours")
    return call


def _caller(session: Session, matter: Matter, call: Call | None, now: datetime) -> Caller | None:
    """Who the ticket is for: the number they gave, else the number they rang from, else nobody."""
    caller = call.caller if call else None
    if matter.callback_id and caller is None:
        task = session.get(CallBack, matter.callback_id)
        caller = task.caller if task else None
    if matter.number.strip():
        caller = caller_for(session, normalise(matter.number, settings().site.region), now)
    if caller and matter.caller_name.strip():
        caller.name = matter.caller_name.strip()
    return caller


def _unit(session: Session, matter: Matter) -> int:
    """Named now, it is barred before the ticket can go out by itself. Raises InvalidInput."""
    found = one_named(session, matter.unit)
    if found is None:
        raise InvalidInput("unit", "no organisation, or more than one, has these words in its name")
    return found.id


def _check_consent(ticket: Ticket, matter: Matter) -> None:
    """A firm's job cannot be registered without the consent it needs to be dispatched (PIPL 23)."""
    if ticket.item.handler == "firm" and not matter.reply and not ticket.share_contact:
        raise ConsentMissing("a firm needs the citizen's contact and the citizen's consent")


def _new_ticket(matter: Matter, call: Call | None, caller: Caller | None, staff_id: int) -> tickets.NewTicket:
    return tickets.NewTicket(
        hotline=matter.hotline,
        channel="phone" if call or matter.callback_id else "counter",
        kind=matter.kind,
        item_code=matter.item_code,
        text=matter.text,
        area_id=matter.area_id,
        place=matter.place,
        caller_id=caller.id if caller else None,
        call_id=call.id if call else None,
        contact_wish=matter.contact_wish,
        confidential=matter.confidential,
        share_contact=matter.share_contact,
        staff_id=staff_id,
        case_number=call.case_number if call else None,
    )
