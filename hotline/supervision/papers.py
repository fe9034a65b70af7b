"""Cards, the ladder and referrals: issued by a person with the power, answered by the unit, escalated when
it does not (H03, H04)."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import scope
from hotline.config import settings
from hotline.errors import HotlineError, InvalidInput, NotAllowed, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import PaperAnswered, PaperIssued, PaperUnanswered, ReferralSigned
from hotline.permissions import allows
from hotline.staff.models import Staff
from hotline.supervision import matters
from hotline.supervision.matters import SYSTEM
from hotline.supervision.models import Paper
from hotline.supervision.rules import CARDS, PAPERS, SHOWN, PaperKind, escalated, missing
from hotline.tickets.models import Ticket

MAX_TEXT = 1000
A_NUMBER = re.compile(r"\d[\d\s-]{5,}\d")  # seven digits or more: a telephone, an identity card


class StepMissing(HotlineError):
    """A step of the ladder that has to go before was not taken; `kinds` are those missing."""

    code = "step_missing"

    def __init__(self, kinds: frozenset[PaperKind]) -> None:
        super().__init__(f"first issue: {', '.join(sorted(kinds))}")
        self.kinds = kinds


def issue(
    session: Session,
    kind: PaperKind,
    ticket: Ticket,
    *,
    reason: str,
    answer_by: datetime | None,
    staff: Staff,
    now: datetime,
    unit_id: int | None = None,
) -> Paper:
    """Put it to the unit that answers for the ticket, or to the one it is proposed for. Raises NotAllowed
    without the power, StepMissing, TransitionRefused for what stands already, InvalidInput."""
    rule = PAPERS[kind]
    if not allows(staff.role, rule.power):
        raise NotAllowed(f"it takes the power to {rule.power}")
    session.refresh(ticket, with_for_update=True)
    unit_id = unit_id or ticket.organisation_id
    if unit_id is None:
        raise InvalidInput("unit", "no unit answers for this ticket")
    if unit_id != ticket.organisation_id and not matters.proposed(session, kind, ticket.id, unit_id):
        raise InvalidInput("unit", "it neither answers for this ticket nor is it proposed a paper")
    _check_order(session, kind, ticket.id, unit_id)
    paper = Paper(
        number=f"?{kind}-{ticket.id}-{now.timestamp():.0f}",
        kind=kind,
        ticket_id=ticket.id,
        organisation_id=unit_id,
        reason=_plain("reason", reason),
        issued_by=staff.id,
        issued_at=now,
        answer_by=_date(answer_by, now) if rule.answered else None,
    )
    session.add(paper)
    session.flush()
    paper.number = f"{now.astimezone(settings().site.zone).year}-{paper.id:05d}"
    fact = PaperIssued(
        **_ids(paper), number=paper.number, answer_by=paper.answer_by.isoformat() if paper.answer_by else ""
    )
    record(session, fact, actor=f"staff:{staff.id}", at=now)
    matters.settle_proposals(session, kind, ticket_id=ticket.id, unit_id=unit_id, note=paper.number, now=now)
    return paper


def answer(session: Session, paper_id: int, unit_id: int, *, text: str, actor: str, now: datetime) -> Paper:
    """The unit says what it did. Raises NotFound for another unit's paper, TransitionRefused for a second
    answer, InvalidInput."""
    paper = of_unit(session, paper_id, unit_id)
    session.refresh(paper, with_for_update=True)
    if paper.answered_at is not None or not PAPERS[PaperKind(paper.kind)].answered:
        raise TransitionRefused("paper", "answered", "answered")
    said = text.strip()
    if not 5 <= len(said) <= MAX_TEXT:
        raise InvalidInput("answer", f"5 to {MAX_TEXT} characters")
    paper.answer, paper.answered_by, paper.answered_at = said, actor, now
    in_time = paper.answer_by is None or now <= paper.answer_by
    record(session, PaperAnswered(**_ids(paper), in_time=in_time), actor=actor, at=now)
    return paper


def of_unit(session: Session, paper_id: int, unit_id: int) -> Paper:
    """One that its unit may see; for everybody else it does not exist (NotFound)."""
    wanted = (
        select(Paper)
        .join(Ticket, Ticket.id == Paper.ticket_id)
        .where(
            Paper.id == paper_id,
            Paper.organisation_id == unit_id,
            Paper.kind.in_(sorted(SHOWN)),
            scope.not_about(session, unit_id),
        )
    )
    paper = session.scalar(wanted)
    if paper is None:
        raise NotFound(f"no paper {paper_id}")
    return paper


def sign(session: Session, paper_id: int, *, staff: Staff, now: datetime) -> Paper:
    """The second step of a referral: a named officer signs what the first drew up (H04)."""
    paper = session.get(Paper, paper_id, with_for_update=True, populate_existing=True)
    if paper is None or paper.kind != PaperKind.REFERRAL:
        raise NotFound(f"no referral {paper_id}")
    if not allows(staff.role, PAPERS[PaperKind.REFERRAL].power) or staff.organisation_id is not None:
        raise NotAllowed("an officer of the supervising office signs")
    if paper.signed_at is not None:
        raise TransitionRefused("referral", "signed", "signed")
    paper.signed_by, paper.signed_at = staff.id, now
    fact = ReferralSigned(
        paper_id=paper.id, ticket_id=paper.ticket_id, unit_id=paper.organisation_id, staff_id=staff.id
    )
    record(session, fact, actor=f"staff:{staff.id}", at=now)
    return paper


def escalate(session: Session, paper: Paper, now: datetime) -> None:
    """Its date went by: one rung up is proposed; a person issues it."""
    paper.escalated_at = now
    upward = escalated(paper.kind, issued(session, paper.ticket_id, paper.organisation_id))
    record(session, PaperUnanswered(**_ids(paper), next=upward or ""), actor=SYSTEM, at=now)
    if upward:
        matters.propose(
            session,
            upward,
            ticket_id=paper.ticket_id,
            unit_id=paper.organisation_id,
            because="unanswered",
            ref=f"paper:{paper.id}",
            now=now,
        )


def issued(session: Session, ticket_id: int, unit_id: int) -> set[str]:
    """The kinds of paper this unit has got about this ticket."""
    asked = select(Paper.kind).where(Paper.ticket_id == ticket_id, Paper.organisation_id == unit_id)
    return set(session.scalars(asked))


def _check_order(session: Session, kind: PaperKind, ticket_id: int, unit_id: int) -> None:
    before = issued(session, ticket_id, unit_id)
    if lacking := missing(kind, before):
        raise StepMissing(lacking)
    if PAPERS[kind].once and kind in before:
        raise TransitionRefused("paper", kind, kind)
    waiting = select(Paper.id).where(
        Paper.ticket_id == ticket_id,
        Paper.organisation_id == unit_id,
        Paper.kind == kind,
        Paper.answered_at.is_(None),
        Paper.escalated_at.is_(None),
    )
    if kind in CARDS and session.scalar(waiting.limit(1)):
        raise TransitionRefused("paper", kind, kind)


def _plain(field: str, text: str) -> str:
    """A reason in words; a document carries no citizen's number."""
    said = text.strip()
    if not 5 <= len(said) <= MAX_TEXT:
        raise InvalidInput(field, f"5 to {MAX_TEXT} characters")
    if A_NUMBER.search(said):
        raise InvalidInput(field, "leave out telephone and other long numbers")
    return said


def _date(answer_by: datetime | None, now: datetime) -> datetime:
    if answer_by is None or answer_by <= now:
        raise InvalidInput("answer_by", "name a day to come")
    return answer_by


def _ids(paper: Paper) -> dict[str, Any]:
    return {
        "paper_id": paper.id,
        "ticket_id": paper.ticket_id,
        "unit_id": paper.organisation_id,
        "paper": paper.kind,
    }
