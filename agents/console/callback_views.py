"""Citizens to ring back: the most overdue first, each finished with an outcome."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from agents import queries, service
from agents.console.forms import CallBackForm
from hotline import clock
from hotline.db import transaction
from hotline.permissions import Permission
from hotline.tickets import queries as tickets
from hotline.web.access import current_staff, requires
from hotline.web.paging import page_of

blueprint = Blueprint("callbacks", __name__, url_prefix="/callbacks")


@blueprint.get("")
@requires(Permission.CALL_BACK)
def index() -> str:
    """The page, or for its live refresh the list alone."""
    block = _block()
    return (
        block
        if request.headers.get("X-Live-Block")
        else render_template("agents/callbacks.html", block=block)
    )


def _block() -> str:
    now = clock.now()
    with transaction() as session:
        page = page_of(session, queries.open_callbacks())
        about = [row.ticket_id for row in page.rows if row.ticket_id]
        return render_template(
            "agents/_callbacks.html",
            page=page,
            now=now,
            tickets=tickets.by_id(session, about),
            asking=queries.with_open_survey(session, about),
            form=CallBackForm(formdata=None),
        )


@blueprint.post("/<int:callback_id>")
@requires(Permission.CALL_BACK)
def finish(callback_id: int) -> Response:
    form = CallBackForm()
    if not form.validate():
        flash(_("请从列表中选择回呼结果；是否解决、是否满意要一起选；备注最多 500 字。"), "error")
        return redirect(url_for(".index"), 303)
    with transaction() as session:
        service.end_callback(
            session,
            callback_id,
            staff_id=current_staff().id,
            outcome=form.outcome.data,
            note=form.note.data,
            now=clock.now(),
            said=form.said(),
        )
    reached = form.outcome.data == "reached"
    flash(_("已记录：联系上了。") if reached else _("已记录：没有联系上，一小时后再提醒。"), "ok")
    return redirect(url_for(".index"), 303)
