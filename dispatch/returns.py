"""Sent to the wrong organisation: returned with its reason, and from the second time on decided by the
centre, whose verdict cannot be returned (D07). Who had it stays responsible until another accepts (Z42)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import queries, review, service, work_order
from dispatch.models import Adjudication, WorkOrder
from dispatch.routing import Principle
from dispatch.states import Part, WorkOrderState
from dispatch.work_order import said
from hotline.config import settings
from hotline.errors import HotlineError, InvalidInput, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import DisputeDecided, DisputeOpened, WorkOrderReturned
from hotline.tickets import clocks
from hotline.tickets import service as tickets
from hotline.tickets.acts import Clock
from hotline.tickets.models import Ticket, TicketClock
from hotline.tickets.states import TicketState

REASONS = ("not_our_duty", "not_our_area", "not_our_level", "anothers_case", "legal_route", "wrong_facts")
GROUNDS = ("duty_list", "law", "territory", "first_taker", "agreement")
MAX_BASIS = 300


class ReturnTooLate(HotlineError):
    """The time to return it is over: whoever has it handles it."""

    code = "return_too_late"


class VerdictStands(HotlineError):
    """What the centre decided is not returned (D07)."""

    code = "verdict_stands"


def return_to_hotline(
    session: Session,
    order_id: int,
    *,
    code: str,
    reason: str,
    legal_basis: str,
    actor: str,
    now: datetime,
    suggested_id: int | None = None,
) -> WorkOrder:
    """Not ours, with the reason, its basis in law and perhaps whose it is. The first time the desk has it
    again, from the second on, or when it was passed on too often, the centre decides.

    Raises InvalidInput, ReturnTooLate, VerdictStands, TransitionRefused.
    """
    order = work_order.locked_lead(session, order_id)
    _check_may_return(session, order, now)
    if code not in REASONS:
        raise InvalidInput("code", f"one of {', '.join(REASONS)}")
    order.return_code = code
    order.return_reason = said("reason", reason, "say why it is returned and who should have it (D07)")
    order.legal_basis = said("legal_basis", legal_basis, "name the law or the list of duties", MAX_BASIS)
    order.suggested_id, order.ended_at = suggested_id, now
    order.ticket.returns += 1
    because = _disputed(session, order.ticket)
    work_order.move(
        session,
        order,
        WorkOrderState.RETURNED,
        WorkOrderReturned,
        actor=actor,
        now=now,
        code=code,
        suggested_id=suggested_id,
    )
    if because:
        bring_to_the_centre(session, order.ticket, because, actor=actor, now=now)
    else:
        tickets.move(session, order.ticket, TicketState.IN_REVIEW, actor=actor, now=now, reason="returned")
    return order


def adjudicate(
    session: Session,
    ticket: Ticket,
    *,
    organisation_id: int,
    code: str,
    grounds: str,
    actor: str,
    now: datetime,
) -> WorkOrder:
    """The centre says whose it is; the order cannot be returned. `code` is the kind of the grounds.

    Raises InvalidInput, NotFound, TransitionRefused, and what a dispatch to it raises.
    """
    dispute = _decide(session, ticket, code=code, grounds=grounds, actor=actor, now=now)
    dispute.organisation_id = organisation_id
    this = work_order.Round(ticket, queries.last_round(session, ticket.id) + 1, actor, now)
    order = service.dispatch_to(session, this, organisation_id, Principle.ADJUDICATED)
    fact = DisputeDecided(
        ticket_id=ticket.id,
        organisation_id=organisation_id,
        legal_route=None,
        code=code,
        return_upheld=organisation_id != _last_to_return(session, ticket),
    )
    record(session, fact, actor=actor, at=now)
    return order


def name_legal_route(
    session: Session, ticket: Ticket, route: str, *, explanation: str, grounds: str, actor: str, now: datetime
) -> None:
    """Nobody's: the law has a way for it, which the citizen reads (Z04). Raises InvalidInput,
    TransitionRefused."""
    dispute = _decide(session, ticket, code="law", grounds=grounds, actor=actor, now=now)
    dispute.legal_route = route
    review.name_legal_route(session, ticket, route, explanation=explanation, actor=actor, now=now)
    fact = DisputeDecided(
        ticket_id=ticket.id, organisation_id=None, legal_route=route, code="law", return_upheld=True
    )
    record(session, fact, actor=actor, at=now)


def open_dispute(session: Session, ticket_id: int) -> Adjudication | None:
    return session.scalar(
        select(Adjudication).where(Adjudication.ticket_id == ticket_id, Adjudication.decided_at.is_(None))
    )


def may_return(session: Session, order: WorkOrder, now: datetime) -> bool:
    """The page shows the form only then."""
    try:
        _check_may_return(session, order, now)
    except HotlineError:
        return False
    return True


def window(ticket: Ticket) -> TicketClock | None:
    """How long it may be returned after its last dispatch."""
    windows = [clock for clock in ticket.clocks if clock.clock == Clock.RETURN_WINDOW]
    return max(windows, key=lambda clock: clock.round, default=None)


def passed_on_too_often(session: Session, ticket: Ticket) -> bool:
    """Sent out and handed down more often than the site lets it be (D04)."""
    return queries.hops(session, ticket.id) > settings().dispatch.hop_limit


def _check_may_return(session: Session, order: WorkOrder, now: datetime) -> None:
    work_order.check_move(order, WorkOrderState.RETURNED)
    if order.part == Part.ASSIST:  # a part is the lead's to waive
        raise TransitionRefused("assisting part", order.state, WorkOrderState.RETURNED)
    if order.principle == Principle.ADJUDICATED:
        raise VerdictStands("the centre has decided that this is yours: it cannot be returned")
    if not clocks.runs(session, order.ticket, Clock.RETURN_WINDOW, now):
        raise ReturnTooLate("the time to return it is over: handle it, or ask the desk to take it back")


def _disputed(session: Session, ticket: Ticket) -> str:
    """Why the desk alone no longer decides; empty when it does."""
    if ticket.returns > 1:
        return "returned_again"
    return "passed_on" if passed_on_too_often(session, ticket) else ""


def bring_to_the_centre(session: Session, ticket: Ticket, because: str, *, actor: str, now: datetime) -> None:
    """Nobody works on it until the centre has said whose it is (D07)."""
    session.add(Adjudication(ticket_id=ticket.id, opened_because=because, opened_at=now))
    fact = DisputeOpened(ticket_id=ticket.id, because=because, returns=ticket.returns)
    record(session, fact, actor=actor, at=now)
    tickets.move(session, ticket, TicketState.ADJUDICATION, actor=actor, now=now, reason=because)


def _decide(
    session: Session, ticket: Ticket, *, code: str, grounds: str, actor: str, now: datetime
) -> Adjudication:
    """The open dispute, locked with its ticket, decided but for whose it is."""
    session.refresh(ticket, with_for_update=True)
    dispute = open_dispute(session, ticket.id)
    if dispute is None or ticket.state != TicketState.ADJUDICATION:
        raise TransitionRefused("ticket", ticket.state, "adjudicated")
    if code not in GROUNDS:
        raise InvalidInput("code", f"one of {', '.join(GROUNDS)}")
    dispute.code, dispute.grounds = code, said("grounds", grounds, "say on what grounds you decide")
    dispute.decided_by, dispute.decided_at = actor, now
    return dispute


def _last_to_return(session: Session, ticket: Ticket) -> int:
    returned = select(WorkOrder.organisation_id).where(
        WorkOrder.ticket_id == ticket.id, WorkOrder.return_code.is_not(None)
    )
    found = session.scalar(returned.order_by(WorkOrder.id.desc()).limit(1))
    if found is None:
        raise NotFound("nobody returned this ticket")
    return found
