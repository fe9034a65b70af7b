"""Where it is: proposals for what is typed, and the four selects from county to grid. No map is needed."""

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from hotline.db import transaction
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


def proposed(session: Session, place: str, text: str, area_id: int | None) -> list[Found]:
    """What the place and the matter speak of; where they name nothing, names with the typed words in them."""
    return places.resolve(session, f"{place}，{text}", area_id) or places.search(session, place)
