"""Looking firms up: the list with its filters, how each stands, what was done to one. Changes nothing."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, joinedload

from hotline.config import settings
from hotline.event_log import Event
from hotline.organisations.models import Organisation, ServiceArea
from hotline.organisations.queries import of_class
from hotline.organisations.standing import Standing, standing

LICENCE_DUE, REVIEW_DUE, BARRED = "licence_due", "review_due", "barred"
FILTERS = (*Standing, BARRED, LICENCE_DUE, REVIEW_DUE)
HISTORY = ("firm_changed", "firm_reviewed", "organisation_suspended")


def search(
    words: str, role_name: str, county_id: int | None, state: str, now: datetime
) -> Select[Organisation]:
    """Firms by name; an empty filter lets all pass. `state` is one of FILTERS."""
    wanted = select(Organisation).where(Organisation.kind == "firm")
    if words:
        named = Organisation.name.contains(words, autoescape=True)
        wanted = wanted.where(or_(named, Organisation.code == words, Organisation.credit_code == words))
    if role_name:
        wanted = wanted.where(of_class(role_name))
    if county_id:
        serving = select(ServiceArea.organisation_id).where(ServiceArea.area_id == county_id)
        wanted = wanted.where(Organisation.id.in_(serving))
    if state:
        wanted = wanted.where(_in_state(state, now))
    return wanted.options(joinedload(Organisation.area)).order_by(Organisation.name, Organisation.id)


def _in_state(state: str, now: datetime) -> ColumnElement[bool]:
    if state == BARRED:
        return standing(now) != Standing.GOOD
    soon = now.astimezone(settings().site.zone).date() + timedelta(days=settings().dispatch.renewal_days)
    if state == LICENCE_DUE:
        return Organisation.licence_until <= soon
    if state == REVIEW_DUE:
        return Organisation.review_due <= soon
    return standing(now) == state


def standings(session: Session, firm_ids: Collection[int], now: datetime) -> dict[int, Standing]:
    rows = select(Organisation.id, standing(now)).where(Organisation.id.in_(firm_ids))
    return {id_: Standing(state) for id_, state in session.execute(rows)}


def classes(session: Session) -> list[str]:
    """Every class there is a firm of."""
    found = select(Organisation.role_name).where(Organisation.kind == "firm").distinct()
    return list(session.scalars(found.order_by(Organisation.role_name)))


def history(firm_id: int) -> Select[Event]:
    """What was done to its entry, the newest first."""
    about = Event.data["organisation_id"].as_integer() == firm_id
    return select(Event).where(Event.kind.in_(HISTORY), about).order_by(Event.id.desc())


def suspension(session: Session, firm_id: int) -> Event | None:
    """The fact of the newest suspension: why, from when until when, and whose act it was."""
    barred = history(firm_id).where(Event.kind == "organisation_suspended")
    return session.scalars(barred.where(Event.data["suspended"].as_boolean()).limit(1)).first()
