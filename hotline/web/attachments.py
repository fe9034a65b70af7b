"""A ticket's files as people see them: the shelf on its page, one file over the wire, the hotline's views."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import RadioField

from hotline import clock
from hotline.attachments import queries, service, store
from hotline.attachments.kinds import Family
from hotline.attachments.models import Attachment, Party
from hotline.attachments.queries import HotlineViewer, Viewer
from hotline.db import transaction
from hotline.errors import InvalidInput, NotFound
from hotline.permissions import Permission, allows
from hotline.tickets import reading
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.web import uploads
from hotline.web.access import current_staff, requires
from hotline.web.forms import Form
from hotline.web.labels import choices
from hotline.web.uploads import FilesField, takes_files

blueprint = Blueprint("attachments", __name__, url_prefix="/attachments")
SANDBOX = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"


class AddForm(Form):
    """Files for a ticket that is there already."""

    files = FilesField(lazy_gettext("照片、视频或 PDF"), id="more-files")


class HotlineAddForm(AddForm):
    whose = RadioField(
        lazy_gettext("谁提供的"),
        choices=choices("party", [Party.CITIZEN, Party.HOTLINE]),
        default=Party.CITIZEN,
    )


@dataclass(frozen=True)
class OnShelf:
    file: Attachment
    name: str
    url: str
    small_url: str


@dataclass(frozen=True)
class Shelf:
    """`open_url`: there a purpose must be given before the rest is shown, unless it was given for the ticket
    (`purpose`). `hidden` are files this person may not see. `add_url` is empty where nothing may be added."""

    files: Sequence[OnShelf]
    hidden: Sequence[Attachment]
    open_url: str
    add_url: str
    form: AddForm
    purpose: str = ""


# --- for every page that shows a ticket -----------------------------------------------------------------


def shelf(
    session: Session,
    viewer: Viewer,
    ticket: Ticket,
    url: Callable[..., str],
    *,
    open_url: str = "",
    add_url: str = "",
    purpose: str = "",
) -> Shelf:
    """`url(attachment_id, small)` leads to one file."""
    all_ = queries.of_ticket(session, ticket.id)
    may = [a for a in all_ if queries.may_see(session, viewer, a)]
    open_ = queries.open_now(session, viewer, all_, clock.now())
    return Shelf(
        files=[_on_shelf(viewer, a, url) for a in open_],
        hidden=[a for a in all_ if a not in may],
        open_url=open_url if len(open_) < len(may) else "",
        add_url=add_url,
        form=(HotlineAddForm if isinstance(viewer, HotlineViewer) else AddForm)(formdata=None),
        purpose=purpose,
    )


def send(session: Session, viewer: Viewer, attachment_id: int, *, small: bool = False) -> Response:
    """The file, for who may see it; for others it does not exist. Raises NotFound."""
    found = queries.one(session, attachment_id)
    if not queries.open_now(session, viewer, [found], clock.now()):
        raise NotFound(f"no attachment {attachment_id}")
    path = store.small_of(found.sha256) if small else store.path_of(found.sha256)
    if not path.is_file():
        raise NotFound(f"attachment {attachment_id} is not on the disk")
    answer = send_file(
        path,
        mimetype="image/jpeg" if small else found.kind.media_type,
        as_attachment=found.family is Family.PAPER,
        download_name=queries.name_for(viewer, found),
        conditional=True,
        etag=f"{found.sha256}{'-small' if small else ''}",
    )
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer


def add(ticket_id: int, form: AddForm, giver: service.Giver) -> None:
    """What is fine is added, the rest is told by name."""
    form.files.validate(form)
    form.files.tell_lost()
    for error in form.files.errors:
        flash(error, "error")
    try:
        with transaction() as session:
            ticket = tickets.get(session, ticket_id)
            added = service.attach(session, ticket, form.files.data, giver, now=clock.now())
    except service.TicketFull:
        flash(uploads.too_many(), "error")
        return
    if added:
        flash(_("已添加 %(count)s 个附件。", count=len(added)), "ok")
    elif form.files.data:
        flash(_("工单里已经有这些文件。"), "ok")
    elif not form.files.errors and not form.files.lost:
        flash(_("请先选择文件。"), "error")


def _on_shelf(viewer: Viewer, attachment: Attachment, url: Callable[..., str]) -> OnShelf:
    small = url(attachment.id, small=True) if attachment.family is Family.PICTURE else ""
    return OnShelf(attachment, queries.name_for(viewer, attachment), url(attachment.id), small)


# --- the hotline's people -------------------------------------------------------------------------------


def hotline_shelf(session: Session, ticket: Ticket) -> Shelf:
    staff = current_staff()
    may_add = allows(staff.role, Permission.OPEN_TICKET)
    return shelf(
        session,
        HotlineViewer(staff.id, staff.role),
        ticket,
        lambda number, small=False: url_for(
            "attachments.show", attachment_id=number, small=int(small) or None
        ),
        open_url=url_for("attachments.open_all", ticket_id=ticket.id),
        add_url=url_for("attachments.add_files", ticket_id=ticket.id) if may_add else "",
        purpose=reading.purpose_given(session, ticket, staff.id, clock.now()),
    )


@blueprint.get("/<int:attachment_id>")
@requires(Permission.SEE_TICKETS)
def show(attachment_id: int) -> Response:
    staff = current_staff()
    with transaction() as session:
        viewer = HotlineViewer(staff.id, staff.role)
        return send(session, viewer, attachment_id, small="small" in request.args)


@blueprint.post("/tickets/<int:ticket_id>/open")
@requires(Permission.SEE_TICKETS)
def open_all(ticket_id: int) -> Response:
    staff = current_staff()
    with transaction() as session:
        ticket = tickets.get(session, ticket_id)
        purpose = reading.purpose_given(session, ticket, staff.id, clock.now())
        open_with_purpose(session, HotlineViewer(staff.id, staff.role), ticket, purpose)
    return back()


@blueprint.post("/tickets/<int:ticket_id>")
@requires(Permission.OPEN_TICKET)
@takes_files
def add_files(ticket_id: int) -> Response:
    form = HotlineAddForm()
    party = Party.HOTLINE if form.whose.data == Party.HOTLINE else Party.CITIZEN
    add(ticket_id, form, service.Giver(party, f"staff:{current_staff().id}"))
    return back()


def open_with_purpose(
    session: Session, viewer: queries.StaffViewer, ticket: Ticket, otherwise: str = ""
) -> None:
    purpose = request.form.get("purpose", otherwise)
    try:
        service.open_shelf(session, viewer, ticket, purpose=purpose, now=clock.now())
    except InvalidInput:
        flash(_("请写明查看附件的用途，不超过 %(most)s 字。", most=service.LONGEST_PURPOSE), "error")


def back() -> Response:
    """To the page the form stood on; only ever one of ours."""
    page = request.form.get("next", "")
    return redirect(page if page.startswith("/") and page[1:2] not in ("/", "\\") else "/", 303)
