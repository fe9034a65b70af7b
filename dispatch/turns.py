"""Whose turn it is at the centre (轮驻, E05): each month the towns with the most petitions of the last."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from hotline.catalogue.models import Item
from hotline.config import settings
from hotline.organisations import presence
from hotline.organisations.models import Area, Organisation, Presence
from hotline.organisations.nearest import TOWN_GOVERNMENT
from hotline.tickets.models import Ticket

ACTOR = "system:turns"
LOCK = func.pg_advisory_xact_lock(0x7475726E)  # two at once: the second finds what the first has done


def whose(petitions: Mapping[int, int], last_turn: Mapping[int, date], most: int) -> list[int]:
    """The offices with the most; of two alike the one whose last turn is longer ago (never: before all
    others), then the one registered first. Pure."""
    counted = (office for office, count in petitions.items() if count)
    return sorted(counted, key=lambda it: (-petitions[it], last_turn.get(it, date.min), it))[:most]


def rotate(session: Session, day: date, now: datetime) -> Sequence[Presence]:
    """Those at the centre in turn in this day's month; decided once, by the petitions of the month before."""
    session.execute(select(LOCK))
    first = day.replace(day=1)
    theirs = select(Presence).where(Presence.kind == "rotating", Presence.first_day == first)
    if there := session.scalars(theirs.order_by(Presence.petitions.desc(), Presence.id)).all():
        return there
    counts = petitions(session, first - timedelta(days=1))
    most = settings().dispatch.rotating_towns
    return [
        presence.add(session, _turn(office, first, counts[office]), actor=ACTOR, now=now)
        for office in whose(counts, _last_turns(session), most)
    ]


def petitions(session: Session, day: date) -> dict[int, int]:
    """Town office -> petitions accepted from anywhere in its town in this day's month."""
    zone, roles = settings().site.zone, settings().dispatch.petition_roles
    starts, ends = (datetime.combine(one, time(0), zone) for one in (day.replace(day=1), _next_month(day)))
    place = select(Area.id, Area.path).subquery()
    inside = or_(place.c.id == Area.id, place.c.path.startswith(Area.path + "/"))
    counted = (
        select(Organisation.id, func.count())
        .join(Area, Area.id == Organisation.area_id)
        .join(place, inside)
        .join(Ticket, Ticket.area_id == place.c.id)
        .join(Item, Item.id == Ticket.item_id)
        .where(Organisation.role_name == TOWN_GOVERNMENT, Organisation.level == "town")
        .where(Item.department.in_(roles), Ticket.accepted_at >= starts, Ticket.accepted_at < ends)
    )
    return dict(session.execute(counted.group_by(Organisation.id)).all())


def _turn(office_id: int, first: date, count: int) -> Presence:
    last = _next_month(first) - timedelta(days=1)
    return Presence(
        organisation_id=office_id, kind="rotating", first_day=first, last_day=last, petitions=count
    )


def _last_turns(session: Session) -> dict[int, date]:
    turns = select(Presence.organisation_id, func.max(Presence.first_day)).where(Presence.kind == "rotating")
    return dict(session.execute(turns.group_by(Presence.organisation_id)).all())


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
