"""What the review desk does besides sending a ticket out (预审)."""

from flask_babel import gettext as _
from werkzeug.wrappers import Response

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
from dispatch.console.ticket_page import on_ticket, ticket_page
from hotline import clock
from hotline.catalogue.queries import UnknownItem
from hotline.db import transaction
from hotline.errors import InvalidInput, NotFound
from hotline.permissions import Permission
from hotline.tickets import outcomes
from hotline.tickets.queries import by_number
from hotline.web import units
from hotline.web.access import current_staff, requires


@blueprint.post("/dispatch/tickets/<int:ticket_id>/review")
@requires(Permission.DISPATCH)
def take(ticket_id: int) -> Response:
    return on_ticket(
        ticket_id,
        lambda session, it: review.take(session, it, staff_id=current_staff().id, now=clock.now()),
        _("这件工单由您预审。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/missing")
@requires(Permission.DISPATCH)
def return_to_agent(ticket_id: int) -> Response:
    form = MissingForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    return on_ticket(
        ticket_id,
        lambda session, it: review.return_to_agent(
            session, it, missing=form.missing.data, actor=me(), now=clock.now()
        ),
        _("已退回坐席补充。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/legal-route")
@requires(Permission.DISPATCH)
def name_legal_route(ticket_id: int) -> Response:
    form = LegalRouteForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    return on_ticket(
        ticket_id,
        lambda session, it: review.name_legal_route(
            session,
            it,
            form.legal_reason.data,
            explanation=form.legal_explanation.data or "",
            actor=me(),
            now=clock.now(),
        ),
        _("已告知市民法定途径。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/not-accept")
@requires(Permission.DISPATCH)
def not_accept(ticket_id: int) -> Response:
    form = NotAcceptForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    return on_ticket(
        ticket_id,
        lambda session, it: review.not_accept(
            session,
            it,
            form.refuse_reason.data,
            explanation=form.refuse_explanation.data,
            actor=me(),
            now=clock.now(),
        ),
        _("已向市民说明不予受理的原因。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/taken-back")
@requires(Permission.DISPATCH)
def taken_back(ticket_id: int) -> Response:
    """The citizen does not want it handled any more."""
    form = TakenBackForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    return on_ticket(
        ticket_id,
        lambda session, it: outcomes.withdraw(
            session, it, reason=form.taken_back_reason.data, actor=me(), now=clock.now()
        ),
        _("已按市民要求撤回。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/reconsider")
@requires(Permission.DISPATCH)
def reconsider(ticket_id: int) -> Response:
    """Legal route, not accepted, merged or withdrawn: not the last word."""
    form = ReconsiderForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    return on_ticket(
        ticket_id,
        lambda session, it: outcomes.reconsider(
            session, it, reason=form.reconsider_reason.data, actor=me(), now=clock.now()
        ),
        _("已重新审核，时限重新起算。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/merge")
@requires(Permission.DISPATCH)
def merge(ticket_id: int) -> Response:
    form = MergeForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    try:
        with transaction() as session:
            lead_id = by_number(session, form.lead_number.data.upper()).id
        return on_ticket(
            ticket_id,
            lambda session, it: merging.merge(session, it, lead_id, actor=me(), now=clock.now()),
            _("已并单：主单答复时一并告知这位市民。"),
        )
    except NotFound:
        form.lead_number.errors = [_("没有这个工单号，请核对。")]
    except InvalidInput:
        form.lead_number.errors = [_("不能并入自己。")]
    return ticket_page(ticket_id, wrong=form)


@blueprint.post("/dispatch/tickets/<int:ticket_id>/split")
@requires(Permission.DISPATCH)
def split(ticket_id: int) -> Response:
    """A part of the matter is somebody else's: a ticket of its own, which this one waits for."""
    form = SplitForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    try:
        return on_ticket(
            ticket_id,
            lambda session, it: merging.split(
                session,
                it,
                text=form.split_text.data,
                item_code=form.split_item.data.split()[0].upper(),
                place=form.split_place.data or "",
                actor=me(),
                now=clock.now(),
            ),
            _("已拆分，本单在拆出的工单办结后才能答复。"),
        )
    except UnknownItem:
        form.split_item.errors = [_("目录中没有这个事项编码，请从列表中选择。")]
    return ticket_page(ticket_id, wrong=form)


@blueprint.post("/dispatch/tickets/<int:ticket_id>/unit")
@requires(Permission.DISPATCH)
def name_unit(ticket_id: int) -> Response:
    """Whom the complaint is about (H10)."""
    return on_ticket(ticket_id, units.name_unit, _("已注明被投诉单位，派单时避开。"))
