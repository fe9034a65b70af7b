"""A paid job is contested: the firm answers, the desk decides and marks the refund as paid (E09)."""

from flask import render_template
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from dispatch.console.desk_forms import GrievanceDecisionForm, RefundPaidForm
from dispatch.console.order_page import acts_on_order
from dispatch.console.pages import blueprint, me
from dispatch.console.ticket_page import acts_on_ticket
from dispatch.console.work_forms import GrievanceAnswerForm
from dispatch.console.worker import actor, by_person_or_link
from dispatch.models import WorkOrder
from hotline import clock
from hotline.db import transaction
from hotline.errors import NotFound
from hotline.permissions import Permission
from hotline.tickets import grievances
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.web.access import requires
from hotline.web.paging import page_of


@blueprint.get("/dispatch/grievances")
@requires(Permission.DISPATCH)
def contested() -> str:
    with transaction() as session:
        page = page_of(session, grievances.open_ones(), size=20)
        return render_template("dispatch/grievances.html", page=page)


@blueprint.post("/work/<int:order_id>/grievance")
@blueprint.post("/w/<token>/grievance")
@by_person_or_link
@acts_on_order(_("答复已提交，等热线裁决。"), GrievanceAnswerForm)
def answer_grievance(session: Session, order: WorkOrder, form: GrievanceAnswerForm) -> None:
    tickets.get(session, order.ticket_id, lock=True)
    raised = grievances.of_order(session, order.id)
    if raised is None:
        raise NotFound(f"work order {order.id} is not contested")
    session.refresh(raised)
    grievances.answer(session, raised, form.side.data, actor=actor(order.id), now=clock.now())


@blueprint.post("/dispatch/tickets/<int:ticket_id>/grievance/<int:grievance_id>")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("裁决已记录。"), GrievanceDecisionForm)
def decide_grievance(
    session: Session, ticket: Ticket, form: GrievanceDecisionForm, grievance_id: int
) -> None:
    grievances.decide(
        session,
        grievances.one(session, ticket, grievance_id),
        refund=form.refund.data,
        reason=form.decision_reason.data,
        actor=me(),
        now=clock.now(),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/grievance/<int:grievance_id>/paid")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已记录退款付清。"), RefundPaidForm)
def refund_paid(session: Session, ticket: Ticket, form: RefundPaidForm, grievance_id: int) -> None:
    grievances.mark_paid(
        session,
        grievances.one(session, ticket, grievance_id),
        note=form.paid_note.data,
        actor=me(),
        now=clock.now(),
    )
