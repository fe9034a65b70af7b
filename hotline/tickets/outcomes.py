"""How a ticket ends other than by an answer of its own: turned away with a reason the citizen reads (Z04,
Z06), taken back by the citizen, merged into another. And how it comes back to the desk."""

from datetime import datetime

from sqlalchemy.orm import Session

from hotline.callbacks import service as callbacks
from hotline.callbacks.models import CallBackReason
from hotline.event_log import record
from hotline.events import TicketMerged, TicketReconsidered, TicketTurnedAway, TicketWithdrawn
from hotline.tickets import notes
from hotline.tickets.models import Ticket
from hotline.tickets.service import keep_reply, move
from hotline.tickets.states import TicketState


def turn_away(
    session: Session,
    ticket: Ticket,
    outcome: TicketState,
    *,
    reason: str,
    public_reply: str,
    actor: str,
    now: datetime,
) -> None:
    """Not handled here, and the citizen is told why and where else: by text, or by a person for those who
    wish so; nobody is asked to rate it. `reason` is a code. Raises InvalidInput, TransitionRefused."""
    keep_reply(ticket, public_reply)
    move(session, ticket, outcome, actor=actor, now=now, reason=reason)
    ticket.released_at = ticket.closed_at = now
    ticket.closures += 1
    fact = TicketTurnedAway(ticket_id=ticket.id, outcome=outcome, reason=reason, closure=ticket.closures)
    record(session, fact, actor=actor, at=now)
    if ticket.caller_id and ticket.contact_wish == "phone":
        callbacks.request(
            session,
            reason=CallBackReason.RESULT,
            caller_id=ticket.caller_id,
            ticket_id=ticket.id,
            closure=ticket.closures,
            now=now,
        )


def withdraw(session: Session, ticket: Ticket, *, reason: str, actor: str, now: datetime) -> None:
    """The citizen takes it back; whoever works on it is told by the fact. Raises InvalidInput,
    TransitionRefused."""
    notes.write(session, ticket, "withdraw", reason, actor=actor, now=now)
    move(session, ticket, TicketState.WITHDRAWN, actor=actor, now=now, reason="by_the_citizen")
    ticket.closed_at = now
    record(session, TicketWithdrawn(ticket_id=ticket.id), actor=actor, at=now)


def merge(session: Session, ticket: Ticket, lead: Ticket, *, actor: str, now: datetime) -> None:
    """It is answered with `lead`, which is checked by whoever calls this. Raises TransitionRefused."""
    move(session, ticket, TicketState.MERGED, actor=actor, now=now, reason="duplicate")
    ticket.merged_into_id, ticket.closed_at = lead.id, now
    record(session, TicketMerged(ticket_id=ticket.id, lead_id=lead.id), actor=actor, at=now)


def reconsider(session: Session, ticket: Ticket, *, reason: str, actor: str, now: datetime) -> None:
    """It ended otherwise than by an answer, and the desk looks at it again: its clocks start anew.

    Raises InvalidInput, TransitionRefused.
    """
    outcome = ticket.state
    notes.write(session, ticket, "reconsider", reason, actor=actor, now=now)
    move(session, ticket, TicketState.IN_REVIEW, actor=actor, now=now, reason="reconsidered")
    ticket.merged_into_id = ticket.reviewer_id = None
    ticket.released_at = ticket.closed_at = None
    record(session, TicketReconsidered(ticket_id=ticket.id, outcome=outcome), actor=actor, at=now)
