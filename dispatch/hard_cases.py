"""Matters a leader takes on (包案, F04), and those that cannot be solved now: the long-term list (挂账)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.work_order import SYSTEM, said
from hotline.config import settings
from hotline.errors import InvalidInput, TransitionRefused
from hotline.event_log import Event, record
from hotline.events import LongTermListed, LongTermReviewDue, SponsorNamed
from hotline.tickets import holds
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.states import ENDED, Hold, TicketState

LONG_TERM_REASONS = ("funds", "planning", "law", "third_party", "technology", "history")
LONGEST = timedelta(days=366)


def name_sponsor(session: Session, ticket: Ticket, leader: str, *, actor: str, now: datetime) -> None:
    """A leader answers for it by name: no answer goes out without the sign-off. The ticket is locked.

    Raises InvalidInput, TransitionRefused.
    """
    if ticket.state in ENDED:
        raise TransitionRefused("ticket", ticket.state, "sponsored")
    ticket.sponsor = said("sponsor", leader, "name the leader", 60)
    record(session, SponsorNamed(ticket_id=ticket.id), actor=actor, at=now)
    holds.place(session, ticket, Hold.SPONSOR, actor=actor, now=now)


def sign_off(session: Session, ticket: Ticket, *, actor: str, now: datetime) -> None:
    """The answer may go out. Raises TransitionRefused where nothing waits for it."""
    if not awaits_sign_off(session, ticket):
        raise TransitionRefused("ticket", ticket.state, "signed off")
    holds.clear(session, ticket, Hold.SPONSOR, "signed", actor=actor, now=now)


def awaits_sign_off(session: Session, ticket: Ticket) -> bool:
    return any(row.hold == Hold.SPONSOR for row in holds.standing(session, ticket))


def put_on_list(
    session: Session, ticket: Ticket, *, code: str, note: str, review_on: date, actor: str, now: datetime
) -> None:
    """With the reason and the day it is looked at again; one on the list gets another day.

    The ticket is locked. Raises InvalidInput, TransitionRefused.
    """
    if code not in LONG_TERM_REASONS:
        raise InvalidInput("code", f"one of {', '.join(LONG_TERM_REASONS)}")
    today = _day(now)
    if not today < review_on <= today + LONGEST:
        raise InvalidInput("review_on", "a day after today, within a year")
    ticket.long_term_note = said("note", note, "say what it waits for", 300)
    ticket.long_term_code, ticket.review_on = code, review_on
    if ticket.state != TicketState.LONG_TERM:
        tickets.move(session, ticket, TicketState.LONG_TERM, actor=actor, now=now, reason=code)
    fact = LongTermListed(ticket_id=ticket.id, code=code, review_on=review_on.isoformat())
    record(session, fact, actor=actor, at=now)


def take_off_list(session: Session, ticket: Ticket, *, actor: str, now: datetime) -> None:
    """It can be solved now: the organisation goes on, and the clocks. Raises TransitionRefused."""
    if ticket.state != TicketState.LONG_TERM:
        raise TransitionRefused("ticket", ticket.state, TicketState.IN_HAND)
    tickets.move(session, ticket, TicketState.IN_HAND, actor=actor, now=now, reason="off_the_list")
    ticket.long_term_code = ticket.long_term_note = ticket.review_on = None


def to_review(session: Session, now: datetime) -> Sequence[int]:
    """On the list, and their day has come."""
    due = select(Ticket.id).where(Ticket.state == TicketState.LONG_TERM, Ticket.review_on <= _day(now))
    return session.scalars(due.order_by(Ticket.review_on)).all()


def bring_up(session: Session, ticket_id: int, now: datetime) -> bool:
    """To the desk's attention, once for each date."""
    ticket = tickets.get(session, ticket_id, lock=True)
    if ticket.state != TicketState.LONG_TERM or ticket.review_on is None or ticket.review_on > _day(now):
        return False
    day = ticket.review_on.isoformat()
    told = select(Event.id).where(
        Event.ticket_id == ticket.id,
        Event.kind == LongTermReviewDue.kind,
        Event.data["review_on"].as_string() == day,
    )
    if session.scalar(told.limit(1)):
        return False
    record(session, LongTermReviewDue(ticket_id=ticket.id, review_on=day), actor=SYSTEM, at=now)
    return True


def _day(now: datetime) -> date:
    return now.astimezone(settings().site.zone).date()
