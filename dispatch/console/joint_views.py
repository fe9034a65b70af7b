"""Joint work on pages: asked for by the lead or added by the desk, done by assisting organisations (F01)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dispatch import joint, queries
from dispatch.console.forms import AcceptForm
from dispatch.console.order_page import acts_on_order
from dispatch.console.pages import blueprint, me
from dispatch.console.part_forms import PartAnswerForm, PartForm, WaiveForm
from dispatch.console.ticket_page import act_on_ticket, acts_on_ticket
from dispatch.models import WorkOrder
from hotline import clock
from hotline.errors import InvalidInput
from hotline.organisations.queries import NoHandler
from hotline.permissions import Permission
from hotline.tickets.models import Ticket
from hotline.web.access import requires
from hotline.web.blame import blamed
from hotline.web.forms import Form


@blueprint.post("/work/<int:order_id>/parts")
@requires(Permission.WORK_ORDERS)
@acts_on_order(_("已申请协办，热线同意后派出。"), PartForm)
def propose_part(session: Session, order: WorkOrder, form: PartForm) -> None:
    with _office_that_can_assist(form):
        joint.propose(session, order.id, **_asked(session, order.ticket, form))


@blueprint.post("/dispatch/tickets/<int:ticket_id>/parts")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已派给协办单位。"), PartForm)
def add_part(session: Session, ticket: Ticket, form: PartForm) -> None:
    with _office_that_can_assist(form):
        joint.add(session, ticket, **_asked(session, ticket, form))


@blueprint.post("/dispatch/tickets/<int:ticket_id>/parts/<int:part_id>")
@requires(Permission.DISPATCH)
def confirm_part(ticket_id: int, part_id: int) -> Response:
    agreed = request.form.get("agreed") == "yes"

    def confirm(session: Session, ticket: Ticket, form: Form) -> None:
        joint.confirm(session, part_id, agreed=agreed, actor=me(), now=clock.now())

    done = _("已派给协办单位。") if agreed else _("未同意协办。")
    return act_on_ticket(ticket_id, Form(), confirm, done)


@blueprint.post("/work/<int:order_id>/parts/<int:part_id>/waive")
@requires(Permission.WORK_ORDERS)
@acts_on_order(_("已免除协办。"), WaiveForm)
def waive_part(session: Session, order: WorkOrder, form: WaiveForm, part_id: int) -> None:
    reason = form.waive_reason.data
    joint.waive(session, part_id, lead_id=order.id, reason=reason, actor=me(), now=clock.now())


@blueprint.post("/work/<int:order_id>/part/claim")
@requires(Permission.WORK_ORDERS)
@acts_on_order(_("已接收，请在时限内答复主办单位。"), AcceptForm)
def claim_part(session: Session, order: WorkOrder, form: AcceptForm) -> None:
    person = form.responsible_person.data
    joint.claim(session, order.id, responsible_person=person, actor=me(), now=clock.now())


@blueprint.post("/work/<int:order_id>/part/answer")
@requires(Permission.WORK_ORDERS)
@acts_on_order(_("已答复主办单位。"), PartAnswerForm)
def answer_part(session: Session, order: WorkOrder, form: PartAnswerForm) -> None:
    joint.answer(session, order.id, text=form.part_answer.data, actor=me(), now=clock.now())


def _asked(session: Session, ticket: Ticket, form: PartForm) -> dict[str, Any]:
    return {
        "organisation_id": queries.office_named(session, form.assisting.data, ticket).id,
        "kind": form.joint_kind.data,
        "task": form.task.data,
        "days": form.part_days.data,
        "actor": me(),
        "now": clock.now(),
    }


@contextmanager
def _office_that_can_assist(form: PartForm) -> Iterator[None]:
    unknown = blamed(form.assisting, NoHandler, _("没有这个单位，请从列表中选择。"))
    with unknown, blamed(form.assisting, InvalidInput, _("主办单位、企业和已在协办的单位不能再作协办。")):
        yield
