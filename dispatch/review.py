"""What the review desk does before a ticket goes out, or instead of it (预审)."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from dispatch import outcomes
from dispatch.models import Adjudication
from dispatch.service import WithALawyer
from hotline.errors import InvalidInput, TransitionRefused
from hotline.event_log import record
from hotline.events import ReviewTaken
from hotline.legal.queries import is_with_a_lawyer
from hotline.tickets import notes
from hotline.tickets import outcomes as ends
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.states import TicketState

CAN_BE_TAKEN = (TicketState.REGISTERED, TicketState.REOPENED, TicketState.IN_REVIEW)


def take(session: Session, ticket: Ticket, *, staff_id: int, now: datetime) -> None:
    """This reviewer has it from now on, also where another had it. Raises TransitionRefused, WithALawyer."""
    check_on_desk(session, ticket)
    if ticket.state not in CAN_BE_TAKEN:
        raise TransitionRefused("ticket", ticket.state, TicketState.IN_REVIEW)
    before = ticket.reviewer_id if ticket.state == TicketState.IN_REVIEW else None
    if before == staff_id:
        return
    actor = f"staff:{staff_id}"
    if ticket.state != TicketState.IN_REVIEW:
        tickets.move(session, ticket, TicketState.IN_REVIEW, actor=actor, now=now, reason="taken")
    ticket.reviewer_id = staff_id
    fact = ReviewTaken(ticket_id=ticket.id, staff_id=staff_id, from_staff_id=before)
    record(session, fact, actor=actor, at=now)


def return_to_agent(session: Session, ticket: Ticket, *, missing: str, actor: str, now: datetime) -> None:
    """Something is missing that only who spoke to the citizen can add; what, stands in the notes.

    Raises InvalidInput, TransitionRefused, WithALawyer.
    """
    check_on_desk(session, ticket)
    notes.write(session, ticket, "return_to_agent", missing, actor=actor, now=now)
    tickets.move(session, ticket, TicketState.WITH_AGENT, actor=actor, now=now, reason="incomplete")


def name_legal_route(
    session: Session, ticket: Ticket, code: str, *, explanation: str = "", actor: str, now: datetime
) -> None:
    """The law has a way for it, and the citizen reads which (Z04). Raises InvalidInput, TransitionRefused,
    WithALawyer."""
    legal_route = TicketState.LEGAL_ROUTE
    _turn_away(session, ticket, legal_route, code=code, explanation=explanation, actor=actor, now=now)


def not_accept(
    session: Session, ticket: Ticket, code: str, *, explanation: str, actor: str, now: datetime
) -> None:
    """Explained to the citizen, not processed (Z06). Raises InvalidInput, TransitionRefused, WithALawyer."""
    if not explanation.strip():
        raise InvalidInput("explanation", "explain to the citizen why")
    not_accepted = TicketState.NOT_ACCEPTED
    _turn_away(session, ticket, not_accepted, code=code, explanation=explanation, actor=actor, now=now)


def check_on_desk(session: Session, ticket: Ticket) -> None:
    """The ticket as it now is, locked. Raises WithALawyer."""
    session.refresh(ticket, with_for_update=True)
    if is_with_a_lawyer(session, ticket.id):
        raise WithALawyer("a lawyer answers this ticket, or hands it to the desk")


def _is_disputed(session: Session, ticket_id: int) -> bool:
    undecided = exists().where(Adjudication.ticket_id == ticket_id, Adjudication.decided_at.is_(None))
    return bool(session.scalar(select(undecided)))


def _turn_away(
    session: Session,
    ticket: Ticket,
    outcome: TicketState,
    *,
    code: str,
    explanation: str,
    actor: str,
    now: datetime,
) -> None:
    reason = outcomes.reason(outcome, code)
    check_on_desk(session, ticket)
    if _is_disputed(session, ticket.id):  # the adjudicator's to end: dispatch.returns
        raise TransitionRefused("ticket", ticket.state, outcome)
    ticket.confidential = ticket.confidential or reason.seals
    language = ticket.caller.language if ticket.caller else "zh"
    reply = reason.told(language, explanation)
    ends.turn_away(session, ticket, outcome, reason=code, public_reply=reply, actor=actor, now=now)
