"""What people and machines do with a work order. `_move` is the only mover; every act locks the ticket first,
so two acts on one ticket wait for each other and the second sees what the first did."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch import offers, queries
from dispatch.models import WorkOrder
from dispatch.routing import Action, Principle
from dispatch.states import MOVES, WorkOrderState
from hotline.callers import service as callers
from hotline.config import settings
from hotline.errors import ConsentMissing, HotlineError, InvalidInput, NotAllowed, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import (
    Fact,
    NoFirmFound,
    WorkOrderAccepted,
    WorkOrderAnswered,
    WorkOrderAnswerRejected,
    WorkOrderDeclined,
    WorkOrderOffered,
    WorkOrderReturned,
    WorkOrderSent,
)
from hotline.organisations.models import Organisation
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.states import MOVES as TICKET_MOVES
from hotline.tickets.states import TicketState

SYSTEM = "system:dispatch"
MAX_TEXT = 2000


class NoRoute(HotlineError):
    """Nobody has the item's role there, or the place is unknown: a dispatcher must choose."""

    code = "no_route"


class OfferLost(HotlineError):
    """The firm can no longer take this offer; the door calls `pass_on` so that the next firm is asked."""

    code = "offer_lost"


class OfferExpired(OfferLost):
    code = "offer_expired"


class FirmNotAllowed(OfferLost):
    """Suspended or without a licence, now (E08)."""

    code = "firm_not_allowed"


def dispatch(
    session: Session, ticket: Ticket, *, actor: str, now: datetime, organisation_id: int | None = None
) -> WorkOrder | None:
    """Send the ticket to the department the route names, or offer it to firms in turn; `organisation_id` is
    a dispatcher's own choice. None: no firm is left, and the ticket waits for a dispatcher.

    Raises NoRoute, ConsentMissing (PIPL 23), FirmNotAllowed, TransitionRefused.
    """
    session.refresh(ticket, with_for_update=True)
    if TicketState.DISPATCHED not in TICKET_MOVES[TicketState(ticket.state)]:
        raise TransitionRefused("ticket", ticket.state, TicketState.DISPATCHED)
    this = _Round(ticket, queries.last_round(session, ticket.id) + 1, actor, now)
    if organisation_id is not None:
        return _dispatch_to(session, this, organisation_id)
    plan = queries.suggestion(session, ticket)
    if plan.route.action is Action.OFFER:
        return _offer_next(session, this, plan.role_name)
    if plan.organisation is None:
        raise NoRoute(f"nobody answers for {plan.role_name} at this place: choose an organisation")
    return _send(session, this, plan.organisation, plan.route.principle)


def accept(
    session: Session,
    order_id: int,
    *,
    responsible_person: str,
    actor: str,
    now: datetime,
    price_estimate: str = "",
) -> WorkOrder:
    """The organisation takes the ticket and names who answers for it (D06); a firm tells its price (E09).

    From here on it is the organisation responsible (Z42). Raises OfferExpired, FirmNotAllowed, and
    TransitionRefused for the second of two acceptances.
    """
    order = _locked(session, order_id)
    _check_move(order, WorkOrderState.ACCEPTED)
    if order.state == WorkOrderState.ANSWERED:  # that way back is the hotline's: reject_answer
        raise TransitionRefused("work order", order.state, WorkOrderState.ACCEPTED)
    if order.kind == "firm":
        _check_offer(session, order, now)
        order.price_estimate = _said("price_estimate", price_estimate, "tell the price first (E09)", 100)
    order.responsible_person = _said("responsible_person", responsible_person, "name who does it (D06)", 60)
    order.accepted_at = now
    _move(session, order, WorkOrderState.ACCEPTED, WorkOrderAccepted(**_ids(order)), actor=actor, now=now)
    tickets.assign(order.ticket, order.organisation_id)
    tickets.move(session, order.ticket, TicketState.IN_HAND, actor=actor, now=now)
    return order


def decline(
    session: Session, order_id: int, *, actor: str, now: datetime, reason: str = ""
) -> WorkOrder | None:
    """A firm says no; the next one is asked. Returns the next offer."""
    order = _locked(session, order_id)
    _check_move(order, WorkOrderState.DECLINED)
    order.return_reason = reason.strip()[:MAX_TEXT] or None
    _end(session, order, WorkOrderState.DECLINED, "declined", actor=actor, now=now)
    return _offer_after(session, order, now)


def pass_on(session: Session, order_id: int, now: datetime) -> bool:
    """If the offer has run out, or its firm may no longer work, ask the next firm. Idempotent."""
    order = _locked(session, order_id)
    if order.state != WorkOrderState.OFFERED:
        return False
    _look_again(session, order.organisation)
    if not queries.may_work(order.organisation):
        _end(session, order, WorkOrderState.WITHDRAWN, "suspended", actor=SYSTEM, now=now)
    elif order.expires_at and order.expires_at <= now:
        _end(session, order, WorkOrderState.TIMED_OUT, "timed_out", actor=SYSTEM, now=now)
    else:
        return False
    _offer_after(session, order, now)
    return True


