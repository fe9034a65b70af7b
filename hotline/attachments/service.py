"""What people do with attachments: add kept files to a ticket, open those of a confidential one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.attachments import queries
from hotline.attachments.models import Attachment, Party
from hotline.attachments.receiving import Kept
from hotline.attachments.store import MB
from hotline.config import settings
from hotline.errors import HotlineError, InvalidInput
from hotline.event_log import record
from hotline.events import AttachmentAdded, AttachmentsOpened
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket

LONGEST_PURPOSE = 200


class TicketFull(HotlineError):
    """The ticket has as many files, or as many MB of them, as it may have."""

    code = "ticket_full"


class EvidenceMissing(InvalidInput):
    """The item asks for more text or photos than the answer has (I04); `missing` as evidence_missing."""

    code = "evidence_missing"

    def __init__(self, missing: list[tuple[str, int]]) -> None:
        lacks = ", ".join(f"{count} {what}" for what, count in missing)
        super().__init__("public_reply", f"evidence is missing: {lacks}")
        self.missing = missing


@dataclass(frozen=True)
class Giver:
    """Who adds files. `actor` as in the event log; `organisation_id` for an organisation's people only."""

    party: Party
    actor: str
    organisation_id: int | None = None


def attach(
    session: Session, ticket: Ticket, files: Sequence[Kept], giver: Giver, *, now: datetime
) -> list[Attachment]:
    """The rows that are new: a file the ticket has already is not added again. Raises TicketFull.

    The ticket is locked, so that files added at once are counted one after another.
    """
    if not files:
        return []
    tickets.get(session, ticket.id, lock=True)
    had = _hashes(session, ticket.id)
    new = {file.sha256: file for file in files if file.sha256 not in had}
    _refuse_overflow(session, ticket.id, new.values())
    rows = [_row(ticket, file, giver, now) for file in new.values()]
    session.add_all(rows)
    session.flush()
    for row in rows:
        record(session, _added(row), actor=giver.actor, at=now)
    return rows


def require_evidence(session: Session, ticket: Ticket, reply: str) -> None:
    """Raises EvidenceMissing."""
    if missing := queries.evidence_missing(session, ticket, reply):
        raise EvidenceMissing(missing)


def open_shelf(
    session: Session, viewer: queries.StaffViewer, ticket: Ticket, *, purpose: str, now: datetime
) -> None:
    """Look at a confidential ticket's files, with the purpose on record (S02). Raises InvalidInput."""
    said = purpose.replace("\0", "").strip()
    if not said:
        raise InvalidInput("purpose", "say why the files are needed")
    if len(said) > LONGEST_PURPOSE:
        raise InvalidInput("purpose", f"at most {LONGEST_PURPOSE} characters")
    seen = [a.id for a in queries.of_ticket(session, ticket.id) if queries.may_see(session, viewer, a)]
    fact = AttachmentsOpened(ticket_id=ticket.id, staff_id=viewer.staff_id, attachments=seen, purpose=said)
    record(session, fact, actor=f"staff:{viewer.staff_id}", at=now)


def _hashes(session: Session, ticket_id: int) -> set[str]:
    return set(session.scalars(select(Attachment.sha256).where(Attachment.ticket_id == ticket_id)))


def _refuse_overflow(session: Session, ticket_id: int, new: Collection[Kept]) -> None:
    counted = select(func.count(), func.coalesce(func.sum(Attachment.size), 0))
    files, size = session.execute(counted.where(Attachment.ticket_id == ticket_id)).one()
    limits = settings().attachments
    if files + len(new) > limits.files_per_ticket:
        raise TicketFull(f"at most {limits.files_per_ticket} files")
    if size + sum(file.size for file in new) > limits.mb_per_ticket * MB:
        raise TicketFull(f"at most {limits.mb_per_ticket} MB")


def _row(ticket: Ticket, file: Kept, giver: Giver, now: datetime) -> Attachment:
    return Attachment(
        ticket=ticket,
        sha256=file.sha256,
        suffix=file.suffix,
        size=file.size,
        name=file.name,
        party=giver.party,
        organisation_id=giver.organisation_id,
        round=ticket.closures + 1,
        added_at=now,
    )


def _added(row: Attachment) -> AttachmentAdded:
    return AttachmentAdded(
        ticket_id=row.ticket_id,
        attachment_id=row.id,
        sha256=row.sha256,
        suffix=row.suffix,
        size=row.size,
        party=row.party,
        organisation_id=row.organisation_id,
    )
