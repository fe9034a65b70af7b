"""One survey per answer released: SMS, then an IVR call, then a person; open to every way until it expires.

Who wished to be told by telephone is rung by a person at once, who tells the result and asks.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.callbacks import service as callbacks
from hotline.callbacks.models import CallBackReason
from hotline.config import settings
from hotline.errors import NotFound
from hotline.event_log import record
from hotline.events import (
    SurveyAnswered,
    SurveyCallDue,
    SurveyExpired,
    SurveyInvited,
    SurveyReplyUnreadable,
)
from hotline.surveys import replies
from hotline.surveys.grades import UNHAPPY, Satisfaction
from hotline.surveys.models import Survey
from hotline.surveys.ringing_hours import RingingHours
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.states import TicketState

WAITING = ("invited", "calling")


def invite(session: Session, ticket: Ticket, now: datetime) -> Survey | None:
    """Ask about this closure, once. None for anonymous citizens and for those who wish no contact."""
    if ticket.caller_id is None or ticket.contact_wish == "none":
        return None
    return _of_closure(session, ticket) or _make(session, ticket, now)


def open_for_rating(session: Session, ticket: Ticket, now: datetime) -> Survey | None:
    """For whoever came with number and code, anonymous too (S01). None before an answer is released, and for
    one who was sent elsewhere."""
    turned_away = ticket.state in (TicketState.LEGAL_ROUTE, TicketState.NOT_ACCEPTED)
    if ticket.released_at is None or turned_away:
        return None
    return _of_closure(session, ticket) or _make(session, ticket, now)


def _of_closure(session: Session, ticket: Ticket) -> Survey | None:
    asked = select(Survey).where(Survey.ticket_id == ticket.id, Survey.closure == ticket.closures)
    return session.scalar(asked)


def _make(session: Session, ticket: Ticket, now: datetime) -> Survey:
    wait = timedelta(hours=settings().survey.sms_wait_hours)
    expires_at = now + timedelta(days=settings().survey.expire_days)
    reachable = ticket.caller_id is not None and ticket.contact_wish == "sms"
    survey = Survey(
        ticket_id=ticket.id,
        closure=ticket.closures,
        caller_id=ticket.caller_id,
        token=secrets.token_urlsafe(16),
        state="invited",
        invited_at=now,
        next_at=now + wait if reachable else expires_at,
        expires_at=expires_at,
    )
    session.add(survey)
    session.flush()
    fact = SurveyInvited(survey_id=survey.id, ticket_id=ticket.id, closure=survey.closure)
    record(session, fact, actor="system:surveys", at=now)
    if _by_telephone(ticket):
        _ask_a_person(session, survey, CallBackReason.RESULT, now)
    return survey


def get(session: Session, survey_id: int, *, lock: bool = False) -> Survey:
    survey = session.get(Survey, survey_id, with_for_update=lock)
    if survey is None:
        raise NotFound(f"no survey {survey_id}")
    return survey


def by_token(session: Session, token: str) -> Survey:
    survey = session.scalar(select(Survey).where(Survey.token == token))
    if survey is None:
        raise NotFound("no survey opens with this link")
    return survey


def ratings_of(session: Session, ticket_id: int) -> Sequence[Survey]:
    """What the citizen said of each answer, the newest first."""
    rated = select(Survey).where(Survey.ticket_id == ticket_id, Survey.answered_at.is_not(None))
    return session.scalars(rated.order_by(Survey.closure.desc())).all()


def open_about(session: Session, ticket_id: int) -> Survey | None:
    """The survey a person on the telephone may still ask."""
    waiting = select(Survey).where(Survey.ticket_id == ticket_id, Survey.state.in_(WAITING))
    return session.scalar(waiting.order_by(Survey.closure.desc()).limit(1))


def answer(
    session: Session, survey_id: int, *, solved: bool, satisfaction: Satisfaction, mode: str, now: datetime
) -> bool:
    """Keep the citizen's answer; the first one counts. False when it was answered or expired before."""
    survey = get(session, survey_id, lock=True)
    if survey.state not in WAITING:
        return False
    survey.solved, survey.satisfaction, survey.mode = solved, satisfaction, mode
    survey.state, survey.answered_at, survey.next_at = "answered", now, None
    fact = SurveyAnswered(
        survey_id=survey.id,
        ticket_id=survey.ticket_id,
        closure=survey.closure,
        solved=solved,
        satisfaction=satisfaction,
        mode=mode,
    )
    record(session, fact, actor=f"caller:{survey.caller_id or 'unknown'}", at=now)
    _told(session, survey, "rated", now)
    if mode != "person":
        _spare_the_person(session, survey, now)
    if not solved or satisfaction in UNHAPPY:
        _ask_a_person(session, survey, CallBackReason.DISSATISFIED, now)
    return True


