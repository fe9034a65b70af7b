"""The centre decides whose a disputed ticket is (D07)."""

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dispatch import returns
from dispatch.console.desk_forms import VerdictForm
from dispatch.console.hard_case_forms import LegalVerdictForm
from dispatch.console.pages import blueprint, me
from dispatch.console.ticket_page import on_ticket, ticket_page
from hotline import clock
from hotline.permissions import Permission
from hotline.web.access import requires


@blueprint.post("/dispatch/tickets/<int:ticket_id>/verdict")
@requires(Permission.ADJUDICATE)
def adjudicate(ticket_id: int) -> Response:
    form = VerdictForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    return on_ticket(
        ticket_id,
        lambda session, it: returns.adjudicate(
            session,
            it,
            organisation_id=form.verdict_for.data,
            code=form.verdict_code.data,
            grounds=form.grounds.data,
            actor=me(),
            now=clock.now(),
        ),
        _("已裁定并派出，承办单位不得再退回。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/verdict-route")
@requires(Permission.ADJUDICATE)
def name_route_by_verdict(ticket_id: int) -> Response:
    """Nobody's: the law has another way for it, and the citizen reads which (Z04)."""
    form = LegalVerdictForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    return on_ticket(
        ticket_id,
        lambda session, it: returns.name_legal_route(
            session,
            it,
            form.route.data,
            explanation=form.route_explanation.data or "",
            grounds=form.route_grounds.data,
            actor=me(),
            now=clock.now(),
        ),
        _("已裁定走法定途径，正在告知市民。"),
    )
