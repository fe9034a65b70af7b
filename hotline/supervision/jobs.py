"""Run by the scheduler: unanswered papers climb, cards and referrals are proposed, lights that came true
again count again. A person issues whatever is proposed."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from hotline.config import settings
from hotline.db import transaction
from hotline.service_hours import shipped_calendar
from hotline.supervision import counting, matters, papers
from hotline.supervision.card_times import shipped_card_times
from hotline.supervision.models import Mark, Matter, Paper
from hotline.supervision.rules import CARDS, PaperKind
from hotline.tickets.models import Ticket, TicketClock
from hotline.tickets.states import AT_WORK, TicketState

AT_ONCE = 200
HURRYING = sorted(AT_WORK - {TicketState.LONG_TERM})


def supervise(now: datetime) -> int:
    """Returns how much there was to do."""
    return escalate_unanswered(now) + propose_cards(now) + propose_referrals(now) + count_lights_again(now)


def escalate_unanswered(now: datetime) -> int:
    """While the unit still has the ticket; an answer that comes later is kept all the same."""
    late = select(Paper).where(
        Paper.answered_at.is_(None), Paper.escalated_at.is_(None), Paper.answer_by < now
    )
    with transaction() as session:
        found = session.scalars(late.limit(AT_ONCE).with_for_update(skip_locked=True)).all()
        for paper in found:
            papers.escalate(session, paper, now)
    return len(found)


def propose_cards(now: datetime) -> int:
    """As the profile of limits says (Z23); each once for each closing limit."""
    times = shipped_card_times(settings().tiers.profile)
    if times is None:
        return 0
    calendar = shipped_calendar(settings().site.time_zone)
    proposed = 0
    with transaction() as session:
        for clock, unit_id in session.execute(_closing_soon(now, times.horizon(calendar, now))):
            kind = times.card(clock.due_at, calendar, now)
            proposed += kind is not None and _propose_card(session, kind, clock, unit_id, now)
    return proposed


def _propose_card(session: Session, kind: PaperKind, clock: TicketClock, unit_id: int, now: datetime) -> bool:
    return matters.propose(
        session,
        kind,
        ticket_id=clock.ticket_id,
        unit_id=unit_id,
        because="due_soon" if kind is PaperKind.YELLOW else "overdue",
        ref=f"closing:{clock.round}:{int(clock.due_at.timestamp())}",
        now=now,
    )


def _closing_soon(now: datetime, until: datetime) -> Select[Any, Any]:
    """Closing clocks that run at a unit, but for those a card was proposed for."""
    due = cast(func.extract("epoch", TicketClock.due_at), BigInteger)
    subject = func.concat("ticket:", Ticket.id, ":closing:", TicketClock.round, ":", due)
    proposed = exists().where(
        Matter.organisation_id == Ticket.organisation_id,
        Matter.subject == subject,
        or_(Matter.what == PaperKind.RED, (Matter.what == PaperKind.YELLOW) & (TicketClock.due_at >= now)),
    )
    return (
        select(TicketClock, Ticket.organisation_id)
        .join(Ticket, Ticket.id == TicketClock.ticket_id)
        .where(
            TicketClock.clock == "closing",
            TicketClock.stopped_at.is_(None),
            TicketClock.paused_at.is_(None),
            TicketClock.due_at <= until,
            Ticket.state.in_(HURRYING),
            Ticket.organisation_id.is_not(None),
            ~proposed,
        )
    )


def propose_referrals(now: datetime) -> int:
    """After card and order, and still nothing (H04): so many days after the order."""
    since = now - timedelta(days=settings().supervision.referral_days)
    with transaction() as session:
        found = session.execute(_without_result(since)).all()
        return sum(
            matters.propose(
                session,
                PaperKind.REFERRAL,
                ticket_id=ticket_id,
                unit_id=unit_id,
                because="no_result",
                ref="referral",
                now=now,
            )
            for ticket_id, unit_id in found
        )


def _without_result(since: datetime) -> Select[Any, Any]:
    return (
        select(Paper.ticket_id, Paper.organisation_id)
        .join(Ticket, Ticket.id == Paper.ticket_id)
        .where(
            Ticket.organisation_id == Paper.organisation_id,
            Ticket.state.in_(HURRYING),
            Paper.kind.in_([*CARDS, PaperKind.ORDER, PaperKind.REFERRAL]),
        )
        .group_by(Paper.ticket_id, Paper.organisation_id)
        .having(func.count().filter(Paper.kind.in_(sorted(CARDS))) > 0)
        .having(func.count().filter(Paper.kind == PaperKind.REFERRAL) == 0)
        .having(func.max(Paper.issued_at).filter(Paper.kind == PaperKind.ORDER) < since)
    )


def count_lights_again(now: datetime) -> int:
    """Lights taken back whose new deadline went by as well."""
    over = func.coalesce(TicketClock.stopped_at, TicketClock.paused_at, now) > TicketClock.due_at
    again = (
        select(Mark)
        .join(
            TicketClock,
            (TicketClock.ticket_id == Mark.ticket_id)
            & (TicketClock.clock == Mark.clock)
            & (TicketClock.round == Mark.round),
        )
        .where(Mark.taken_back_at.is_not(None), over)
    )
    with transaction() as session:
        found = session.scalars(again.limit(AT_ONCE)).all()
        for mark in found:
            _settle(session, mark, now)
    return len(found)


def _settle(session: Session, mark: Mark, now: datetime) -> None:
    counting.settle_light(
        session, mark.ticket_id, mark.clock or "", mark.round or 0, because="late_again", now=now
    )
