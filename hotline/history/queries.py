"""What people look at of old systems' matters."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from hotline.config import settings
from hotline.errors import NotFound
from hotline.history.models import PastTicket


@dataclass(frozen=True)
class Year:
    system: str
    year: int
    matters: int


def found(words: str, system: str = "") -> Select[PastTicket]:
    """By the old number, or by words of matter, place and unit; the newest first. Words do not find what is
    confidential, only its number does."""
    wanted = select(PastTicket).order_by(PastTicket.accepted_at.desc(), PastTicket.id.desc())
    if system:
        wanted = wanted.where(PastTicket.system == system)
    if words:
        fields = (PastTicket.text, PastTicket.place, PastTicket.item, PastTicket.organisation)
        said = or_(*(field.contains(words, autoescape=True) for field in fields))
        wanted = wanted.where(or_(PastTicket.old_id == words, said & ~PastTicket.confidential))
    return wanted


def one(session: Session, past_id: int) -> PastTicket:
    """Raises NotFound."""
    together = (joinedload(PastTicket.area), joinedload(PastTicket.caller))
    past = session.scalar(select(PastTicket).where(PastTicket.id == past_id).options(*together))
    if past is None:
        raise NotFound(f"no past ticket {past_id}")
    return past


def years(session: Session) -> Sequence[Year]:
    """How many matters each system took in each year: a count, never a part of a rate."""
    year = func.extract("year", func.timezone(settings().site.time_zone, PastTicket.accepted_at))
    counted = select(PastTicket.system, year, func.count()).group_by(PastTicket.system, year)
    return [
        Year(name, int(of), many)
        for name, of, many in session.execute(counted.order_by(PastTicket.system, year))
    ]
