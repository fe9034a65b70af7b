"""What people do: bar a firm from offers and admit it again; say what a site offers."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from hotline.catalogue import queries as catalogue
from hotline.errors import ChangedMeanwhile, InvalidInput, NotFound
from hotline.event_log import record
from hotline.events import OfferedItemsPublished, OrganisationSuspended
from hotline.organisations import queries
from hotline.organisations.models import Area, OfferedItem, Organisation

SITES = ("town", "county", "city")


def suspend(
    session: Session,
    organisation_id: int,
    *,
    reason: str,
    actor: str,
    now: datetime,
    from_at: datetime | None = None,
    until: datetime | None = None,
) -> Organisation:
    """The firm gets no offer from now or `from_at` on, until somebody lifts it or `until` (E08); doing it
    twice changes nothing.

    Raises InvalidInput (not a firm, no reason, over before it begins), NotFound.
    """
    if until and until <= (from_at or now):
        raise InvalidInput("until", "a suspension ends after it has begun")
    days = (from_at, until)
    return _set_suspended(session, organisation_id, True, reason=reason, actor=actor, now=now, days=days)


def unsuspend(
    session: Session, organisation_id: int, *, reason: str, actor: str, now: datetime
) -> Organisation:
    """The firm may be offered jobs again. Raises as `suspend` does."""
    return _set_suspended(session, organisation_id, False, reason=reason, actor=actor, now=now)


def offer(
    session: Session,
    area: Area,
    hotline: str,
    codes: Collection[str],
    *,
    seen: Collection[str],
    actor: str,
    now: datetime,
) -> None:
    """The site's list of items from now on (B03); `seen` is the list the person changed.

    Raises InvalidInput for codes that are not in force, ChangedMeanwhile.
    """
    if area.level not in SITES:
        raise InvalidInput("area", "only a town, a county or the city has a service centre")
    session.get(Area, area.id, with_for_update=True)  # two people at one list: the second sees the first's
    listed = queries.offered_codes(session, area, hotline)
    if listed != set(seen):
        raise ChangedMeanwhile("somebody else has changed this list meanwhile")
    in_force = {item.code for item in catalogue.items(session, hotline)}
    unknown = sorted(set(codes) - in_force)
    if unknown:
        raise InvalidInput("codes", f"not in force: {', '.join(unknown)[:200]}")
    session.execute(delete(OfferedItem).where(OfferedItem.area_id == area.id, OfferedItem.hotline == hotline))
    session.add_all(OfferedItem(area_id=area.id, hotline=hotline, code=code) for code in sorted(set(codes)))
    fact = OfferedItemsPublished(area_id=area.id, hotline=hotline, items=len(set(codes)))
    record(session, fact, actor=actor, at=now)
    session.flush()


def _set_suspended(
    session: Session,
    organisation_id: int,
    suspended: bool,
    *,
    reason: str,
    actor: str,
    now: datetime,
    days: tuple[datetime | None, datetime | None] = (None, None),
) -> Organisation:
    # Locked: an acceptance that checks the firm at this moment waits for the answer
    firm = session.get(Organisation, organisation_id, with_for_update=True, populate_existing=True)
    if firm is None:
        raise NotFound(f"no organisation {organisation_id}")
    if firm.kind != "firm":
        raise InvalidInput("organisation", "only a firm can be suspended")
    if not reason.strip():
        raise InvalidInput("reason", "say why")
    if (firm.suspended, firm.suspended_from, firm.suspended_until) != (suspended, *days):
        firm.suspended, (firm.suspended_from, firm.suspended_until) = suspended, days
        first, last = (day.isoformat() if day else None for day in days)
        fact = OrganisationSuspended(
            organisation_id=firm.id, suspended=suspended, reason=reason.strip(), from_at=first, until=last
        )
        record(session, fact, actor=actor, at=now)
    return firm