def return_to_hotline(
    session: Session, order_id: int, *, reason: str, actor: str, now: datetime
) -> WorkOrder:
    """Not ours, with the reason (D07). The organisation stays responsible until another accepts (Z42)."""
    order = _locked(session, order_id)
    _check_move(order, WorkOrderState.RETURNED)
    order.return_reason = _said("reason", reason, "say why it is returned and who should have it (D07)")
    order.ended_at = now
    _move(session, order, WorkOrderState.RETURNED, WorkOrderReturned(**_ids(order)), actor=actor, now=now)
    tickets.move(session, order.ticket, TicketState.REGISTERED, actor=actor, now=now, reason="returned")
    return order


def answer(
    session: Session, order_id: int, *, public_reply: str, internal_note: str, actor: str, now: datetime
) -> WorkOrder:
    """What the citizen will read, and apart from it what only the hotline reads. The hotline reviews it."""
    order = _locked(session, order_id)
    _check_move(order, WorkOrderState.ANSWERED)
    order.public_reply = _said("public_reply", public_reply, "write what the citizen will read")
    order.internal_note = internal_note.strip()[:MAX_TEXT] or None
    order.ended_at = now
    _move(session, order, WorkOrderState.ANSWERED, WorkOrderAnswered(**_ids(order)), actor=actor, now=now)
    tickets.answer(session, order.ticket, actor=actor, now=now)
    return order


def reject_answer(session: Session, ticket: Ticket, *, reason: str, actor: str, now: datetime) -> WorkOrder:
    """The hotline does not accept the answer: the same organisation goes on, and reads why."""
    order = _locked(session, queries.last_order(session, ticket.id).id)
    if order.state != WorkOrderState.ANSWERED:
        raise TransitionRefused("work order", order.state, WorkOrderState.ACCEPTED)
    order.hotline_note = _said("reason", reason, "say what the answer lacks")
    order.ended_at = None
    _move(
        session, order, WorkOrderState.ACCEPTED, WorkOrderAnswerRejected(**_ids(order)), actor=actor, now=now
    )
    tickets.move(session, order.ticket, TicketState.IN_HAND, actor=actor, now=now, reason="answer_rejected")
    return order


def close(session: Session, ticket: Ticket, *, actor: str, now: datetime) -> Ticket:
    """Release the answer to the citizen: the ticket closes with it (E01)."""
    order = _locked(session, queries.last_order(session, ticket.id).id)
    if order.state != WorkOrderState.ANSWERED:
        raise TransitionRefused("ticket", order.ticket.state, TicketState.CLOSED)
    tickets.close(session, order.ticket, public_reply=order.public_reply or "", actor=actor, now=now)
    return order.ticket


def withdraw(session: Session, ticket: Ticket, *, reason: str, actor: str, now: datetime) -> WorkOrder:
    """The dispatcher takes the ticket back, e.g. from a department that does not claim it (E02)."""
    order = _locked(session, queries.last_order(session, ticket.id).id)
    _check_move(order, WorkOrderState.WITHDRAWN)
    order.hotline_note = _said("reason", reason, "say why it is taken back")
    _end(session, order, WorkOrderState.WITHDRAWN, "withdrawn", actor=actor, now=now)
    tickets.move(session, order.ticket, TicketState.REGISTERED, actor=actor, now=now, reason="withdrawn")
    return order


def reveal_contact(session: Session, order: WorkOrder, *, staff_id: int, purpose: str, now: datetime) -> str:
    """The citizen's number for the organisation at work, on record (S02). Raises NotAllowed."""
    caller = queries.contact_for(order)
    if caller is None:
        raise NotAllowed("this organisation may not see the contact of this ticket")
    return callers.reveal(
        session, caller, staff_id=staff_id, purpose=purpose, now=now, ticket_id=order.ticket_id
    )


def consent_problem(ticket: Ticket) -> str:
    """Why the ticket cannot go to a firm, which works with the citizen's contact; empty when it can."""
    if ticket.caller_id is None:
        return "an anonymous ticket cannot go to a firm: nobody could be contacted"
    if ticket.confidential:
        return "the citizen asked for confidentiality: a firm may not have the contact"
    if not ticket.share_contact:
        return "ask the citizen first whether the firm may have the contact, and record it"
    return ""


@dataclass(frozen=True)
class _Round:
    """One dispatch of one ticket: no firm is asked twice in it."""

    ticket: Ticket
    number: int
    actor: str
    now: datetime


def _dispatch_to(session: Session, this: _Round, organisation_id: int) -> WorkOrder:
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound(f"no organisation {organisation_id}")
    if organisation.kind != "firm":
        return _send(session, this, organisation, Principle.DISPATCHER)
    if not queries.may_work(organisation):
        raise FirmNotAllowed("this firm is suspended or has no licence: choose another")
    return _offer(session, this, organisation, Principle.DISPATCHER)


def _send(session: Session, this: _Round, organisation: Organisation, principle: Principle) -> WorkOrder:
    order = _add(session, this, organisation, principle, expires_at=None)
    record(session, WorkOrderSent(**_ids(order), principle=principle), actor=this.actor, at=this.now)
    if this.ticket.organisation_id is None:
        tickets.assign(this.ticket, organisation.id)
    _mark_dispatched(session, this, principle)
    return order


