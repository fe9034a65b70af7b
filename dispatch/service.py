"""What people and machines do with a work order: send, accept, return, answer, release, take back. Offers to
firms are in `offers`, the moves themselves in `work_order`."""

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch import offers, queries, territory, work_order
from dispatch.models import WorkOrder
from dispatch.routing import Action, Principle
from dispatch.states import LIVE, Part, WorkOrderState
from dispatch.territory import TerritoryUndecided
from dispatch.work_order import MAX_TEXT, said
from hotline.attachments.service import require_evidence
from hotline.callers import service as callers
from hotline.catalogue.files import UNSORTED
from hotline.errors import HotlineError, InvalidInput, NotAllowed, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import (
    WorkBegun,
    WorkOrderAccepted,
    WorkOrderAnswered,
    WorkOrderAnswerRejected,
    WorkOrderSent,
)
from hotline.learning import decisions
from hotline.learning.models import Source
from hotline.legal.queries import is_with_a_lawyer
from hotline.organisations import queries as organisations
from hotline.organisations.models import Organisation
from hotline.tickets import quotes
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.states import ON_THE_DESK, TicketState


class NoRoute(HotlineError):
    """Nobody has the item's role there, or the place is unknown: a dispatcher must choose."""

    code = "no_route"


class WithALawyer(HotlineError):
    """The question was left for the lawyers of 12348 (Z26)."""

    code = "with_a_lawyer"


class Unsorted(HotlineError):
    """The matter was filed under no item: a person has to say what it is (B02)."""

    code = "unsorted"


class NotATownsDuty(NoRoute):
    """The town has not put the item on its list of duties (Z11)."""

    code = "not_a_towns_duty"


def dispatch(
    session: Session, ticket: Ticket, *, actor: str, now: datetime, organisation_id: int | None = None
) -> WorkOrder | None:
    """Send the ticket to the department the route names, or offer it to firms in turn; `organisation_id` is
    a dispatcher's own choice. None: no firm is left, and the ticket waits for a dispatcher.

    Raises Unsorted, NoRoute, WithALawyer, TerritoryUndecided (D03), ConsentMissing (PIPL 23), FirmNotAllowed,
    TransitionRefused.
    """
    session.refresh(ticket, with_for_update=True)
    if ticket.state not in ON_THE_DESK:
        raise TransitionRefused("ticket", ticket.state, TicketState.DISPATCHED)
    if is_with_a_lawyer(session, ticket.id):
        raise WithALawyer("a lawyer answers this ticket, or hands it to the desk")
    this = work_order.Round(ticket, queries.last_round(session, ticket.id) + 1, actor, now)
    if organisation_id is not None:
        _require_item(ticket)
        return dispatch_to(session, this, organisation_id, Principle.DISPATCHER)
    plan = queries.suggestion(session, ticket, now)
    if plan.route.action is not Action.REVIEW:  # the territory may be decided before the matter (D03)
        _require_item(ticket)
    if plan.route.action is Action.OFFER:
        return offers.offer_to_next(session, this, plan.role_name)
    if plan.organisation is None and plan.route.action is Action.REVIEW:
        raise TerritoryUndecided("decide the territory first, then the body in charge (D03)")
    if plan.organisation is None:
        raise NoRoute(f"nobody answers for {plan.role_name} at this place: choose an organisation")
    return _send(session, this, plan.organisation, plan.route.principle)


