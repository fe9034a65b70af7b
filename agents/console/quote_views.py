"""A citizen says on the telephone whether the firm's price is agreed to (E09)."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hotline import clock
from hotline.db import transaction
from hotline.errors import TransitionRefused
from hotline.permissions import Permission
from hotline.tickets import queries as tickets
from hotline.tickets import quotes
from hotline.web.access import current_staff, requires
from hotline.web.quote_form import QuoteForm

blueprint = Blueprint("quotes", __name__, url_prefix="/tickets/<number>/quote")


@blueprint.post("")
@requires(Permission.OPEN_TICKET)
def answer(number: str) -> Response:
    form = QuoteForm()
    page = redirect(url_for("agents_console.tickets.detail", number=number), 303)
    if not form.validate():
        flash(_("请选择是否接受。"), "error")
        return page
    try:
        with transaction() as session:
            quotes.answer(
                session,
                tickets.locked(session, number),
                quotes.Verdict(form.verdict.data),
                how="telephone",
                words=_("不接受企业报价"),
                actor=f"staff:{current_staff().id}",
                now=clock.now(),
            )
    except TransitionRefused:
        flash(_("现在没有等待答复的报价，或已经答复。"), "error")
    else:
        flash(_("诉求人对报价的答复已记录。"), "ok")
    return page
