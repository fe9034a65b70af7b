"""A person by number: found or made, named when they say so, shown unmasked only for a purpose."""

from datetime import datetime

from sqlalchemy import DateTime, String, bindparam, inspect, select, text
from sqlalchemy.orm import Session

from hotline.callers.models import Caller
from hotline.errors import InvalidInput
from hotline.event_log import record
from hotline.events import ContactRevealed

# One question whether the number is known or new: every call and every ticket asks it.
_FOUND_OR_MADE = select(Caller).from_statement(
    text("""
        WITH found AS (SELECT * FROM caller WHERE number = :number),
        made AS (
            INSERT INTO caller (number, created_at) SELECT :number, :now WHERE NOT EXISTS (SELECT FROM found)
            ON CONFLICT DO NOTHING RETURNING *
        )
        SELECT * FROM found UNION ALL SELECT * FROM made
    """)
    .bindparams(bindparam("number", type_=String), bindparam("now", type_=DateTime(timezone=True)))
    .columns(*inspect(Caller).columns)
)


def caller_for(session: Session, number: str, now: datetime) -> Caller:
    """The one caller with this E.164 number; two calls at once make one row."""
    asked = {"number": number, "now": now}
    # neither found nor made: somebody else made it at this moment
    found: Caller | None = session.scalar(_FOUND_OR_MADE, asked)
    return found or session.scalars(_FOUND_OR_MADE, asked).one()


def reveal(
    session: Session,
    caller: Caller,
    *,
    staff_id: int | None,
    purpose: str,
    now: datetime,
    call_id: int | None = None,
    ticket_id: int | None = None,
    actor: str = "",
) -> str:
    """The raw number, with the purpose on record (S02). Of an organisation without an account here the
    organisation is the `actor`, and no person is named."""
    if not purpose.strip():
        raise InvalidInput("purpose", "say why the number is needed")
    fact = ContactRevealed(
        caller_id=caller.id, staff_id=staff_id, purpose=purpose.strip(), call_id=call_id, ticket_id=ticket_id
    )
    record(session, fact, actor=actor or f"staff:{staff_id}", at=now)
    return caller.number
