"""The dispatcher's review desk (/dispatch)."""

from flask import redirect, request, url_for
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dispatch import offers, queries, service, territory
from dispatch.console import words
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
from dispatch.console.ticket_page import acts_on_ticket, ticket_page
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
from hotline.web.blame import FieldBlamed, blamed
from hotline.web.forms import Form
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
@acts_on_ticket(_("已按建议派出。"))
def send(session: Session, ticket: Ticket, form: Form) -> str | None:
    """As the rules suggest."""
    if service.dispatch(session, ticket, actor=me(), now=clock.now()):
        return None
    return words.nobody_asked(offers.postponed(session, ticket.id))


@blueprint.post("/dispatch/tickets/<int:ticket_id>/choose")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已派给所选单位。"), ChooseForm)
def choose(session: Session, ticket: Ticket, form: ChooseForm) -> None:
    """To the organisation the dispatcher picked."""
    chosen = form.organisation_id.data
    service.dispatch(session, ticket, actor=me(), now=clock.now(), organisation_id=chosen)


@blueprint.post("/dispatch/tickets/<int:ticket_id>/item")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("事项已更改，时限按新事项从受理时起算。"), ItemForm)
def reclassify(session: Session, ticket: Ticket, form: ItemForm) -> None:
    """The matter is another one than it was filed under (B02)."""
    field = form.item_code
    unknown = blamed(field, UnknownItem, _("目录中没有这个事项编码，请从列表中选择。"))
    with unknown, blamed(field, InvalidInput, _("工单已经在这个事项之下。")):
        service.reclassify(
            session,
            ticket,
            field.data.split()[0].upper(),
            reason=form.item_reason.data,
            staff_id=current_staff().id,
            now=clock.now(),
        )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/territory")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("属地已审定，请派单。"), TerritoryForm)
def decide_territory(session: Session, ticket: Ticket, form: TerritoryForm) -> None:
    """Where it belongs, before whose matter it is (D03)."""
    territory.decide(session, ticket, form.area_id.data, actor=me(), now=clock.now())


@blueprint.post("/dispatch/tickets/<int:ticket_id>/withdraw")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已收回，请重新派单。"), WithdrawForm)
def withdraw(session: Session, ticket: Ticket, form: WithdrawForm) -> None:
    service.withdraw(session, ticket, reason=form.withdraw_reason.data, actor=me(), now=clock.now())


@blueprint.post("/dispatch/tickets/<int:ticket_id>/release")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("答复已发布，正在告知市民。"))
def release(session: Session, ticket: Ticket, form: Form) -> None:
    service.release(session, ticket, actor=me(), now=clock.now())


@blueprint.post("/dispatch/tickets/<int:ticket_id>/reject")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已退回原单位重办。"), RejectForm)
def reject(session: Session, ticket: Ticket, form: RejectForm) -> None:
    service.reject_answer(session, ticket, reason=form.reject_reason.data, actor=me(), now=clock.now())


@blueprint.post("/dispatch/tickets/<int:ticket_id>/reopen")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("工单已重新办理，请派单。"), ReopenForm)
def reopen(session: Session, ticket: Ticket, form: ReopenForm) -> None:
    tickets.reopen(session, ticket, reason=form.reopen_reason.data, actor=me(), now=clock.now())


@blueprint.post("/dispatch/tickets/<int:ticket_id>/answer")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已直接答复，正在告知市民。"), DirectAnswerForm)
def answer_directly(session: Session, ticket: Ticket, form: DirectAnswerForm) -> None:
    """The hotline itself answers: no organisation is needed, and no less evidence than of others (I04)."""
    reply = form.direct_reply.data
    try:
        require_evidence(session, ticket, reply)
    except EvidenceMissing as error:
        form.direct_reply.errors = list(lacking(error.missing).values())
        raise FieldBlamed from error
    tickets.release(
        session, ticket, public_reply=reply, actor=me(), now=clock.now(), reason="answered_by_hotline"
    )
