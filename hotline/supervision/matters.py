"""What waits for a supervisor: opened by the system, ended by a person or by a count that fell."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.errors import InvalidInput, NotAllowed, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import MatterEnded, MatterGrew, MatterOpened
from hotline.organisations.models import Organisation
from hotline.supervision.models import Matter
from hotline.supervision.rules import MatterState, PaperKind, Per, What

SYSTEM = "system:supervision"
MAX_NOTE = 1000


def propose(
    session: Session, kind: PaperKind, *, ticket_id: int, unit_id: int, because: str, ref: str, now: datetime
) -> bool:
    """A paper for a person to issue; `ref` makes it once for one occasion. False: it was proposed before."""
    subject = f"ticket:{ticket_id}:{ref}"
    if known(session, kind, unit_id, subject):
        return False
    matter = Matter(what=kind, per=Per.TICKET, subject=subject, organisation_id=unit_id, ticket_id=ticket_id)
    open_(session, matter, because=because, now=now)
    return True


def known(session: Session, what: str, unit_id: int, subject: str) -> Matter | None:
    """The newest of this subject that was not withdrawn."""
    asked = select(Matter).where(
        Matter.what == what,
        Matter.organisation_id == unit_id,
        Matter.subject == subject,
        Matter.state != MatterState.WITHDRAWN,
    )
    return session.scalar(asked.order_by(Matter.id.desc()).limit(1))


def open_(session: Session, matter: Matter, *, because: str, now: datetime, actor: str = SYSTEM) -> None:
    matter.because, matter.opened_at, matter.state = because, now, MatterState.OPEN
    matter.count = matter.count or 0
    session.add(matter)
    session.flush()
    fact = MatterOpened(**_ids(matter), per=matter.per, because=because, count=matter.count)
    record(session, fact, actor=actor, at=now)


def veto(session: Session, unit_id: int, year: int, *, reason: str, actor: str, now: datetime) -> Matter:
    """The unit's result of the year is nothing, whatever its figures (H06); it is lifted as `end` says.

    Raises NotFound, InvalidInput without a reason, TransitionRefused where one stands.
    """
    if session.get(Organisation, unit_id, with_for_update={"key_share": True}) is None:
        raise NotFound(f"no organisation {unit_id}")
    said = reason.strip()[:MAX_NOTE]
    if not said:
        raise InvalidInput("note", "say why")
    subject = f"{Per.UNIT}:{year}"
    stands = known(session, What.VETO, unit_id, subject)
    if stands and stands.state == MatterState.OPEN:
        raise TransitionRefused("veto", "open", "open")
    matter = Matter(what=What.VETO, per=Per.UNIT, subject=subject, organisation_id=unit_id, note=said)
    open_(session, matter, because="veto", now=now, actor=actor)
    return matter


def grow(session: Session, matter: Matter, count: int, now: datetime) -> None:
    if matter.count != count:
        matter.count = count
        record(session, MatterGrew(**_ids(matter), count=count), actor=SYSTEM, at=now)


def end(
    session: Session, matter_id: int, how: MatterState, *, actor: str, now: datetime, note: str = ""
) -> Matter:
    """Raises InvalidInput without a note from a person, TransitionRefused when it was ended before,
    NotAllowed for a person who would lift what follows from a count alone."""
    matter = session.get(Matter, matter_id, with_for_update=True, populate_existing=True)
    if matter is None:
        raise NotFound(f"no matter {matter_id}")
    if matter.state != MatterState.OPEN:
        raise TransitionRefused("matter", matter.state, how)
    if actor != SYSTEM and matter.what == What.BARRED:
        raise NotAllowed("only the count lifts it: correct a rating that is not valid")
    if actor != SYSTEM and not note.strip():
        raise InvalidInput("note", "say what came of it")
    matter.state, matter.ended_at, matter.ended_by = how, now, actor
    matter.note = "\n".join(filter(None, (matter.note, note.strip()[:MAX_NOTE]))) or None
    record(session, MatterEnded(**_ids(matter), how=how, count=matter.count), actor=actor, at=now)
    return matter


def proposed(session: Session, kind: str, ticket_id: int, unit_id: int) -> Sequence[int]:
    """What waits for a person to issue such a paper to this unit."""
    waiting = select(Matter.id).where(
        Matter.what == kind,
        Matter.ticket_id == ticket_id,
        Matter.organisation_id == unit_id,
        Matter.state == MatterState.OPEN,
    )
    return session.scalars(waiting).all()


def settle_proposals(
    session: Session, kind: str, *, ticket_id: int, unit_id: int, note: str, now: datetime
) -> None:
    """The paper was issued: whatever proposed it is done."""
    for matter_id in proposed(session, kind, ticket_id, unit_id):
        end(session, matter_id, MatterState.DONE, actor=SYSTEM, now=now, note=note)


def _ids(matter: Matter) -> dict[str, Any]:
    return {
        "matter_id": matter.id,
        "ticket_id": matter.ticket_id,
        "unit_id": matter.organisation_id,
        "what": matter.what,
    }
