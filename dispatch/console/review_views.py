"""What the review desk does besides sending a ticket out (预审)."""

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from dispatch import merging, review
from dispatch.console.pages import blueprint, me
from dispatch.console.review_forms import (
    LegalRouteForm,
    MergeForm,
    MissingForm,
    NotAcceptForm,
    ReconsiderForm,
    SplitForm,
    TakenBackForm,
)
from dispatch.console.ticket_page import acts_on_ticket
from hotline import clock
from hotline.catalogue.queries import UnknownItem
from hotline.errors import InvalidInput, NotFound
from hotline.permissions import Permission
from hotline.tickets import outcomes
from hotline.tickets.models import Ticket
from hotline.tickets.queries import by_number
from hotline.web import units
from hotline.web.access import current_staff, requires
from hotline.web.blame import blamed
from hotline.web.forms import Form


@blueprint.post("/dispatch/tickets/<int:ticket_id>/review")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("这件工单由您预审。"))
def take(session: Session, ticket: Ticket, form: Form) -> None:
    review.take(session, ticket, staff_id=current_staff().id, now=clock.now())


@blueprint.post("/dispatch/tickets/<int:ticket_id>/missing")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已退回坐席补充。"), MissingForm)
def return_to_agent(session: Session, ticket: Ticket, form: MissingForm) -> None:
    review.return_to_agent(session, ticket, missing=form.missing.data, actor=me(), now=clock.now())


@blueprint.post("/dispatch/tickets/<int:ticket_id>/legal-route")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已告知市民法定途径。"), LegalRouteForm)
def name_legal_route(session: Session, ticket: Ticket, form: LegalRouteForm) -> None:
    review.name_legal_route(
        session,
        ticket,
        form.legal_reason.data,
        explanation=form.legal_explanation.data or "",
        actor=me(),
        now=clock.now(),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/not-accept")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已向市民说明不予受理的原因。"), NotAcceptForm)
def not_accept(session: Session, ticket: Ticket, form: NotAcceptForm) -> None:
    review.not_accept(
        session,
        ticket,
        form.refuse_reason.data,
        explanation=form.refuse_explanation.data,
        actor=me(),
        now=clock.now(),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/taken-back")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已按市民要求撤回。"), TakenBackForm)
def taken_back(session: Session, ticket: Ticket, form: TakenBackForm) -> None:
    """The citizen does not want it handled any more."""
    outcomes.withdraw(session, ticket, reason=form.taken_back_reason.data, actor=me(), now=clock.now())


@blueprint.post("/dispatch/tickets/<int:ticket_id>/reconsider")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已重新审核，时限重新起算。"), ReconsiderForm)
def reconsider(session: Session, ticket: Ticket, form: ReconsiderForm) -> None:
    """Legal route, not accepted, merged or withdrawn: not the last word."""
    outcomes.reconsider(session, ticket, reason=form.reconsider_reason.data, actor=me(), now=clock.now())


@blueprint.post("/dispatch/tickets/<int:ticket_id>/merge")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已并单：主单答复时一并告知这位市民。"), MergeForm)
def merge(session: Session, ticket: Ticket, form: MergeForm) -> None:
    field = form.lead_number
    with blamed(field, NotFound, _("没有这个工单号，请核对。")):
        lead = by_number(session, field.data.upper())
    with blamed(field, InvalidInput, _("不能并入自己。")):
        merging.merge(session, ticket, lead.id, actor=me(), now=clock.now())


@blueprint.post("/dispatch/tickets/<int:ticket_id>/split")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已拆分，本单在拆出的工单办结后才能答复。"), SplitForm)
def split(session: Session, ticket: Ticket, form: SplitForm) -> None:
    """A part of the matter is somebody else's: a ticket of its own, which this one waits for."""
    with blamed(form.split_item, UnknownItem, _("目录中没有这个事项编码，请从列表中选择。")):
        merging.split(
            session,
            ticket,
            text=form.split_text.data,
            item_code=form.split_item.data.split()[0].upper(),
            place=form.split_place.data or "",
            actor=me(),
            now=clock.now(),
        )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/unit")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已注明被投诉单位，派单时避开。"))
def name_unit(session: Session, ticket: Ticket, form: Form) -> None:
    """Whom the complaint is about (H10)."""
    units.name_unit(session, ticket)
