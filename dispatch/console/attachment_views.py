"""An organisation's files: those of the ticket it works on, and its own (/work/<order>/files)."""

from flask import abort, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dispatch import queries
from dispatch.console.pages import blueprint
from dispatch.console.worker import after, by_person_or_link, mine, worker
from dispatch.models import WorkOrder
from dispatch.states import WorkOrderState
from hotline.attachments.models import Party
from hotline.attachments.queries import HandlerViewer
from hotline.attachments.service import Giver
from hotline.db import transaction
from hotline.permissions import Permission
from hotline.web.access import requires
from hotline.web.attachments import AddForm, Shelf, add, open_with_purpose, send, shelf
from hotline.web.uploads import takes_files


def shelf_of(session: Session, order: WorkOrder) -> Shelf | None:
    """None while the organisation may not see the ticket's files."""
    if not queries.may_see_files(order):
        return None
    working = order.state == WorkOrderState.ACCEPTED
    here = worker(order.id).here
    return shelf(
        session,
        _viewer(order),
        order.ticket,
        lambda file, small=False: url_for(".show_file", **here, attachment_id=file, small=int(small) or None),
        open_url=url_for(".open_files", order_id=order.id),
        add_url=url_for(".add_files", **here) if working else "",
    )


def giver_of(order: WorkOrder) -> Giver:
    return Giver(Party.ORGANISATION, worker(order.id).actor, order.organisation_id)


@blueprint.get("/work/<int:order_id>/files/<int:attachment_id>")
@blueprint.get("/w/<token>/files/<int:attachment_id>")
@by_person_or_link
def show_file(order_id: int, attachment_id: int) -> Response:
    with transaction() as session:
        viewer = _viewer(_mine(session, order_id))
        return send(session, viewer, attachment_id, small="small" in request.args)


@blueprint.post("/work/<int:order_id>/files/open")
@requires(Permission.WORK_ORDERS)
def open_files(order_id: int) -> Response:
    with transaction() as session:
        order = _mine(session, order_id)
        open_with_purpose(session, _viewer(order), order.ticket)
    return redirect(url_for(".order", order_id=order_id), 303)


@blueprint.post("/work/<int:order_id>/files")
@blueprint.post("/w/<token>/files")
@by_person_or_link
@takes_files
def add_files(order_id: int) -> Response:
    """While it works on the ticket."""
    with transaction() as session:
        order = _mine(session, order_id)
        ticket_id, giver, working = order.ticket_id, giver_of(order), order.state == WorkOrderState.ACCEPTED
    if not working:
        abort(409)
    add(ticket_id, AddForm(), giver)
    return redirect(after(order_id), 303)


def _mine(session: Session, order_id: int) -> WorkOrder:
    order = mine(session, order_id)
    if not queries.may_see_files(order):
        abort(404)
    return order


def _viewer(order: WorkOrder) -> HandlerViewer:
    return HandlerViewer(worker(order.id).staff_id or 0, order.organisation_id, order.ticket_id)
