"""What a centre watches over: the tickets of its territory, to read (/work/territory, R03)."""

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dispatch import queries, scope
from dispatch.console.pages import blueprint
from hotline import clock
from hotline.db import transaction
from hotline.organisations.models import Organisation
from hotline.permissions import Permission
from hotline.tickets import reading
from hotline.web.access import current_staff, requires
from hotline.web.paging import page_of
from hotline.web.reading import watermark


def _centre(session: Session) -> Organisation:
    organisation = session.get(Organisation, current_staff().organisation_id or 0)
    if organisation is None or not scope.is_centre(organisation):
        abort(redirect(url_for(".in_tray"), 303))
    return organisation


@blueprint.get("/work/territory")
@requires(Permission.WORK_ORDERS)
def territory_tickets() -> str:
    """Open ones first by deadline; ?tab=closed those that ended."""
    with transaction() as session:
        centre = _centre(session)
        tab = "closed" if request.args.get("tab") == "closed" else "open"
        page = page_of(session, queries.of_territory(session, centre, ended=tab == "closed"), size=20)
        return render_template("dispatch/territory.html", page=page, tab=tab, centre=centre, now=clock.now())


@blueprint.get("/work/territory/<int:ticket_id>")
@requires(Permission.WORK_ORDERS)
def territory_ticket(ticket_id: int) -> Response | str:
    """The matter and where it is; never who complained, and another territory's does not exist."""
    with transaction() as session:
        centre = _centre(session)
        ticket = queries.ticket_of_territory(session, centre, ticket_id)
        reading.read(session, ticket, current_staff().id, reading.Purpose.SUPERVISION, clock.now())
        return render_template(
            "dispatch/territory_ticket.html",
            ticket=ticket,
            orders=queries.orders_of(session, ticket.id),
            watermark=watermark(ticket),
            now=clock.now(),
        )
