"""Several tickets about the same, and one ticket about several things: merge and split (Z11, C02)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.review import check_on_desk
from dispatch.work_order import SYSTEM
from hotline.errors import InvalidInput, TransitionRefused
from hotline.event_log import record
from hotline.events import TicketMerged, TicketSplit
from hotline.tickets import holds, outcomes
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.states import ENDED, Hold, TicketState

ANSWERED_OR_ENDED = ENDED | {TicketState.IN_FOLLOW_UP}


def merge(session: Session, ticket: Ticket, into_id: int, *, actor: str, now: datetime) -> Ticket:
    """It is answered with another, which is returned. There are no chains: a merged one stands for its lead,
    and who was merged into this ticket goes along. Raises InvalidInput, TransitionRefused, WithALawyer."""
    lead = lead_of(session, into_id)
    _lock(session, ticket, lead)
    check_on_desk(session, ticket)
    if lead.id == ticket.id:
        raise InvalidInput("lead", "a ticket is not merged into itself")
    if lead.hotline != ticket.hotline or lead.state in ANSWERED_OR_ENDED:
        raise TransitionRefused("ticket", lead.state, "the lead of a merged one")
    outcomes.merge(session, ticket, lead, actor=actor, now=now)
    for follower in followers(session, ticket.id):
        follower.merged_into_id = lead.id
        record(session, TicketMerged(ticket_id=follower.id, lead_id=lead.id), actor=actor, at=now)
    return lead


def _lock(session: Session, *both: Ticket) -> None:
    """Always in the same order, and seen as they now are."""
    ids = [one.id for one in both]
    session.execute(select(Ticket.id).where(Ticket.id.in_(ids)).order_by(Ticket.id).with_for_update())
    for one in both:
        session.refresh(one)


def lead_of(session: Session, ticket_id: int) -> Ticket:
    """The ticket itself, or the one it is answered with. Raises NotFound."""
    found = tickets.get(session, ticket_id)
    return tickets.get(session, found.merged_into_id) if found.merged_into_id else found


def followers(session: Session, lead_id: int) -> list[Ticket]:
    """Merged into it and not answered yet, locked."""
    wanted = select(Ticket).where(Ticket.merged_into_id == lead_id, Ticket.state == TicketState.MERGED)
    return list(session.scalars(wanted.order_by(Ticket.id).with_for_update()))


def merged_into(session: Session, lead_id: int) -> list[Ticket]:
    """All that were, answered or not, the oldest first."""
    return list(session.scalars(select(Ticket).where(Ticket.merged_into_id == lead_id).order_by(Ticket.id)))


def answer_followers(session: Session, lead: Ticket, now: datetime) -> None:
    """What the lead's citizen reads, every merged one's citizen reads and is asked about (lessons 19)."""
    for follower in followers(session, lead.id):
        reply = lead.public_reply or ""
        tickets.release(
            session, follower, public_reply=reply, actor=SYSTEM, now=now, reason="answered_with_the_other"
        )


def free_followers(session: Session, lead: Ticket, now: datetime) -> None:
    """The lead was taken back: each merged one stands for itself again, on the desk."""
    for follower in followers(session, lead.id):
        outcomes.reconsider(session, follower, reason=lead.number, actor=SYSTEM, now=now)


def split(
    session: Session, ticket: Ticket, *, text: str, item_code: str, actor: str, now: datetime, place: str = ""
) -> Ticket:
    """A part of the matter gets a number, an item and a handler of its own, the same case and caller (C02).
    This ticket is not answered before its parts have ended. Raises InvalidInput, UnknownItem,
    TransitionRefused."""
    session.refresh(ticket, with_for_update=True)
    if ticket.state in ANSWERED_OR_ENDED:
        raise TransitionRefused("ticket", ticket.state, "split")
    part = tickets.NewTicket(
        hotline=ticket.hotline,
        channel=ticket.channel,
        kind=ticket.kind,
        item_code=item_code,
        text=text,
        area_id=ticket.area_id,
        place=place or ticket.place or "",
        caller_id=ticket.caller_id,
        call_id=ticket.call_id,
        contact_wish=ticket.contact_wish,
        confidential=ticket.confidential,
        share_contact=ticket.share_contact,
        staff_id=ticket.staff_id,
        case_number=ticket.case_number,
    )
    child = tickets.open_ticket(session, part, actor=actor, now=now)
    child.parent_id, child.complained_of_id = ticket.id, ticket.complained_of_id
    record(session, TicketSplit(ticket_id=ticket.id, child_id=child.id), actor=actor, at=now)
    wait_for(session, child, actor=actor, now=now)
    return child


def wait_for(session: Session, child: Ticket, *, actor: str, now: datetime) -> None:
    """The ticket this one was split from waits for it, unless it was answered before."""
    if child.parent_id is None:
        return
    parent = tickets.get(session, child.parent_id, lock=True)
    if parent.state not in ANSWERED_OR_ENDED:
        holds.place(session, parent, Hold.CHILD, _ref(child), actor=actor, now=now)


def wait_no_longer(session: Session, child: Ticket, *, actor: str, now: datetime) -> None:
    """It ended, whichever way."""
    if child.parent_id is not None and child.state in ENDED:
        parent = tickets.get(session, child.parent_id, lock=True)
        holds.clear(session, parent, Hold.CHILD, child.state, _ref(child), actor=actor, now=now)


def children(session: Session, ticket_id: int) -> list[Ticket]:
    """Split off from it, the oldest first."""
    return list(session.scalars(select(Ticket).where(Ticket.parent_id == ticket_id).order_by(Ticket.id)))


def _ref(child: Ticket) -> str:
    return f"ticket:{child.id}"
