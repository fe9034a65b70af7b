"""What an agent does with a registered ticket: mends it for the desk, takes it back for the citizen."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from agents import mending, queries
from agents.console.forms import MendForm, TakenBackForm
from agents.console.ticket_views import ticket_page
from hotline import clock
from hotline.catalogue.queries import UnknownItem
from hotline.db import transaction
from hotline.errors import InvalidInput, TransitionRefused
from hotline.permissions import Permission
from hotline.tickets import outcomes
from hotline.tickets import service as tickets
from hotline.tickets.queries import by_number
from hotline.web import units
from hotline.web.access import current_staff, requires

blueprint = Blueprint("mending", __name__, url_prefix="/tickets")


@blueprint.post("/<number>/again")
@requires(Permission.OPEN_TICKET)
def register_again(number: str) -> Response:
    """With what the desk missed."""
    form = MendForm()
    with transaction() as session:
        form.offer(queries.places_to_choose(session, by_number(session, number)))
    if not form.validate():
        return ticket_page(number, form)
    try:
        with transaction() as session:
            ticket = tickets.get(session, by_number(session, number).id, lock=True)
            mending.register_again(
                session,
                ticket,
                form.mended(),
                reason=_("补充后重新登记"),
                staff_id=current_staff().id,
                now=clock.now(),
            )
    except UnknownItem:
        form.item_code.errors = [_("目录中没有这个事项编码，请从建议或列表中选择")]
        return ticket_page(number, form)
    except TransitionRefused:
        return _too_late(number)
    return _done(number, _("已重新登记，派单员会看到。"))


@blueprint.post("/<number>/withdraw")
@requires(Permission.OPEN_TICKET)
def withdraw(number: str) -> Response:
    """The citizen rang and takes it back."""
    form = TakenBackForm()
    if not form.validate():
        return ticket_page(number, form)
    try:
        with transaction() as session:
            ticket = tickets.get(session, by_number(session, number).id, lock=True)
            actor = f"staff:{current_staff().id}"
            outcomes.withdraw(session, ticket, reason=form.reason.data, actor=actor, now=clock.now())
    except TransitionRefused:
        return _too_late(number)
    return _done(number, _("已按市民要求撤回。"))


@blueprint.post("/<number>/unit")
@requires(Permission.OPEN_TICKET)
def name_unit(number: str) -> Response:
    """Whom the complaint is about (H10)."""
    try:
        with transaction() as session:
            units.name_unit(session, tickets.get(session, by_number(session, number).id, lock=True))
    except (InvalidInput, TransitionRefused):
        return _too_late(number)
    return _done(number, _("已注明被投诉单位，派单时避开。"))


def _too_late(number: str) -> Response:
    flash(_("情况已经改变，刚才的操作没有生效。下面是最新情况。"), "error")
    return redirect(url_for("agents_console.tickets.detail", number=number), 303)


def _done(number: str, said: str) -> Response:
    flash(said, "ok")
    return redirect(url_for("agents_console.tickets.detail", number=number), 303)
