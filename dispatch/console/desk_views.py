"""The dispatcher's review desk (/dispatch)."""

from flask import redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dispatch import queries, service, territory
from dispatch.console.forms import (
    ChooseForm,
    DirectAnswerForm,
    ItemForm,
    RejectForm,
    ReopenForm,
    TerritoryForm,
    WithdrawForm,
)
from dispatch.console.pages import blueprint, list_or_block, me
from dispatch.console.ticket_page import on_ticket, ticket_page
from hotline import clock
from hotline.attachments.service import EvidenceMissing, require_evidence
from hotline.catalogue.queries import UnknownItem
from hotline.db import transaction
from hotline.errors import InvalidInput
from hotline.permissions import Permission
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.queries import find as find_ticket
from hotline.web.access import current_staff, requires
from hotline.web.paging import page_of
from hotline.web.uploads import lacking

LIVE_DESK = (
    "ticket_opened ticket_state_changed no_firm_found work_order_sent work_order_offered work_order_declined"
)


@blueprint.get("/dispatch")
@requires(Permission.DISPATCH)
def desk() -> Response:
    """The tab's tickets; ?number=… goes straight to one. A live refresh gets the list alone."""
    number = request.args.get("number", "").strip()
    with transaction() as session:
        found = find_ticket(session, number) if number else None
        if found:
            return redirect(url_for(".ticket", ticket_id=found.id), 303)
        counts = queries.desk_counts(session)
        tab = request.args.get("tab", "")
        if tab not in queries.DESK:
            tab = next((name for name, count in counts.items() if count), "new")
        page = page_of(session, queries.desk(tab), size=20)
        return list_or_block("desk", tab=tab, counts=counts, page=page, number=number, live_kinds=LIVE_DESK)


@blueprint.get("/dispatch/tickets/<int:ticket_id>")
@requires(Permission.DISPATCH)
def ticket(ticket_id: int) -> Response:
    return ticket_page(ticket_id)


@blueprint.post("/dispatch/tickets/<int:ticket_id>/dispatch")
@requires(Permission.DISPATCH)
def send(ticket_id: int) -> Response:
    """As the rules suggest."""
    return on_ticket(
        ticket_id,
        lambda session, it: service.dispatch(session, it, actor=me(), now=clock.now()),
        _("已按建议派出。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/choose")
@requires(Permission.DISPATCH)
def choose(ticket_id: int) -> Response:
    """To the organisation the dispatcher picked."""
    form = ChooseForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    return on_ticket(
        ticket_id,
        lambda session, it: service.dispatch(
            session, it, actor=me(), now=clock.now(), organisation_id=form.organisation_id.data
        ),
        _("已派给所选单位。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/item")
@requires(Permission.DISPATCH)
def reclassify(ticket_id: int) -> Response:
    """The matter is another one than it was filed under (B02)."""
    form = ItemForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    code = form.item_code.data.split()[0].upper()
    try:
        return on_ticket(
            ticket_id,
            lambda session, it: service.reclassify(
                session,
                it,
                code,
                reason=form.item_reason.data,
                staff_id=current_staff().id,
                now=clock.now(),
            ),
            _("事项已更改，时限按新事项从受理时起算。"),
        )
    except UnknownItem:
        form.item_code.errors = [_("目录中没有这个事项编码，请从列表中选择。")]
    except InvalidInput:
        form.item_code.errors = [_("工单已经在这个事项之下。")]
    return ticket_page(ticket_id, wrong=form)


@blueprint.post("/dispatch/tickets/<int:ticket_id>/territory")
@requires(Permission.DISPATCH)
def decide_territory(ticket_id: int) -> Response:
    """Where it belongs, before whose matter it is (D03)."""
    form = TerritoryForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    return on_ticket(
        ticket_id,
        lambda session, it: territory.decide(session, it, form.area_id.data, actor=me(), now=clock.now()),
        _("属地已审定，请派单。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/withdraw")
@requires(Permission.DISPATCH)
def withdraw(ticket_id: int) -> Response:
    form = WithdrawForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    return on_ticket(
        ticket_id,
        lambda session, it: service.withdraw(
            session, it, reason=form.withdraw_reason.data, actor=me(), now=clock.now()
        ),
        _("已收回，请重新派单。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/release")
@requires(Permission.DISPATCH)
def release(ticket_id: int) -> Response:
    return on_ticket(
        ticket_id,
        lambda session, it: service.release(session, it, actor=me(), now=clock.now()),
        _("答复已发布，正在告知市民。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/reject")
@requires(Permission.DISPATCH)
def reject(ticket_id: int) -> Response:
    form = RejectForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    return on_ticket(
        ticket_id,
        lambda session, it: service.reject_answer(
            session, it, reason=form.reject_reason.data, actor=me(), now=clock.now()
        ),
        _("已退回原单位重办。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/reopen")
@requires(Permission.DISPATCH)
def reopen(ticket_id: int) -> Response:
    form = ReopenForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    return on_ticket(
        ticket_id,
        lambda session, it: tickets.reopen(
            session, it, reason=form.reopen_reason.data, actor=me(), now=clock.now()
        ),
        _("工单已重新办理，请派单。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/answer")
@requires(Permission.DISPATCH)
def answer_directly(ticket_id: int) -> Response:
    """The hotline itself answers: no organisation is needed."""
    form = DirectAnswerForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    reply = form.direct_reply.data
    try:
        return on_ticket(
            ticket_id,
            lambda session, it: _answer_directly(session, it, reply),
            _("已直接答复，正在告知市民。"),
        )
    except EvidenceMissing as error:
        form.direct_reply.errors = list(lacking(error.missing).values())
    return ticket_page(ticket_id, wrong=form)


def _answer_directly(session: Session, ticket: Ticket, reply: str) -> None:
    """Of the hotline no less evidence is asked than of others (I04)."""
    require_evidence(session, ticket, reply)
    tickets.release(
        session, ticket, public_reply=reply, actor=me(), now=clock.now(), reason="answered_by_hotline"
    )
