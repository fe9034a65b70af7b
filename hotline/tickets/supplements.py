"""The citizen is asked for what is missing, with the reason on record; nothing else is asked of them (C04).
The clocks stand still meanwhile; what does not come in time is not waited for."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.callbacks import service as callbacks
from hotline.callbacks.models import CallBackReason
from hotline.config import settings
from hotline.errors import HotlineError, InvalidInput
from hotline.event_log import record
from hotline.events import SupplementAsked, SupplementEnded
from hotline.service_hours import shipped_calendar
from hotline.tickets import service as tickets
from hotline.tickets.models import Supplement, Ticket
from hotline.tickets.sla import Limit, Unit, deadline
from hotline.tickets.states import TicketState

REASONS = ("place", "time", "facts", "documents", "photos", "request")
MAX_TEXT = 2000
SYSTEM = "system:supplements"


class NobodyToAsk(HotlineError):
    """Anonymous, or wishes no contact: the organisation goes on without."""

    code = "nobody_to_ask"


def ask(
    session: Session, ticket: Ticket, *, code: str, question: str, actor: str, now: datetime
) -> Supplement:
    """The caller has locked the ticket. Raises NobodyToAsk, InvalidInput, TransitionRefused."""
    if ticket.caller_id is None or ticket.contact_wish == "none":
        raise NobodyToAsk("nobody can be asked: go on with what there is")
    if code not in REASONS:
        raise InvalidInput("code", f"one of {', '.join(REASONS)}")
    if stale := waiting(session, ticket.id):  # it went elsewhere before anything came
        _end(session, stale, "dropped", actor, now)
    tickets.move(session, ticket, TicketState.SUPPLEMENT_ASKED, actor=actor, now=now, reason=code)
    asked = Supplement(
        ticket=ticket,
        organisation_id=ticket.organisation_id,
        code=code,
        question=_said("question", question, "say what is missing"),
        asked_by=actor,
        asked_at=now,
        lapses_at=_lapses_at(now),
    )
    session.add(asked)
    session.flush()
    record(session, _asked(asked), actor=actor, at=now)
    if ticket.contact_wish == "phone":
        callbacks.request(
            session,
            reason=CallBackReason.SUPPLEMENT,
            caller_id=ticket.caller_id,
            ticket_id=ticket.id,
            closure=asked.id,
            now=now,
        )
    return asked


def give(session: Session, ticket: Ticket, *, answer: str, how: str, actor: str, now: datetime) -> Supplement:
    """What the citizen wrote, or said to an agent (`how`: web or telephone); the ticket is locked.

    Raises InvalidInput, TransitionRefused.
    """
    said = _said("answer", answer, "say what was asked for")
    tickets.move(session, ticket, TicketState.IN_HAND, actor=actor, now=now, reason="supplement")
    asked = waiting(session, ticket.id)
    if asked is None:
        raise InvalidInput("answer", "nothing is asked for")
    asked.answer = said
    _end(session, asked, how, actor, now)
    return asked


def lapse(session: Session, supplement_id: int, now: datetime) -> bool:
    """Nothing came in time: the organisation goes on without. Idempotent."""
    asked = session.get_one(Supplement, supplement_id)
    session.refresh(asked.ticket, with_for_update=True)
    session.refresh(asked)
    if asked.ended_at or asked.lapses_at > now:
        return False
    if asked.ticket.state == TicketState.SUPPLEMENT_ASKED:
        _end(session, asked, "lapsed", SYSTEM, now)
        tickets.move(session, asked.ticket, TicketState.IN_HAND, actor=SYSTEM, now=now, reason="lapsed")
    else:
        _end(session, asked, "dropped", SYSTEM, now)
    return True


def waiting(session: Session, ticket_id: int) -> Supplement | None:
    """What the citizen has not answered."""
    return session.scalar(
        select(Supplement).where(Supplement.ticket_id == ticket_id, Supplement.ended_at.is_(None))
    )


def asked_now(session: Session, ticket: Ticket) -> Supplement | None:
    """What the citizen may answer now."""
    return waiting(session, ticket.id) if ticket.state == TicketState.SUPPLEMENT_ASKED else None


def of_ticket(session: Session, ticket_id: int) -> Sequence[Supplement]:
    """The newest first."""
    found = select(Supplement).where(Supplement.ticket_id == ticket_id)
    return session.scalars(found.order_by(Supplement.id.desc())).all()


def to_lapse(session: Session, now: datetime) -> Sequence[int]:
    due = select(Supplement.id).where(Supplement.ended_at.is_(None), Supplement.lapses_at <= now)
    return session.scalars(due.order_by(Supplement.lapses_at)).all()


def _lapses_at(now: datetime) -> datetime:
    limit = Limit(settings().dispatch.supplement_days, Unit.WORKING_DAYS)
    return deadline(now, limit, shipped_calendar(settings().site.time_zone)).due_at


def _end(session: Session, asked: Supplement, how: str, actor: str, now: datetime) -> None:
    asked.ended_as, asked.ended_at = how, now
    session.flush()
    fact = SupplementEnded(ticket_id=asked.ticket_id, supplement_id=asked.id, how=how)
    record(session, fact, actor=actor, at=now)


def _asked(asked: Supplement) -> SupplementAsked:
    return SupplementAsked(
        ticket_id=asked.ticket_id,
        supplement_id=asked.id,
        organisation_id=asked.organisation_id,
        code=asked.code,
        lapses_at=asked.lapses_at.isoformat(),
    )


def _said(field: str, text: str, otherwise: str) -> str:
    said = text.replace("\0", "").strip()
    if not said:
        raise InvalidInput(field, otherwise)
    if len(said) > MAX_TEXT:
        raise InvalidInput(field, f"at most {MAX_TEXT} characters")
    return said
