"""The centre decides whose a disputed ticket is (D07)."""

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from dispatch import returns
from dispatch.console.desk_forms import VerdictForm
from dispatch.console.hard_case_forms import LegalVerdictForm
from dispatch.console.pages import blueprint, me
from dispatch.console.ticket_page import acts_on_ticket
from hotline import clock
from hotline.permissions import Permission
from hotline.tickets.models import Ticket
from hotline.web.access import requires


@blueprint.post("/dispatch/tickets/<int:ticket_id>/verdict")
@requires(Permission.ADJUDICATE)
@acts_on_ticket(_("已裁定并派出，承办单位不得再退回。"), VerdictForm)
def adjudicate(session: Session, ticket: Ticket, form: VerdictForm) -> None:
    returns.adjudicate(
        session,
        ticket,
        organisation_id=form.verdict_for.data,
        code=form.verdict_code.data,
        grounds=form.grounds.data,
        actor=me(),
        now=clock.now(),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/verdict-route")
@requires(Permission.ADJUDICATE)
@acts_on_ticket(_("已裁定走法定途径，正在告知市民。"), LegalVerdictForm)
def name_route_by_verdict(session: Session, ticket: Ticket, form: LegalVerdictForm) -> None:
    """Nobody's: the law has another way for it, and the citizen reads which (Z04)."""
    returns.name_legal_route(
        session,
        ticket,
        form.route.data,
        explanation=form.route_explanation.data or "",
        grounds=form.route_grounds.data,
        actor=me(),
        now=clock.now(),
    )
