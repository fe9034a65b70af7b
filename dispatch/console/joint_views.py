"""Joint work on pages: asked for by the lead or added by the desk, done by assisting organisations (F01)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dispatch import joint, queries
from dispatch.console.forms import AcceptForm
from dispatch.console.pages import blueprint, me
from dispatch.console.part_forms import PartAnswerForm, PartForm, WaiveForm
from dispatch.console.ticket_page import on_ticket, ticket_page
from dispatch.console.work_views import on_order, order_page
from hotline import clock
from hotline.errors import InvalidInput
from hotline.organisations.queries import NoHandler
from hotline.permissions import Permission
from hotline.tickets.models import Ticket
from hotline.web.access import current_staff, requires


@blueprint.post("/work/<int:order_id>/parts")
@requires(Permission.WORK_ORDERS)
def propose_part(order_id: int) -> Response:
    form = PartForm()

    def act(session: Session) -> None:
        lead = queries.order_for(session, order_id, current_staff().organisation_id)
        joint.propose(session, order_id, **_asked(session, lead.ticket, form))

    done = _("已申请协办，热线同意后派出。")
    return _with_part(form, partial(order_page, order_id), lambda: on_order(order_id, act, done))


@blueprint.post("/dispatch/tickets/<int:ticket_id>/parts")
@requires(Permission.DISPATCH)
def add_part(ticket_id: int) -> Response:
    form = PartForm()

    def act(session: Session, ticket: Ticket) -> None:
        joint.add(session, ticket, **_asked(session, ticket, form))

    done = _("已派给协办单位。")
    return _with_part(form, partial(ticket_page, ticket_id), lambda: on_ticket(ticket_id, act, done))


@blueprint.post("/dispatch/tickets/<int:ticket_id>/parts/<int:part_id>")
@requires(Permission.DISPATCH)
def confirm_part(ticket_id: int, part_id: int) -> Response:
    agreed = request.form.get("agreed") == "yes"
    return on_ticket(
        ticket_id,
        lambda session, it: joint.confirm(session, part_id, agreed=agreed, actor=me(), now=clock.now()),
        _("已派给协办单位。") if agreed else _("未同意协办。"),
    )


@blueprint.post("/work/<int:order_id>/parts/<int:part_id>/waive")
@requires(Permission.WORK_ORDERS)
def waive_part(order_id: int, part_id: int) -> Response:
    form = WaiveForm()
    if not form.validate():
        return order_page(order_id, wrong=form)
    return on_order(
        order_id,
        lambda session: joint.waive(
            session, part_id, lead_id=order_id, reason=form.waive_reason.data, actor=me(), now=clock.now()
        ),
        _("已免除协办。"),
    )


@blueprint.post("/work/<int:order_id>/part/claim")
@requires(Permission.WORK_ORDERS)
def claim_part(order_id: int) -> Response:
    form = AcceptForm()
    if not form.validate():
        return order_page(order_id, wrong=form)
    return on_order(
        order_id,
        lambda session: joint.claim(
            session,
            order_id,
            responsible_person=form.responsible_person.data,
            actor=me(),
            now=clock.now(),
        ),
        _("已接收，请在时限内答复主办单位。"),
    )


@blueprint.post("/work/<int:order_id>/part/answer")
@requires(Permission.WORK_ORDERS)
def answer_part(order_id: int) -> Response:
    form = PartAnswerForm()
    if not form.validate():
        return order_page(order_id, wrong=form)
    return on_order(
        order_id,
        lambda session: joint.answer(
            session, order_id, text=form.part_answer.data, actor=me(), now=clock.now()
        ),
        _("已答复主办单位。"),
    )


def _asked(session: Session, ticket: Ticket, form: PartForm) -> dict[str, Any]:
    return {
        "organisation_id": queries.office_named(session, form.assisting.data, ticket).id,
        "kind": form.joint_kind.data,
        "task": form.task.data,
        "days": form.part_days.data,
        "actor": me(),
        "now": clock.now(),
    }


def _with_part(form: PartForm, page: Callable[..., Response], act: Callable[[], Response]) -> Response:
    """The form again where it names no office that can assist."""
    if not form.validate():
        return page(wrong=form)
    try:
        return act()
    except NoHandler:
        form.assisting.errors = [_("没有这个单位，请从列表中选择。")]
    except InvalidInput:
        form.assisting.errors = [_("主办单位、企业和已在协办的单位不能再作协办。")]
    return page(wrong=form)