def _offer_after(session: Session, order: WorkOrder, now: datetime) -> WorkOrder | None:
    this = _Round(order.ticket, order.round, SYSTEM, now)
    return _offer_next(session, this, order.organisation.role_name)


def _offer_next(session: Session, this: _Round, role_name: str) -> WorkOrder | None:
    _require_consent(this.ticket)
    _take_turns(session, role_name)
    firms = {firm.id: firm for firm in queries.eligible(session, this.ticket, role_name)}
    asked = queries.asked(session, this.ticket.id, this.number)
    chosen = offers.next_firm(queries.candidates(session, firms.values(), this.now), asked)
    if chosen is None:
        _give_back(session, this)
        return None
    return _offer(session, this, firms[chosen], Principle.ROTATION)


def _offer(session: Session, this: _Round, firm: Organisation, principle: Principle) -> WorkOrder:
    _require_consent(this.ticket)
    expires_at = this.now + timedelta(minutes=settings().dispatch.offer_minutes)
    order = _add(session, this, firm, principle, expires_at)
    fact = WorkOrderOffered(**_ids(order), expires_at=expires_at.isoformat())
    record(session, fact, actor=this.actor, at=this.now)
    _mark_dispatched(session, this, principle)
    return order


def _add(
    session: Session,
    this: _Round,
    organisation: Organisation,
    principle: Principle,
    expires_at: datetime | None,
) -> WorkOrder:
    order = WorkOrder(
        ticket=this.ticket,
        organisation=organisation,
        kind="firm" if organisation.kind == "firm" else "department",
        round=this.number,
        state=WorkOrderState.OFFERED if expires_at else WorkOrderState.SENT,
        principle=principle,
        sent_at=this.now,
        expires_at=expires_at,
    )
    session.add(order)
    session.flush()
    return order


def _mark_dispatched(session: Session, this: _Round, principle: Principle) -> None:
    """The first organisation of a round moves the ticket; later firms find it dispatched."""
    if this.ticket.state != TicketState.DISPATCHED:
        tickets.move(
            session, this.ticket, TicketState.DISPATCHED, actor=this.actor, now=this.now, reason=principle
        )


def _give_back(session: Session, this: _Round) -> None:
    """Nobody is left to ask: a dispatcher must decide."""
    record(session, NoFirmFound(ticket_id=this.ticket.id), actor=this.actor, at=this.now)
    if this.ticket.state == TicketState.DISPATCHED:
        back = TicketState.REGISTERED
        tickets.move(session, this.ticket, back, actor=this.actor, now=this.now, reason="no_firm_found")


def _take_turns(session: Session, role_name: str) -> None:
    """One offer at a time within a trade: two tickets at once would both see the same counts."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"offers {role_name}"))))


def _require_consent(ticket: Ticket) -> None:
    problem = consent_problem(ticket)
    if problem:
        raise ConsentMissing(problem)


def _check_offer(session: Session, order: WorkOrder, now: datetime) -> None:
    _look_again(session, order.organisation)
    if not queries.may_work(order.organisation):
        raise FirmNotAllowed("the firm is suspended or has no licence: the offer goes to the next one")
    if order.expires_at and order.expires_at <= now:
        raise OfferExpired("the time to accept is over: the offer goes to the next firm")


def _look_again(session: Session, firm: Organisation) -> None:
    """A suspension under way is waited for, and a later one waits for us."""
    session.refresh(firm, with_for_update={"read": True})


def _locked(session: Session, order_id: int) -> WorkOrder:
    """The order as it is now, with its ticket locked until the transaction ends."""
    order = session.get(WorkOrder, order_id)
    if order is None:
        raise NotFound(f"no work order {order_id}")
    session.refresh(order.ticket, with_for_update=True)
    session.refresh(order)
    return order


def _check_move(order: WorkOrder, new: WorkOrderState) -> None:
    if new not in MOVES[WorkOrderState(order.state)]:
        raise TransitionRefused("work order", order.state, new)


def _move(
    session: Session, order: WorkOrder, new: WorkOrderState, fact: Fact, *, actor: str, now: datetime
) -> None:
    """The only way a work order changes state. Flushed at once: the next offer may only be added after it."""
    _check_move(order, new)
    order.state = new
    record(session, fact, actor=actor, at=now)
    session.flush()


def _end(
    session: Session, order: WorkOrder, new: WorkOrderState, reason: str, *, actor: str, now: datetime
) -> None:
    order.ended_at = now
    fact = WorkOrderDeclined(**_ids(order), reason=reason)
    _move(session, order, new, fact, actor=actor, now=now)


def _ids(order: WorkOrder) -> dict[str, int]:
    return {"ticket_id": order.ticket_id, "work_order_id": order.id, "organisation_id": order.organisation_id}


def _said(field: str, text: str, otherwise: str, longest: int = MAX_TEXT) -> str:
    said = text.strip()
    if not said:
        raise InvalidInput(field, otherwise)
    if len(said) > longest:
        raise InvalidInput(field, f"at most {longest} characters")
    return said
