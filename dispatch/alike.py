"""Which open tickets may be about the same: one item, near in place or of one caller (Z11, lessons 20)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, false, func, or_, select, text
from sqlalchemy.orm import Session, joinedload

from hotline.catalogue.models import CatalogueVersion, Item
from hotline.db import one_of
from hotline.organisations.models import Area
from hotline.tickets.models import Ticket
from hotline.tickets.states import ENDED

WITHIN = timedelta(days=30)
SHOWN = 5
LEVELS = ("city", "county", "town", "village", "grid")
NEAR = LEVELS.index("town")  # or as near as this ticket's own place is known, but for the whole city
# Written out, so that the partial index over open tickets serves.
_OPEN = text(f"NOT (ticket.{one_of('state', sorted(ENDED))})")


@dataclass(frozen=True)
class Alike:
    """`near` is the smallest area both lie in (grid, village, town, county); empty: one caller, elsewhere."""

    ticket: Ticket
    near: str
    same_caller: bool


def proposals(session: Session, ticket: Ticket, now: datetime) -> list[Alike]:
    """The nearest first; one query over open tickets of the item. That somebody has a confidential ticket
    elsewhere is told nobody."""
    near, same_caller = _nearness(ticket), _same_caller(ticket)
    of_item = (Item.code == ticket.item.code) & (CatalogueVersion.hotline == ticket.hotline)
    items = select(Item.id).join(Item.version).where(of_item)
    wanted = (
        select(Ticket, near, same_caller)
        .outerjoin(Ticket.area)
        .where(Ticket.item_id.in_(items), Ticket.id != ticket.id, _OPEN)
        .where(Ticket.accepted_at > now - WITHIN, or_(near > 0, same_caller & ~Ticket.confidential))
        .options(joinedload(Ticket.item), joinedload(Ticket.organisation))
        .order_by(near.desc(), same_caller.desc(), Ticket.accepted_at.desc())
        .limit(SHOWN)
    )
    found = session.execute(wanted).all()
    return [Alike(one, LEVELS[level] if level else "", mine) for one, level, mine in found]


def _nearness(ticket: Ticket) -> ColumnElement[int]:
    """How deep both places lie in one area, as an index of LEVELS; 0: not near."""
    codes = ticket.area.path.split("/") if ticket.area else []
    nearest = range(len(codes) - 1, max(0, min(NEAR, len(codes) - 1) - 1), -1)
    inside = [(_within("/".join(codes[: depth + 1])), depth) for depth in nearest]
    return case(*inside, (false(), 0), else_=0)


def _within(path: str) -> ColumnElement[bool]:
    return func.concat(Area.path, "/").startswith(f"{path}/")


def _same_caller(ticket: Ticket) -> ColumnElement[bool]:
    return func.coalesce(Ticket.caller_id == (ticket.caller_id or 0), false())
