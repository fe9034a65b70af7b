"""A citizen says on the telephone what the organisation asked for (C04)."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from agents.console.forms import SupplementForm
from hotline import clock
from hotline.db import transaction
from hotline.errors import TransitionRefused
from hotline.permissions import Permission
from hotline.tickets import queries as tickets
from hotline.tickets import supplements
from hotline.web.access import current_staff, requires

blueprint = Blueprint("supplements", __name__, url_prefix="/tickets/<number>/supplement")


@blueprint.post("")
@requires(Permission.OPEN_TICKET)
def give(number: str) -> Response:
    form = SupplementForm()
    page = redirect(url_for("agents_console.tickets.detail", number=number), 303)
    if not form.validate():
        flash(_("请写下诉求人补充的情况，最多 %(most)s 字。", most=supplements.MAX_TEXT), "error")
        return page
    actor = f"staff:{current_staff().id}"
    try:
        with transaction() as session:
            ticket = tickets.locked(session, number)
            supplements.give(
                session, ticket, answer=form.answer.data, how="telephone", actor=actor, now=clock.now()
            )
    except TransitionRefused:
        flash(_("这件诉求现在不需要补充，或已经收到补充。"), "error")
    else:
        flash(_("补充已记录，承办单位继续办理。"), "ok")
    return page