def dispatch_to(
    session: Session, this: work_order.Round, organisation_id: int, principle: Principle
) -> WorkOrder:
    """To the organisation a person names. Raises NotFound, TerritoryUndecided, NotATownsDuty, FirmNotAllowed,
    ConsentMissing, and InvalidInput for a firm that was not chosen by a dispatcher."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound(f"no organisation {organisation_id}")
    territory.check(this.ticket, organisation)
    if not organisations.may_be_sent(session, this.ticket.item, organisation):
        raise NotATownsDuty(f"{organisation.name} does not have item {this.ticket.item.code} on its list")
    if organisation.kind != "firm":
        return _send(session, this, organisation, principle)
    if principle != Principle.DISPATCHER:
        raise InvalidInput("organisation_id", "this takes an office, not a firm")
    return offers.offer_to_chosen(session, this, organisation)


def accept(
    session: Session,
    order_id: int,
    *,
    responsible_person: str,
    actor: str,
    now: datetime,
    price_estimate: str = "",
    free: bool = False,
) -> WorkOrder:
    """The organisation takes the ticket and names who answers for it (D06); a firm tells its price, which the
    citizen has to agree to unless the work is `free` (E09).

    From here on it is the organisation responsible (Z42). Raises OfferExpired, FirmNotAllowed, and
    TransitionRefused for the second of two acceptances.
    """
    order = work_order.locked_lead(session, order_id)
    work_order.check_move(order, WorkOrderState.ACCEPTED)
    if order.state == WorkOrderState.ANSWERED:  # that way back is the hotline's: reject_answer
        raise TransitionRefused("work order", order.state, WorkOrderState.ACCEPTED)
    if order.kind == "firm":
        offers.check_still_open(session, order, now)
        order.price_estimate = said("price_estimate", price_estimate, "tell the price first (E09)", 100)
    order.responsible_person = said("responsible_person", responsible_person, "name who does it (D06)", 60)
    order.accepted_at = now
    work_order.move(session, order, WorkOrderState.ACCEPTED, WorkOrderAccepted, actor=actor, now=now)
    tickets.assign(order.ticket, order.organisation_id)
    tickets.move(session, order.ticket, TicketState.CLAIMED, actor=actor, now=now)
    if order.price_estimate and not free:
        price = order.price_estimate
        quotes.tell(session, order.ticket, work_order_id=order.id, price=price, actor=actor, now=now)
    return order


def begin(session: Session, order_id: int, *, contact_note: str, actor: str, now: datetime) -> WorkOrder:
    """The organisation has spoken to the citizen, or says why that was not possible, and starts (D08).

    Raises PriceNotAgreed, TransitionRefused.
    """
    order = work_order.locked_lead(session, order_id)
    if order.state != WorkOrderState.ACCEPTED or order.contacted_at:
        raise TransitionRefused("work order", order.state, "begun")
    quotes.require_agreement(session, order.id)
    order.contact_note = said("contact_note", contact_note, "say what was agreed, or why nobody was reached")
    order.contacted_at = now
    record(session, WorkBegun(**work_order.ids(order)), actor=actor, at=now)
    tickets.move(session, order.ticket, TicketState.IN_HAND, actor=actor, now=now)
    return order


def answer(
    session: Session, order_id: int, *, public_reply: str, internal_note: str, actor: str, now: datetime
) -> WorkOrder:
    """What the citizen will read, and apart from it what only the hotline reads. The hotline reviews it."""
    order = work_order.locked_lead(session, order_id)
    work_order.check_move(order, WorkOrderState.ANSWERED)
    order.public_reply = said("public_reply", public_reply, "write what the citizen will read")
    require_evidence(session, order.ticket, order.public_reply)
    order.internal_note = internal_note.strip()[:MAX_TEXT] or None
    order.ended_at = now
    work_order.move(session, order, WorkOrderState.ANSWERED, WorkOrderAnswered, actor=actor, now=now)
    tickets.answer(session, order.ticket, actor=actor, now=now)
    return order


def reject_answer(session: Session, ticket: Ticket, *, reason: str, actor: str, now: datetime) -> WorkOrder:
    """The hotline does not accept the answer: the same organisation goes on, and reads why."""
    order = work_order.locked(session, queries.last_order(session, ticket.id).id)
    if order.state != WorkOrderState.ANSWERED:
        raise TransitionRefused("work order", order.state, WorkOrderState.ACCEPTED)
    order.hotline_note = said("reason", reason, "say what the answer lacks")
    order.ended_at = None
    work_order.move(session, order, WorkOrderState.ACCEPTED, WorkOrderAnswerRejected, actor=actor, now=now)
    tickets.move(session, order.ticket, TicketState.IN_HAND, actor=actor, now=now, reason="answer_rejected")
    return order


def release(session: Session, ticket: Ticket, *, actor: str, now: datetime) -> Ticket:
    """The citizen gets the answer; the ticket closes when the citizen has been told (E01)."""
    order = work_order.locked(session, queries.last_order(session, ticket.id).id)
    if order.state != WorkOrderState.ANSWERED:
        raise TransitionRefused("ticket", order.ticket.state, TicketState.IN_FOLLOW_UP)
    tickets.release(session, order.ticket, public_reply=order.public_reply or "", actor=actor, now=now)
    return order.ticket


def withdraw(session: Session, ticket: Ticket, *, reason: str, actor: str, now: datetime) -> WorkOrder:
    """The dispatcher takes the ticket back, e.g. from a department that does not claim it (E02)."""
    order = work_order.locked(session, queries.last_order(session, ticket.id).id)
    work_order.check_move(order, WorkOrderState.WITHDRAWN)
    order.hotline_note = said("reason", reason, "say why it is taken back")
    work_order.end(session, order, WorkOrderState.WITHDRAWN, "withdrawn", actor=actor, now=now)
    tickets.move(session, order.ticket, TicketState.IN_REVIEW, actor=actor, now=now, reason="withdrawn")
    return order


def stop_work(session: Session, ticket: Ticket, *, actor: str, now: datetime) -> None:
    """The citizen has taken the ticket back: whoever was asked or works on it is told to stop."""
    for order in queries.orders_of(session, ticket.id):
        if order.part == Part.LEAD and order.state in LIVE:
            work_order.end(session, order, WorkOrderState.WITHDRAWN, "by_the_citizen", actor=actor, now=now)


def reclassify(
    session: Session, ticket: Ticket, item_code: str, *, reason: str, staff_id: int, now: datetime
) -> None:
    """The dispatcher knows better what the matter is (B02); the classifier learns from it."""
    actor = f"staff:{staff_id}"
    tickets.reclassify(session, ticket, item_code, reason=reason, actor=actor, now=now)
    decisions.remember(session, ticket, Source.CORRECTION, staff_id=staff_id, actor=actor, now=now)


def reveal_contact(
    session: Session, order: WorkOrder, *, staff_id: int | None, purpose: str, now: datetime, actor: str = ""
) -> str:
    """The citizen's number for the organisation at work, on record (S02); without `staff_id` the `actor` is
    the organisation. Raises NotAllowed."""
    caller = queries.contact_for(order)
    if caller is None:
        raise NotAllowed("this organisation may not see the contact of this ticket")
    return callers.reveal(
        session,
        caller,
        staff_id=staff_id,
        purpose=purpose,
        now=now,
        ticket_id=order.ticket_id,
        actor=actor,
    )


def _require_item(ticket: Ticket) -> None:
    if ticket.item.handler == UNSORTED:
        raise Unsorted("say first which item the matter is (B02)")


def _send(
    session: Session, this: work_order.Round, organisation: Organisation, principle: Principle
) -> WorkOrder:
    order = work_order.add(session, this, organisation, principle)
    record(
        session, WorkOrderSent(**work_order.ids(order), principle=principle), actor=this.actor, at=this.now
    )
    if this.ticket.organisation_id is None:
        tickets.assign(this.ticket, organisation.id)
    work_order.mark_dispatched(session, this, principle)
    return order
