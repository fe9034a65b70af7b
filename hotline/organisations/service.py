"""What people do to an organisation: bar a firm from offers, and admit it again."""

from datetime import datetime

from sqlalchemy.orm import Session

from hotline.errors import InvalidInput, NotFound
from hotline.event_log import record
from hotline.events import OrganisationSuspended
from hotline.organisations.models import Organisation


def suspend(
    session: Session, organisation_id: int, *, reason: str, actor: str, now: datetime
) -> Organisation:
    """The firm gets no offer from now on (E08); doing it twice changes nothing.

    Raises InvalidInput (not a firm, no reason), NotFound.
    """
    return _set_suspended(session, organisation_id, True, reason=reason, actor=actor, now=now)


def unsuspend(
    session: Session, organisation_id: int, *, reason: str, actor: str, now: datetime
) -> Organisation:
    """The firm may be offered jobs again. Raises as `suspend` does."""
    return _set_suspended(session, organisation_id, False, reason=reason, actor=actor, now=now)


def _set_suspended(
    session: Session, organisation_id: int, suspended: bool, *, reason: str, actor: str, now: datetime
) -> Organisation:
    # Locked: an acceptance that checks the firm at this moment waits for the answer
    firm = session.get(Organisation, organisation_id, with_for_update=True, populate_existing=True)
    if firm is None:
        raise NotFound(f"no organisation {organisation_id}")
    if firm.kind != "firm":
        raise InvalidInput("organisation", "only a firm can be suspended")
    if not reason.strip():
        raise InvalidInput("reason", "say why")
    if firm.suspended != suspended:
        firm.suspended = suspended
        fact = OrganisationSuspended(organisation_id=firm.id, suspended=suspended, reason=reason.strip())
        record(session, fact, actor=actor, at=now)
    return firm
