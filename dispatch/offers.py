"""Offering a job to firms, one after the other: offered, declined, run out, passed on to the next firm (E08).
Whose turn it is stands in `rotation`."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, BigInteger, any_, func, literal, or_, select
from sqlalchemy.orm import Session

from dispatch import queries, rotation, work_order
from dispatch.models import PostponedOffer, WorkOrder
from dispatch.queries import EligibleFirm
from dispatch.routing import Principle
from dispatch.states import HELD, WorkOrderState
from dispatch.work_order import MAX_TEXT, SYSTEM, Round
from hotline.config import settings
from hotline.errors import ConsentMissing, HotlineError
from hotline.event_log import record
from hotline.events import NoFirmFound, OfferPostponed, WorkOrderOffered
from hotline.organisations.models import Organisation
from hotline.organisations.opening import open_from
from hotline.organisations.standing import Standing, may_work, standing_of
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.states import ON_THE_DESK, TicketState


class OfferLost(HotlineError):
    """The firm can no longer take this offer; the door calls `pass_on` so that the next firm is asked."""

    code = "offer_lost"


class OfferExpired(OfferLost):
    code = "offer_expired"


class FirmNotAllowed(OfferLost):
    """Something bars the firm now: licence, suspension, yearly review (E08)."""

    code = "firm_not_allowed"


def offer_to_next(session: Session, this: Round, role_name: str) -> WorkOrder | None:
    """Ask the firm whose turn it is among those open now. None: the ticket waits on the desk, until the first
    of them opens, or for a dispatcher when nobody is left.

    Raises ConsentMissing.
    """
    _require_consent(this.ticket)
    _take_turns(session, role_name)
    asked = _asked(session, this)
    left = [f for f in queries.eligible(session, this.ticket, role_name, this.now) if f.id not in asked]
    opening = _opening(left, this.now)
    firms = [firm for firm in left if opening[firm.id] == this.now]
    chosen = rotation.next_firm(_candidates(session, firms, this.now), asked)
    if chosen is not None:
        return _offer(session, this, session.get_one(Organisation, chosen), Principle.ROTATION)
    if left:
        _postpone(session, this, role_name, min(opening.values()))
    else:
        _give_back(session, this)
    return None


def offer_to_chosen(session: Session, this: Round, firm: Organisation) -> WorkOrder:
    """A dispatcher picked this firm, open or not. Raises FirmNotAllowed, ConsentMissing."""
    _require_good_standing(session, firm.id, this.now)
    return _offer(session, this, firm, Principle.DISPATCHER)


def check_still_open(session: Session, order: WorkOrder, now: datetime) -> None:
    """Before its firm accepts. Raises FirmNotAllowed, OfferExpired."""
    _look_again(session, order.organisation)
    _require_good_standing(session, order.organisation_id, now)
    if order.expires_at and order.expires_at <= now:
        raise OfferExpired("the time to accept is over: the offer goes to the next firm")


def decline(
    session: Session, order_id: int, *, actor: str, now: datetime, reason: str = ""
) -> WorkOrder | None:
    """A firm says no; the next one is asked. Returns the next offer."""
    order = work_order.locked(session, order_id)
    work_order.check_move(order, WorkOrderState.DECLINED)
    order.return_reason = reason.strip()[:MAX_TEXT] or None
    work_order.end(session, order, WorkOrderState.DECLINED, "declined", actor=actor, now=now)
    return _offer_after(session, order, now)


def price_refused(session: Session, order_id: int, now: datetime) -> None:
    """The citizen wants another firm than the one that told its price. Idempotent."""
    order = work_order.locked(session, order_id)
    if order.state != WorkOrderState.ACCEPTED or order.contacted_at:
        return
    work_order.end(session, order, WorkOrderState.WITHDRAWN, "price_refused", actor=SYSTEM, now=now)
    back, why = TicketState.IN_REVIEW, "price_refused"
    tickets.move(session, order.ticket, back, actor=SYSTEM, now=now, reason=why)
    _offer_after(session, order, now)


def pass_on(session: Session, order_id: int, now: datetime) -> bool:
    """If the offer has run out, or its firm may no longer work, ask the next firm. Idempotent."""
    order = work_order.locked(session, order_id)
    if order.state != WorkOrderState.OFFERED:
        return False
    _look_again(session, order.organisation)
    if standing_of(session, order.organisation_id, now) != Standing.GOOD:
        work_order.end(session, order, WorkOrderState.WITHDRAWN, "suspended", actor=SYSTEM, now=now)
    elif order.expires_at and order.expires_at <= now:
        work_order.end(session, order, WorkOrderState.TIMED_OUT, "timed_out", actor=SYSTEM, now=now)
    else:
        return False
    _offer_after(session, order, now)
    return True


def to_pass_on(session: Session, now: datetime) -> Sequence[int]:
    """Ids of offers that ran out or whose firm may no longer work."""
    wanted = (
        select(WorkOrder.id)
        .join(WorkOrder.organisation)
        .where(
            WorkOrder.state == WorkOrderState.OFFERED,
            or_(WorkOrder.expires_at <= now, ~may_work(now)),
        )
    )
    return session.scalars(wanted.order_by(WorkOrder.expires_at)).all()


def resume(session: Session, ticket_id: int, now: datetime) -> bool:
    """The first firm opens: the round goes on, where the ticket still waits for that. Idempotent."""
    ticket = tickets.get(session, ticket_id, lock=True)
    waits = session.get(PostponedOffer, ticket_id, populate_existing=True)
    if waits is None or waits.until > now:
        return False
    session.delete(waits)
    session.flush()
    if ticket.state not in ON_THE_DESK or consent_problem(ticket):
        return False
    offer_to_next(session, Round(ticket, waits.round, SYSTEM, now), waits.role_name)
    return True


def postponed(session: Session, ticket_id: int) -> PostponedOffer | None:
    """What the ticket waits for while all firms are closed."""
    return session.get(PostponedOffer, ticket_id)


def to_resume(session: Session, now: datetime) -> Sequence[int]:
    """Tickets whose first firm has opened."""
    due = select(PostponedOffer.ticket_id).where(PostponedOffer.until <= now)
    return session.scalars(due.order_by(PostponedOffer.until)).all()


def open_at(session: Session, firm_id: int) -> Sequence[int]:
    """Ids of the offers this firm has not answered."""
    wanted = select(WorkOrder.id).where(
        WorkOrder.organisation_id == firm_id, WorkOrder.state == WorkOrderState.OFFERED
    )
    return session.scalars(wanted).all()


def consent_problem(ticket: Ticket) -> str:
    """Why the ticket cannot go to a firm, which works with the citizen's contact; empty when it can."""
    if ticket.caller_id is None:
        return "an anonymous ticket cannot go to a firm: nobody could be contacted"
    if ticket.confidential:
        return "the citizen asked for confidentiality: a firm may not have the contact"
    if not ticket.share_contact:
        return "ask the citizen first whether the firm may have the contact, and record it"
    return ""


