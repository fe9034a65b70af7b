"""What the desk sent back for want of something is put right by an agent, and registered again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hotline.errors import InvalidInput
from hotline.event_log import record
from hotline.events import TicketMended
from hotline.organisations import queries as organisations
from hotline.tickets import notes, service
from hotline.tickets.models import Ticket
from hotline.tickets.states import TicketState


@dataclass(frozen=True)
class Mended:
    """The matter as it should read; what is as it was counts as unchanged."""

    text: str
    place: str
    area_id: int | None
    item_code: str


def register_again(
    session: Session, ticket: Ticket, mended: Mended, *, reason: str, actor: str, now: datetime
) -> bool:
    """Back to the desk; True when it now stands under another item, for this `reason` in words. What the text
    said before is kept.

    Raises InvalidInput, UnknownItem, NotFound for a place there is not, TransitionRefused.
    """
    service.move(session, ticket, TicketState.REGISTERED, actor=actor, now=now, reason="registered_again")
    changed = _mend_words(session, ticket, mended, actor, now)
    if mended.area_id and mended.area_id != ticket.area_id:
        area = organisations.area(session, mended.area_id)
        service.settle_territory(session, ticket, area, organisation_id=None, actor=actor, now=now)
        changed.append("area")
    refiled = mended.item_code != ticket.item.code
    if refiled:
        service.reclassify(session, ticket, mended.item_code, reason=reason, actor=actor, now=now)
        changed.append("item")
    record(session, TicketMended(ticket_id=ticket.id, changed=",".join(changed)), actor=actor, at=now)
    return refiled


def _mend_words(session: Session, ticket: Ticket, mended: Mended, actor: str, now: datetime) -> list[str]:
    text, place = mended.text.strip(), mended.place.strip() or None
    service.check_text("text", text, service.MAX_TEXT)
    service.check_text("place", place or "", service.MAX_PLACE)
    if not text:
        raise InvalidInput("text", "say what the matter is")
    changed = []
    if text != ticket.text:
        notes.keep(session, ticket, "said_before", ticket.text, actor=actor, now=now)
        ticket.text = text
        changed.append("text")
    if place != ticket.place:
        ticket.place = place
        changed.append("place")
    return changed
