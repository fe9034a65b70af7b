"""Where it is: proposals for what is typed, and the four selects from county to grid. No map is needed."""

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from hotline.db import transaction
from hotline.organisations import queries as organisations
from hotline.organisations.queries import Counters
from hotline.permissions import Permission
from hotline.places import queries as places
from hotline.places.queries import Found
from hotline.web.access import requires

blueprint = Blueprint("places", __name__, url_prefix="/places")


@blueprint.get("")
@requires(Permission.OPEN_TICKET)
def proposals() -> str:
    """?place=…&text=…&area_id=… -> the list of proposals."""
    asked = request.args
    with transaction() as session:
        found = proposed(
            session, asked.get("place", ""), asked.get("text", ""), asked.get("area_id", None, type=int)
        )
        return render_template("agents/_proposals.html", proposals=found)


@blueprint.get("/areas")
@requires(Permission.OPEN_TICKET)
def areas() -> str:
    """?area_id=… -> the selects with this area chosen."""
    with transaction() as session:
        levels = places.levels(session, request.args.get("area_id", None, type=int))
        return render_template("agents/_areas.html", levels=levels)


@blueprint.get("/centres")
@requires(Permission.OPEN_TICKET)
def centres() -> str:
    """?hotline=…&item_code=…&area_id=… -> where the citizen can go with it."""
    asked = request.args
    area_id = asked.get("area_id", None, type=int)
    with transaction() as session:
        found = counters_of(session, asked.get("hotline", ""), asked.get("item_code", ""), area_id)
        return render_template("agents/_centres.html", centres=found)


def counters_of(session: Session, hotline: str, item_code: str, area_id: int | None) -> Counters:
    """Of what stands in the item field, a code with or without words."""
    code = (item_code.replace("\0", "").upper().split() or [""])[0]
    return organisations.counters(session, area_id, hotline, code)


def proposed(session: Session, place: str, text: str, area_id: int | None) -> list[Found]:
    """What the place and the matter speak of; where they name nothing, names with the typed words in them."""
    return places.resolve(session, f"{place}，{text}", area_id) or places.search(session, place)
