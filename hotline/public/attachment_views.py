"""A citizen's own ticket, opened with number and code: more files for it, and those of the answer."""

from flask import Blueprint, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hotline.attachments.models import Party
from hotline.attachments.queries import CitizenViewer
from hotline.attachments.service import Giver
from hotline.db import transaction
from hotline.tickets.models import Ticket
from hotline.tickets.queries import by_number
from hotline.tickets.states import PUBLIC_STATE, TicketState
from hotline.web.access import open_to_all
from hotline.web.attachments import AddForm, Shelf, add, send, shelf
from hotline.web.uploads import takes_files

blueprint = Blueprint("files", __name__, url_prefix="/ticket/<number>/files")
OPENED = "opened_tickets"  # the tickets this browser opened with a right code


def shelf_of(database: Session, ticket: Ticket) -> Shelf:
    number = ticket.number
    return shelf(
        database,
        CitizenViewer(ticket.id),
        ticket,
        lambda file, small=False: url_for(
            "public.files.show", number=number, attachment_id=file, small=int(small) or None
        ),
        add_url=url_for("public.files.add_files", number=number) if _takes_more(ticket) else "",
    )


@blueprint.get("/<int:attachment_id>")
@open_to_all
def show(number: str, attachment_id: int) -> Response:
    if number not in session.get(OPENED, ()):
        return _ask_for_the_code(number)
    with transaction() as database:
        viewer = CitizenViewer(by_number(database, number).id)
        return send(database, viewer, attachment_id, small="small" in request.args)


@blueprint.post("")
@open_to_all
@takes_files
def add_files(number: str) -> Response:
    if number not in session.get(OPENED, ()):
        return _ask_for_the_code(number)
    form = AddForm()
    with transaction() as database:
        ticket = by_number(database, number)
    if not _takes_more(ticket):
        flash(_("这件诉求已经办结，不再接收附件。仍有问题请拨打 12345。"), "error")
        return redirect(url_for("public.follow", number=number), 303)
    actor = f"caller:{ticket.caller_id or 'anonymous'}"
    add(ticket.id, form, Giver(Party.CITIZEN, actor))
    return redirect(url_for("public.follow", number=number), 303)


def _takes_more(ticket: Ticket) -> bool:
    """Until it is over for the citizen."""
    return PUBLIC_STATE[TicketState(ticket.state)] != "finished"


def _ask_for_the_code(number: str) -> Response:
    flash(_("请填写短信里的查询码。"), "ok")
    return redirect(url_for("public.start", number=number), 303)
