"""A person by number: found or made, named when they say so, shown unmasked only for a purpose."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hotline.callers.models import Caller
from hotline.errors import InvalidInput
from hotline.event_log import record
from hotline.events import ContactRevealed

# Made once: every call and every ticket asks it.
_BY_NUMBER = select(Caller).where(Caller.number == bindparam("number"))


def caller_for(session: Session, number: str, now: datetime) -> Caller:
    """The one caller with this E.164 number; two calls at once make one row."""
    found = session.scalar(_BY_NUMBER, {"number": number})
    if found:
        return found
    new = insert(Caller).values(number=number, created_at=now).on_conflict_do_nothing().returning(Caller)
    return session.scalar(new) or session.scalars(_BY_NUMBER, {"number": number}).one()


def reveal(
    session: Session,
    caller: Caller,
    *,
    staff_id: int,
    purpose: str,
    now: datetime,
    call_id: int | None = None,
    ticket_id: int | None = None,
) -> str:
    """The raw number, with the purpose on record (S02)."""
    if not purpose.strip():
        raise InvalidInput("purpose", "say why the number is needed")
    fact = ContactRevealed(
        caller_id=caller.id, staff_id=staff_id, purpose=purpose.strip(), call_id=call_id, ticket_id=ticket_id
    )
    record(session, fact, actor=f"staff:{staff_id}", at=now)
    return caller.number