def read_reply(session: Session, *, caller_id: int, text: str, now: datetime) -> bool:
    """A text from a citizen with a survey open: an answer, or unreadable. False when none is open."""
    waiting = select(Survey).where(Survey.caller_id == caller_id, Survey.state.in_(WAITING))
    survey = session.scalars(waiting.order_by(Survey.invited_at.desc()).limit(1).with_for_update()).first()
    if survey is None:
        return False
    read = replies.read(text)
    if read:
        answer(session, survey.id, solved=read.solved, satisfaction=read.satisfaction, mode="sms", now=now)
        return True
    survey.unreadable += 1
    fact = SurveyReplyUnreadable(
        survey_id=survey.id, ticket_id=survey.ticket_id, first=survey.unreadable == 1
    )
    record(session, fact, actor=f"caller:{caller_id}", at=now)
    return True


def advance_due(session: Session, now: datetime) -> int:
    """Climb the ladder where the wait is over: an IVR call, a person, the end. Returns how many moved."""
    due = select(Survey).where(Survey.state.in_(WAITING), Survey.next_at <= now).order_by(Survey.next_at)
    moved = 0
    for survey in session.scalars(due.limit(100).with_for_update(skip_locked=True)):
        _climb(session, survey, now)
        moved += 1
    return moved


def _climb(session: Session, survey: Survey, now: datetime) -> None:
    if _overtaken(survey):
        _expire(session, survey, now)
    elif now >= survey.expires_at:
        _expire(session, survey, now)
        if not _by_telephone(survey.ticket):
            _ask_a_person(session, survey, CallBackReason.SURVEY_FAILED, now)
    elif survey.ivr_attempts < settings().survey.ivr_attempts:
        _ring(session, survey, now)
    else:
        survey.next_at = survey.expires_at
        _ask_a_person(session, survey, CallBackReason.SURVEY_FAILED, now)


def _ring(session: Session, survey: Survey, now: datetime) -> None:
    asking = settings().survey
    hours = RingingHours(asking.ring_from, asking.ring_until, settings().site.zone)
    if not hours.include(now):
        survey.next_at = hours.next_start(now)
        return
    survey.ivr_attempts += 1
    survey.state = "calling"
    survey.next_at = now + timedelta(hours=asking.sms_wait_hours)
    fact = SurveyCallDue(survey_id=survey.id, ticket_id=survey.ticket_id)
    record(session, fact, actor="system:surveys", at=now)


def _by_telephone(ticket: Ticket) -> bool:
    return ticket.contact_wish == "phone"


def _overtaken(survey: Survey) -> bool:
    """The matter was opened again: nobody is rung about an answer that no longer stands."""
    told = survey.ticket.state in (TicketState.IN_FOLLOW_UP, TicketState.CLOSED)
    return not told or survey.ticket.closures != survey.closure


def _expire(session: Session, survey: Survey, now: datetime) -> None:
    survey.state, survey.next_at = "expired", None
    fact = SurveyExpired(survey_id=survey.id, ticket_id=survey.ticket_id)
    record(session, fact, actor="system:surveys", at=now)
    _told(session, survey, "not_reached", now)


def _told(session: Session, survey: Survey, how: str, now: datetime) -> None:
    """Who rates an answer has read it; who was reached by no text, machine or person cannot be told."""
    ticket = tickets.get(session, survey.ticket_id, lock=True)
    tickets.told(session, ticket, survey.closure, how, actor="system:surveys", now=now)


def _ask_a_person(session: Session, survey: Survey, reason: CallBackReason, now: datetime) -> None:
    if survey.caller_id is None or survey.ticket.contact_wish == "none":
        return
    callbacks.request(
        session,
        reason=reason,
        caller_id=survey.caller_id,
        ticket_id=survey.ticket_id,
        closure=survey.closure,
        now=now,
    )


def _spare_the_person(session: Session, survey: Survey, now: datetime) -> None:
    """Answered by another way before anybody rang."""
    callbacks.cancel(
        session,
        reason=CallBackReason.SURVEY_FAILED,
        ticket_id=survey.ticket_id,
        closure=survey.closure,
        now=now,
    )
