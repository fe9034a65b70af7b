"""Organisations at the centre (E06): at a window, in turn, on call or engaged; kept day by day."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from hotline.errors import InvalidInput, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import PresenceEnded, PresenceMade
from hotline.organisations import opening
from hotline.organisations.models import Organisation, Presence

CHOSEN = ("permanent", "on_call", "engaged")  # whose turn it is, is counted: dispatch/turns.py


def add(session: Session, new: Presence, *, actor: str, now: datetime) -> Presence:
    """From its first day on. Raises InvalidInput: a firm, days the wrong way round, a window without number
    or hours, there already in this way."""
    office = session.get(Organisation, new.organisation_id, with_for_update={"key_share": True})
    if office is None or office.kind == "firm":
        raise InvalidInput("organisation", "a firm is not stationed at the centre")
    if new.last_day and new.last_day < new.first_day:
        raise InvalidInput("last_day", "not before the first day")
    if new.kind == "permanent" and not (new.at_window and new.hours):
        raise InvalidInput("at_window", "a permanent one has a window and hours")
    try:
        opening.hours(new.hours or "")
    except ValueError as error:
        raise InvalidInput("hours", str(error)) from error
    taken = select(Presence.id).where(
        Presence.organisation_id == new.organisation_id,
        Presence.kind == new.kind,
        or_(Presence.last_day.is_(None), Presence.last_day >= new.first_day),
        Presence.first_day <= (new.last_day or date.max),
    )
    if session.scalar(taken.limit(1)):
        raise InvalidInput("first_day", "it is there in this way already")
    new.made_by, new.made_at = actor, now
    session.add(new)
    session.flush()
    fact = PresenceMade(
        presence_id=new.id,
        organisation_id=new.organisation_id,
        presence=new.kind,
        first_day=new.first_day.isoformat(),
        last_day=new.last_day.isoformat() if new.last_day else "",
        petitions=new.petitions,
    )
    record(session, fact, actor=actor, at=now)
    return new


def end(session: Session, presence_id: int, *, today: date, actor: str, now: datetime) -> Presence:
    """Today is its last day. Raises NotFound; TransitionRefused: it is over, or was its turn."""
    found = session.get(Presence, presence_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound(f"no presence {presence_id}")
    over = found.last_day is not None and found.last_day <= today
    if over or found.kind not in CHOSEN:
        raise TransitionRefused("presence", "over" if over else found.kind, "ended")
    found.last_day = max(today, found.first_day)
    fact = PresenceEnded(
        presence_id=found.id, organisation_id=found.organisation_id, last_day=found.last_day.isoformat()
    )
    record(session, fact, actor=actor, at=now)
    return found


def in_force(day: date) -> Select[Presence]:
    """Whoever is there on that day or will be, by kind and window."""
    wanted = select(Presence).where(or_(Presence.last_day.is_(None), Presence.last_day >= day))
    ordered = wanted.order_by(Presence.kind, Presence.at_window, Presence.first_day, Presence.id)
    return ordered.options(joinedload(Presence.organisation))


def of(session: Session, organisation_id: int, day: date) -> Sequence[Presence]:
    """How one organisation is expected at the centre."""
    return session.scalars(in_force(day).where(Presence.organisation_id == organisation_id)).all()


def on_call(session: Session, day: date) -> Sequence[str]:
    """Names of those who may be called out that day."""
    there = in_force(day).where(Presence.kind == "on_call", Presence.first_day <= day)
    return [one.organisation.name for one in session.scalars(there)]
