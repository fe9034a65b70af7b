"""What the page of a ticket tells the review desk: who has it, what was written, what belongs together."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import alike, merging, review
from hotline.staff.models import Staff
from hotline.tickets import holds, notes
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket, TicketHold, TicketNote
from hotline.tickets.states import MOVES, TicketState


@dataclass(frozen=True)
class Review:
    """`may` are the states it may come to; `lead` answers for a merged one, `parent` was split."""

    may: frozenset[TicketState]
    may_be_taken: bool
    may_be_split: bool
    reviewer: str
    notes: list[tuple[TicketNote, str]]
    holds: list[TicketHold]
    lead: Ticket | None
    followers: list[Ticket]
    parent: Ticket | None
    children: list[Ticket]
    alike: list[alike.Alike]


def about(session: Session, ticket: Ticket, now: datetime) -> Review:
    may = MOVES[TicketState(ticket.state)]
    written = notes.of(session, ticket.id)
    names = _names(session, {ticket.reviewer_id} | {_staff_id(note.actor) for note in written})
    in_review = ticket.state == TicketState.IN_REVIEW
    return Review(
        may=may,
        may_be_taken=ticket.state in review.CAN_BE_TAKEN,
        may_be_split=ticket.state not in merging.ANSWERED_OR_ENDED,
        reviewer=names.get(ticket.reviewer_id, "") if in_review else "",
        notes=[(note, names.get(_staff_id(note.actor), "")) for note in written],
        holds=list(holds.standing(session, ticket)),
        lead=tickets.get(session, ticket.merged_into_id) if ticket.merged_into_id else None,
        followers=merging.merged_into(session, ticket.id),
        parent=tickets.get(session, ticket.parent_id) if ticket.parent_id else None,
        children=merging.children(session, ticket.id),
        alike=alike.proposals(session, ticket, now) if TicketState.MERGED in may else [],
    )


def _names(session: Session, ids: set[int | None]) -> dict[int | None, str]:
    found = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids - {None})))
    return dict(found.all())


def _staff_id(actor: str) -> int | None:
    return int(actor.removeprefix("staff:")) if actor.startswith("staff:") else None
