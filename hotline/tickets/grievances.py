"""A citizen contests the price or the quality of a paid job: the firm answers, the desk decides, a refund is
marked as paid (E09). Each step is a fact and has its time."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from hotline.callbacks import service as callbacks
from hotline.callbacks.models import CallBackReason
from hotline.config import settings
from hotline.errors import InvalidInput, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import GrievanceAnswered, GrievanceDecided, GrievanceRaised, RefundPaid
from hotline.service_hours import shipped_calendar
from hotline.tickets import quotes
from hotline.tickets.models import Grievance, Quote, Ticket
from hotline.tickets.quotes import Verdict
from hotline.tickets.sla import Limit, Unit, deadline
from hotline.tickets.states import TicketState

ABOUT = ("price", "quality")
MAX_TEXT = 2000
DONE = (TicketState.IN_FOLLOW_UP, TicketState.CLOSED)


def may_raise(session: Session, ticket: Ticket) -> bool:
    """The answer is out, the job was paid for, and it was not contested before."""
    return _contestable(session, ticket) is not None


def raise_(
    session: Session, ticket: Ticket, *, about: str, text: str, actor: str, now: datetime
) -> Grievance:
    """The citizen says what is wrong, on the page or to an agent; the ticket is locked.

    Raises InvalidInput, TransitionRefused.
    """
    quote = _contestable(session, ticket)
    if quote is None:
        raise TransitionRefused("grievance", ticket.state, "raised")
    if about not in ABOUT:
        raise InvalidInput("about", f"one of {', '.join(ABOUT)}")
    raised = Grievance(
        ticket=ticket,
        organisation_id=quote.organisation_id,
        work_order_id=quote.work_order_id,
        about=about,
        text=_said("text", text),
        raised_at=now,
        raised_by=actor,
        due_at=_due(now),
    )
    session.add(raised)
    session.flush()
    fact = GrievanceRaised(
        **_ids(raised), work_order_id=raised.work_order_id, about=about, due_at=_iso(raised)
    )
    record(session, fact, actor=actor, at=now)
    return raised


def answer(session: Session, raised: Grievance, text: str, *, actor: str, now: datetime) -> None:
    """The firm's side, also late, until the desk has decided. Raises InvalidInput, TransitionRefused."""
    _check(raised, "raised", "answered")
    raised.answer = _said("answer", text)
    raised.answered_at, raised.answered_by, raised.due_at = now, actor, _due(now)
    record(session, GrievanceAnswered(**_ids(raised), due_at=_iso(raised)), actor=actor, at=now)


def decide(
    session: Session, raised: Grievance, *, refund: Decimal, reason: str, actor: str, now: datetime
) -> None:
    """`refund` in yuan, 0 for none. A firm that is silent is not waited for after its time.

    Raises InvalidInput, TransitionRefused.
    """
    if raised.stage == "raised" and raised.due_at and raised.due_at > now:
        raise TransitionRefused("grievance", "waiting for the firm", "decided")
    if raised.stage not in ("raised", "answered"):
        raise TransitionRefused("grievance", raised.stage, "decided")
    if refund < 0:
        raise InvalidInput("refund", "a refund is not negative")
    raised.refund, raised.reason = refund, _said("reason", reason)
    raised.decided_at, raised.decided_by = now, actor
    raised.due_at = _due(now) if refund else None
    fact = GrievanceDecided(**_ids(raised), refund=f"{refund:.2f}", due_at=_iso(raised) if refund else None)
    record(session, fact, actor=actor, at=now)
    ticket = raised.ticket
    if ticket.caller_id and ticket.contact_wish == "phone":
        callbacks.request(
            session,
            reason=CallBackReason.REFUND,
            caller_id=ticket.caller_id,
            ticket_id=ticket.id,
            closure=raised.id,
            now=now,
        )


def mark_paid(session: Session, raised: Grievance, *, note: str, actor: str, now: datetime) -> None:
    """The citizen has the money; `note` says how that is known. Raises InvalidInput, TransitionRefused."""
    _check(raised, "decided", "paid")
    raised.paid_note = _said("note", note)
    raised.paid_at, raised.paid_by, raised.due_at = now, actor, None
    record(session, RefundPaid(**_ids(raised)), actor=actor, at=now)


def of_ticket(session: Session, ticket_id: int) -> Sequence[Grievance]:
    """The newest first."""
    found = select(Grievance).where(Grievance.ticket_id == ticket_id).order_by(Grievance.id.desc())
    return session.scalars(found.options(joinedload(Grievance.organisation))).all()


def of_order(session: Session, work_order_id: int) -> Grievance | None:
    return session.scalar(select(Grievance).where(Grievance.work_order_id == work_order_id))


def one(session: Session, ticket: Ticket, grievance_id: int) -> Grievance:
    """Raises NotFound for another ticket's."""
    found = session.get(Grievance, grievance_id, populate_existing=True)
    if found is None or found.ticket_id != ticket.id:
        raise NotFound(f"no grievance {grievance_id}")
    return found


def open_ones() -> Select[Grievance]:
    """What somebody still has to do something about, the most urgent first."""
    found = select(Grievance).where(Grievance.due_at.is_not(None)).order_by(Grievance.due_at, Grievance.id)
    return found.options(joinedload(Grievance.ticket), joinedload(Grievance.organisation))


def counts(session: Session, firm_id: int) -> tuple[int, int]:
    """How often a firm's work was contested, and how often it had to pay back."""
    wanted = select(func.count(), func.count().filter(Grievance.refund > 0))
    contested, refunded = session.execute(wanted.where(Grievance.organisation_id == firm_id)).one()
    return contested, refunded


def _contestable(session: Session, ticket: Ticket) -> Quote | None:
    if ticket.state not in DONE or ticket.released_at is None:
        return None
    agreed = [quote for quote in quotes.of_ticket(session, ticket.id) if quote.verdict == Verdict.AGREED]
    if not agreed or of_order(session, agreed[0].work_order_id):
        return None
    return agreed[0]


def _check(raised: Grievance, stage: str, new: str) -> None:
    if raised.stage != stage:
        raise TransitionRefused("grievance", raised.stage, new)


def _ids(raised: Grievance) -> dict[str, int]:
    return {
        "ticket_id": raised.ticket_id,
        "grievance_id": raised.id,
        "organisation_id": raised.organisation_id,
    }


def _due(now: datetime) -> datetime:
    limit = Limit(settings().dispatch.grievance_days, Unit.WORKING_DAYS)
    return deadline(now, limit, shipped_calendar(settings().site.time_zone)).due_at


def _iso(raised: Grievance) -> str:
    return raised.due_at.isoformat() if raised.due_at else ""


def _said(field: str, text: str) -> str:
    said = text.replace("\0", "").strip()
    if not said or len(said) > MAX_TEXT:
        raise InvalidInput(field, f"write between 1 and {MAX_TEXT} characters")
    return said