def _require_consent(ticket: Ticket) -> None:
    problem = consent_problem(ticket)
    if problem:
        raise ConsentMissing(problem)


def _require_good_standing(session: Session, firm_id: int, now: datetime) -> None:
    standing = standing_of(session, firm_id, now)
    if standing != Standing.GOOD:
        raise FirmNotAllowed(f"this firm may not work now ({standing}): another has to do it")


def _look_again(session: Session, firm: Organisation) -> None:
    """A suspension under way is waited for, and a later one waits for us."""
    session.refresh(firm, with_for_update={"read": True})


def _offer(session: Session, this: Round, firm: Organisation, principle: Principle) -> WorkOrder:
    _require_consent(this.ticket)
    expires_at = this.now + timedelta(minutes=settings().dispatch.offer_minutes)
    order = work_order.add(session, this, firm, principle, expires_at)
    fact = WorkOrderOffered(**work_order.ids(order), expires_at=expires_at.isoformat())
    record(session, fact, actor=this.actor, at=this.now)
    work_order.mark_dispatched(session, this, principle)
    return order


def _offer_after(session: Session, order: WorkOrder, now: datetime) -> WorkOrder | None:
    this = Round(order.ticket, order.round, SYSTEM, now)
    item, firm = order.ticket.item, order.organisation
    return offer_to_next(session, this, item.department if item.handler == "firm" else firm.role_name)


def _postpone(session: Session, this: Round, role_name: str, until: datetime) -> None:
    """Everybody who could be asked is closed: the desk sees until when."""
    waits = PostponedOffer(ticket_id=this.ticket.id, round=this.number, role_name=role_name, until=until)
    session.merge(waits)
    fact = OfferPostponed(ticket_id=this.ticket.id, role_name=role_name, until=until.isoformat())
    record(session, fact, actor=this.actor, at=this.now)
    _back_to_the_desk(session, this, "firms_closed")


def _give_back(session: Session, this: Round) -> None:
    """Nobody is left to ask: a dispatcher must decide."""
    record(session, NoFirmFound(ticket_id=this.ticket.id), actor=this.actor, at=this.now)
    _back_to_the_desk(session, this, "no_firm_found")


def _back_to_the_desk(session: Session, this: Round, reason: str) -> None:
    if this.ticket.state == TicketState.DISPATCHED:
        back = TicketState.IN_REVIEW
        tickets.move(session, this.ticket, back, actor=this.actor, now=this.now, reason=reason)


def _opening(firms: Collection[EligibleFirm], now: datetime) -> dict[int, datetime]:
    """Firm -> now while it is open, else when it opens next. Many firms keep the same hours: each are looked
    at once."""
    local = now.astimezone(settings().site.zone)
    kept = {firm.id: (firm.hours, tuple(firm.open_days), firm.closed_on) for firm in firms}
    opens = {hours: open_from(*hours, local) for hours in set(kept.values())}
    return {firm_id: opens[hours] for firm_id, hours in kept.items()}


def _take_turns(session: Session, role_name: str) -> None:
    """One offer at a time within a trade: two tickets at once would both see the same counts."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"offers {role_name}"))))


def _candidates(session: Session, firms: Collection[EligibleFirm], now: datetime) -> list[rotation.Candidate]:
    """Firms with the offers each had within the rotation window, and the jobs each accepted today."""
    midnight = now.astimezone(settings().site.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    offered = session.execute(
        select(
            WorkOrder.organisation_id,
            func.count(),
            func.count().filter(WorkOrder.state.in_(HELD), WorkOrder.accepted_at >= midnight),
        )
        .where(
            WorkOrder.organisation_id == any_(literal([firm.id for firm in firms], ARRAY(BigInteger))),
            WorkOrder.kind == "firm",
            WorkOrder.sent_at > now - rotation.WINDOW,
        )
        .group_by(WorkOrder.organisation_id)
    )
    had = {organisation_id: (recent, today) for organisation_id, recent, today in offered}
    return [
        rotation.Candidate(firm.id, firm.capacity_per_day, firm.rating, *had.get(firm.id, (0, 0)))
        for firm in firms
    ]


def _asked(session: Session, this: Round) -> set[int]:
    """Organisations that had this ticket in this round."""
    wanted = select(WorkOrder.organisation_id).where(
        WorkOrder.ticket_id == this.ticket.id, WorkOrder.round == this.number
    )
    return set(session.scalars(wanted))
