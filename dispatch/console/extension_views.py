"""More days: asked for by the organisation, decided by the desk (G01)."""

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from dispatch import extensions
from dispatch.console.desk_forms import ExtensionDecisionForm
from dispatch.console.order_page import acts_on_order
from dispatch.console.pages import blueprint, me
from dispatch.console.ticket_page import acts_on_ticket
from dispatch.console.work_forms import ExtensionForm
from dispatch.console.worker import actor, by_person_or_link
from dispatch.models import WorkOrder
from hotline import clock
from hotline.errors import InvalidInput
from hotline.permissions import Permission
from hotline.tickets.models import Ticket
from hotline.web.access import requires
from hotline.web.blame import blamed


@blueprint.post("/work/<int:order_id>/extension")
@blueprint.post("/w/<token>/extension")
@by_person_or_link
@acts_on_order(_("延期申请已提交，等待审批；批准前仍按原时限办理。"), ExtensionForm)
def ask_for_days(session: Session, order: WorkOrder, form: ExtensionForm) -> None:
    with blamed(form.days, InvalidInput, _("超过了本单可以延长的天数。")):
        extensions.ask(
            session,
            order.id,
            days=form.days.data,
            code=form.extension_code.data,
            reason=form.extension_reason.data,
            actor=actor(order.id),
            now=clock.now(),
        )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/extension/<int:extension_id>")
@requires(Permission.APPROVE_EXTENSION)
@acts_on_ticket(_("已审批。"), ExtensionDecisionForm)
def decide_extension(
    session: Session, ticket: Ticket, form: ExtensionDecisionForm, extension_id: int
) -> None:
    extensions.decide(
        session,
        extension_id,
        granted=form.granted.data == "yes",
        note=form.extension_note.data or "",
        actor=me(),
        now=clock.now(),
    )
