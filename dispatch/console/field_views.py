"""There on site, and appraisals by others: the unit's buttons, and the desk's to end an appraisal."""

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from dispatch import field_work
from dispatch.console.order_page import acts_on_order
from dispatch.console.pages import blueprint, me
from dispatch.console.ticket_page import acts_on_ticket
from dispatch.console.work_forms import AppraisalForm
from dispatch.console.worker import actor, by_person_or_link
from dispatch.models import WorkOrder
from hotline import clock
from hotline.permissions import Permission
from hotline.tickets.models import Ticket
from hotline.web.access import requires
from hotline.web.forms import Form


@blueprint.post("/work/<int:order_id>/arrive")
@blueprint.post("/w/<token>/arrive")
@by_person_or_link
@acts_on_order(_("已记录到场时间。"))
def arrive(session: Session, order: WorkOrder, form: Form) -> None:
    field_work.arrive(session, order.id, actor=actor(order.id), now=clock.now())


@blueprint.post("/work/<int:order_id>/appraisal")
@blueprint.post("/w/<token>/appraisal")
@by_person_or_link
@acts_on_order(_("已记录送检，办结时限中止计算；结果出来后请点“结束检验鉴定”。"), AppraisalForm)
def begin_appraisal(session: Session, order: WorkOrder, form: AppraisalForm) -> None:
    note = form.appraisal_note.data
    field_work.begin_appraisal(session, order.id, note=note, actor=actor(order.id), now=clock.now())


@blueprint.post("/work/<int:order_id>/appraisal/end")
@blueprint.post("/w/<token>/appraisal/end")
@by_person_or_link
@acts_on_order(_("检验鉴定已结束，时限继续计算。"))
def end_appraisal(session: Session, order: WorkOrder, form: Form) -> None:
    field_work.end_appraisal(session, order.ticket, actor=actor(order.id), now=clock.now())


@blueprint.post("/dispatch/tickets/<int:ticket_id>/appraisal/end")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("检验鉴定已结束，时限继续计算。"))
def end_appraisal_at_desk(session: Session, ticket: Ticket, form: Form) -> None:
    field_work.end_appraisal(session, ticket, actor=me(), now=clock.now())
