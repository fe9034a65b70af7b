"""Matters that were filed under no item (B02), and what a person said they are: what the catalogue lacks."""

from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from hotline.catalogue.files import UNSORTED
from hotline.catalogue.models import Item
from hotline.learning.accuracy import Span
from hotline.learning.models import Decision
from hotline.tickets.models import Ticket
from hotline.tickets.queries import LISTED


@dataclass(frozen=True)
class Ended:
    """`tickets` that were filed unsorted have this item now."""

    code: str
    name: str
    name_en: str
    tickets: int


def ended(session: Session, span: Span) -> list[Ended]:
    """Those still unsorted first, then the most frequent."""
    named = (Item.code, func.max(Item.name), func.max(Item.name_en), func.count())
    counted = select(*named).join_from(Ticket, Ticket.item).where(Ticket.id.in_(_filed(span)))
    counted = counted.group_by(Item.code, Item.handler)
    ordered = counted.order_by(Item.handler != UNSORTED, func.count().desc(), Item.code)
    return [Ended(*row) for row in session.execute(ordered)]


def tickets(span: Span, code: str) -> Select[Ticket]:
    """Those that have this item now, the newest first."""
    found = select(Ticket).join(Ticket.item).where(Ticket.id.in_(_filed(span)), Item.code == code)
    return found.options(*LISTED).order_by(Ticket.id.desc())


def _filed(span: Span) -> Select[int | None]:
    filed_under = (Item.code == Decision.chosen) & (Item.version_id == Decision.catalogue_version_id)
    when = (Decision.hotline == span.hotline, Decision.at >= span.start, Decision.at < span.stop)
    return select(Decision.ticket_id).join(Item, filed_under).where(*when, Item.handler == UNSORTED)
