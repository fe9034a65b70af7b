"""Filling the gazetteer: made up for a demonstration, or from a site's own file."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from random import Random

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from hotline.event_log import record
from hotline.events import PlacesLoaded
from hotline.organisations.models import Area
from hotline.places import files, made_up, sounds
from hotline.places.made_up import Named, Spot
from hotline.places.models import PlaceName

ACTOR = "system:places"


def make(session: Session, seed: int, now: datetime) -> int:
    """Make up places for the areas there are; how many. Where a gazetteer stands, nothing is touched."""
    if session.scalar(select(PlaceName.id).limit(1)):
        return 0
    return _fill(session, made_up.make(Random(seed), _city(session)), "generated", now)


def load(session: Session, path: Path, now: datetime) -> int:
    """A site's own gazetteer in place of the one there is; how many names. Raises RowsRefused, by row."""
    area_ids = dict(session.execute(select(Area.code, Area.id)).all())
    places = files.read(path, area_ids)
    session.execute(delete(PlaceName))
    return _fill(session, places, path.name, now)


def _fill(session: Session, places: Sequence[Named], source: str, now: datetime) -> int:
    if places:
        session.execute(insert(PlaceName), [_row(place) for place in places])
        record(session, PlacesLoaded(source=source, names=len(places)), actor=ACTOR, at=now)
    return len(places)


def _row(place: Named) -> dict[str, str | int | None]:
    return {
        "kind": place.kind,
        "name": place.name,
        "area_id": place.area_id,
        "sound": " ".join(filter(None, sounds.one_by_one(place.name))),
        "first_number": place.first_number,
        "last_number": place.last_number,
    }


def _city(session: Session) -> Spot:
    """The city with all areas hung below it."""
    rows = session.execute(select(Area.id, Area.name, Area.level, Area.parent_id).order_by(Area.path))
    spots: dict[int | None, Spot] = {}
    for area_id, name, level, parent_id in rows:
        spots[area_id] = Spot(area_id, name, level)
        if parent_id:
            spots[parent_id].below.append(spots[area_id])
    return next((spot for spot in spots.values() if spot.level == "city"), Spot(0, "", "city"))
