"""Who may see which file, and what an answer still lacks (I04). Changes nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.attachments.kinds import KINDS, Family
from hotline.attachments.models import Attachment, Party
from hotline.errors import NotFound
from hotline.event_log import Event
from hotline.events import AttachmentsOpened
from hotline.organisations import queries as organisations
from hotline.permissions import Permission, allows
from hotline.tickets.models import Ticket

SHOWN_FOR = timedelta(minutes=10)
PICTURES = tuple(suffix for suffix, kind in KINDS.items() if kind.family is Family.PICTURE)


@dataclass(frozen=True)
class CitizenViewer:
    """Whoever has the number and query code of this ticket."""

    ticket_id: int


@dataclass(frozen=True)
class HotlineViewer:
    """A person of the hotline."""

    staff_id: int
    role: str


@dataclass(frozen=True)
class HandlerViewer:
    """A person of an organisation whose work order lets it see this ticket now; the door has checked that."""

    staff_id: int
    organisation_id: int
    ticket_id: int


@dataclass(frozen=True)
class LawyerViewer:
    """A lawyer of 12348 whom the citizen's question waits for; the door has checked that."""

    staff_id: int
    ticket_id: int


StaffViewer = HotlineViewer | HandlerViewer | LawyerViewer
Viewer = StaffViewer | CitizenViewer


def may_see(session: Session, viewer: Viewer, attachment: Attachment) -> bool:
    """The one place that says who may see a file; a confidential ticket's needs `opened` besides."""
    match viewer:
        case HotlineViewer():
            return allows(viewer.role, Permission.SEE_TICKETS)
        case HandlerViewer():
            return attachment.ticket_id == viewer.ticket_id and _handler_may(session, viewer, attachment)
        case LawyerViewer():
            return attachment.ticket_id == viewer.ticket_id and attachment.party != Party.ORGANISATION
        case CitizenViewer():
            return attachment.ticket_id == viewer.ticket_id and _is_released_answer(attachment)


def of_ticket(session: Session, ticket_id: int) -> Sequence[Attachment]:
    """The first one first."""
    return session.scalars(
        select(Attachment).where(Attachment.ticket_id == ticket_id).order_by(Attachment.id)
    ).all()


def one(session: Session, attachment_id: int) -> Attachment:
    """Raises NotFound."""
    found = session.get(Attachment, attachment_id)
    if found is None:
        raise NotFound(f"no attachment {attachment_id}")
    return found


def open_now(
    session: Session, viewer: Viewer, files: Sequence[Attachment], now: datetime
) -> list[Attachment]:
    """Of one ticket's files those this person may look at now. A confidential ticket's need a purpose first:
    the recorded fact is the permit (S02)."""
    may = [file for file in files if may_see(session, viewer, file)]
    locked = {file.id for file in may if _needs_purpose(viewer, file)}
    if locked and not isinstance(viewer, CitizenViewer):
        locked -= _opened(session, viewer, may[0].ticket_id, now)
    return [file for file in may if file.id not in locked]


def evidence_missing(session: Session, ticket: Ticket, reply: str) -> list[tuple[str, int]]:
    """What this answer lacks of what the ticket's item asks for (I04), and how many more: ('characters', 20),
    ('photos', 1). Photos count that the hotline or an organisation added since the ticket was last opened."""
    if ticket.kind == "consult":  # a question is answered, and nobody goes to a place
        return []
    item = ticket.item
    photos = select(func.count()).where(
        Attachment.ticket_id == ticket.id,
        Attachment.party != Party.CITIZEN,
        Attachment.round == ticket.closures + 1,
        Attachment.suffix.in_(PICTURES),
    )
    have = {"characters": len("".join(reply.split())), "photos": session.scalar(photos) or 0}
    wanted = {"characters": item.evidence_characters or 0, "photos": item.evidence_photos or 0}
    return [(what, wanted[what] - have[what]) for what in wanted if have[what] < wanted[what]]


def name_for(viewer: Viewer, attachment: Attachment) -> str:
    """The name it came with says who somebody is as often as not: the hotline and whoever gave it read it."""
    if isinstance(viewer, HotlineViewer) or _own(viewer, attachment):
        return attachment.name
    return f"{attachment.id}.{attachment.suffix}"


def without_row(session: Session, hashes: Collection[str]) -> set[str]:
    """Of these, what no ticket has."""
    known = select(Attachment.sha256).where(Attachment.sha256.in_(hashes)).distinct()
    return set(hashes) - set(session.scalars(known))


def _needs_purpose(viewer: Viewer, attachment: Attachment) -> bool:
    """Of staff, before they see what others added to a confidential ticket."""
    staff = not isinstance(viewer, CitizenViewer)
    return staff and attachment.ticket.confidential and not _own(viewer, attachment)


def _opened(session: Session, viewer: StaffViewer, ticket_id: int, now: datetime) -> set[int]:
    facts = select(Event.data["attachments"]).where(
        Event.ticket_id == ticket_id,
        Event.kind == AttachmentsOpened.kind,
        Event.at > now - SHOWN_FOR,
        Event.actor == f"staff:{viewer.staff_id}",
    )
    return {number for numbers in session.scalars(facts) for number in numbers}


def _own(viewer: Viewer, attachment: Attachment) -> bool:
    return isinstance(viewer, HandlerViewer) and attachment.organisation_id == viewer.organisation_id


def _handler_may(session: Session, viewer: HandlerViewer, attachment: Attachment) -> bool:
    """Its own, and what came from the citizen or the hotline; nothing of other organisations. A paper names
    its author inside, so that of a confidential or anonymous citizen stays with the hotline; the unit
    complained of, and all below it, get nothing (H10)."""
    if attachment.party == Party.ORGANISATION:
        return _own(viewer, attachment)
    ticket = attachment.ticket
    accused = ticket.complained_of_id
    if accused is not None and accused in organisations.lineage(session, viewer.organisation_id):
        return False
    hidden = ticket.confidential or ticket.caller_id is None
    return attachment.family is not Family.PAPER or not hidden


def _is_released_answer(attachment: Attachment) -> bool:
    """Of an answer that was given. Not what the citizen sent: a code of six digits can be guessed."""
    return attachment.party != Party.CITIZEN and attachment.round <= attachment.ticket.closures
