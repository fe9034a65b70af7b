"""More days: asked for by the organisation, decided by the desk (G01)."""

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dispatch import extensions
from dispatch.console.desk_forms import ExtensionDecisionForm
from dispatch.console.pages import blueprint, me
from dispatch.console.ticket_page import on_ticket, ticket_page
from dispatch.console.work_forms import ExtensionForm
from dispatch.console.work_views import on_order, order_page
from dispatch.console.worker import actor, by_person_or_link
from hotline import clock
from hotline.errors import InvalidInput
from hotline.permissions import Permission
from hotline.web.access import requires


@blueprint.post("/work/<int:order_id>/extension")
@blueprint.post("/w/<token>/extension")
@by_person_or_link
def ask_for_days(order_id: int) -> Response:
    form = ExtensionForm()
    if not form.validate():
        return order_page(order_id, wrong=form)
    try:
        return on_order(
            order_id,
            lambda session: extensions.ask(
                session,
                order_id,
                days=form.days.data,
                code=form.extension_code.data,
                reason=form.extension_reason.data,
                actor=actor(order_id),
                now=clock.now(),
            ),
            _("延期申请已提交，等待审批；批准前仍按原时限办理。"),
        )
    except InvalidInput:
        form.days.errors = [_("超过了本单可以延长的天数。")]
    return order_page(order_id, wrong=form)


@blueprint.post("/dispatch/tickets/<int:ticket_id>/extension/<int:extension_id>")
@requires(Permission.APPROVE_EXTENSION)
def decide_extension(ticket_id: int, extension_id: int) -> Response:
    form = ExtensionDecisionForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    return on_ticket(
        ticket_id,
        lambda session, it: extensions.decide(
            session,
            extension_id,
            granted=form.granted.data == "yes",
            note=form.extension_note.data or "",
            actor=me(),
            now=clock.now(),
        ),
        _("已审批。"),
    )
