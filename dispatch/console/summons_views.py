"""A whistle for departments and the call-out of organisations on call (E06, E07); who is called answers from
its in-tray."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dispatch import queries, summons, work_order
from dispatch.console.office_forms import SummonsForm
from dispatch.console.order_page import acts_on_order
from dispatch.console.pages import blueprint, me
from dispatch.console.ticket_page import acts_on_ticket
from dispatch.models import WorkOrder
from hotline import clock
from hotline.db import transaction
from hotline.errors import InvalidInput, NotAllowed, TransitionRefused
from hotline.organisations.queries import NoHandler
from hotline.permissions import Permission
from hotline.tickets.models import Ticket
from hotline.web.access import current_staff, requires
from hotline.web.blame import blamed

CALLED = _("已通知，请等待报到。")


@blueprint.post("/dispatch/tickets/<int:ticket_id>/summons")
@requires(Permission.DISPATCH)
@acts_on_ticket(CALLED, SummonsForm)
def call_out(session: Session, ticket: Ticket, form: SummonsForm) -> None:
    _call(session, ticket, form)


@blueprint.post("/work/<int:order_id>/summons")
@requires(Permission.WORK_ORDERS)
@acts_on_order(CALLED, SummonsForm)
def whistle(session: Session, order: WorkOrder, form: SummonsForm) -> None:
    if not summons.may_whistle(order):
        raise NotAllowed("the office at work on the spot blows the whistle")
    ticket = work_order.locked(session, order.id).ticket
    _call(session, ticket, form, caller=order.organisation)


@blueprint.post("/work/check-ins/<int:check_in_id>")
@requires(Permission.WORK_ORDERS)
def report(check_in_id: int) -> Response:
    try:
        with transaction() as session:
            unit_id = current_staff().organisation_id or 0
            summons.report(session, check_in_id, unit_id, actor=me(), now=clock.now())
    except TransitionRefused:
        flash(gettext("已经报到过。"), "error")
    else:
        flash(gettext("已报到。"), "ok")
    return redirect(url_for(".in_tray"), 303)


def _call(session: Session, ticket: Ticket, form: SummonsForm, **named: Any) -> None:
    with blamed(form.called, NoHandler, _("有的单位找不到，请逐行填写单位全称或部门名称。")):
        called = [queries.office_named(session, name, ticket) for name in form.names]
    with blamed(form.called, InvalidInput, _("本单位、企业和已通知还没有报到的单位不能再通知。")):
        reason = form.summons_reason.data
        summons.call(session, ticket, called, reason=reason, actor=me(), now=clock.now(), **named)
