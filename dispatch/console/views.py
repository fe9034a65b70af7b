"""The dispatcher's review desk (/dispatch) and the in-tray of departments and firms (/work)."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dispatch import queries, service
from dispatch.console import words
from dispatch.console.forms import (
    AcceptForm,
    AcceptOfferForm,
    AnswerForm,
    ChooseForm,
    DeclineForm,
    DirectAnswerForm,
    RejectForm,
    ReopenForm,
    ReturnForm,
    RevealForm,
    WithdrawForm,
)
from dispatch.models import WorkOrder
from dispatch.routing import Action
from hotline import clock
from hotline.db import transaction
from hotline.errors import ConsentMissing, HotlineError, NotAllowed, TransitionRefused
from hotline.permissions import Permission
from hotline.tickets import service as tickets
from hotline.tickets import sla
from hotline.tickets.models import Ticket
from hotline.web.access import current_staff, requires
from hotline.web.paging import page_of

blueprint = Blueprint("dispatch_console", __name__, template_folder="templates")

REFUSALS = (TransitionRefused, ConsentMissing, NotAllowed, service.NoRoute, service.OfferLost)
LIVE_DESK = (
    "ticket_opened ticket_state_changed no_firm_found work_order_sent work_order_offered work_order_declined"
)
LIVE_IN_TRAY = " ".join(
    f"work_order_{act}:organisation"
    for act in ("sent", "offered", "accepted", "declined", "returned", "answered", "answer_rejected")
)


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"words": words, "light_of": sla.light, "closing_clock": queries.closing_clock}


def _me() -> str:
    return f"staff:{current_staff().id}"


# --- the review desk -------------------------------------------------------------------------------------


@blueprint.get("/dispatch")
@requires(Permission.DISPATCH)
def desk() -> Response:
    """The tab's tickets; ?number=… goes straight to one. A live refresh gets the list alone."""
    number = request.args.get("number", "").strip()
    with transaction() as session:
        found = queries.by_number(session, number) if number else None
        if found:
            return redirect(url_for(".ticket", ticket_id=found.id), 303)
        counts = queries.desk_counts(session)
        tab = request.args.get("tab", "")
        if tab not in queries.DESK:
            tab = next((name for name, count in counts.items() if count), "new")
        page = page_of(session, queries.desk(tab), size=20)
        return _list_or_block("desk", tab=tab, counts=counts, page=page, number=number, live_kinds=LIVE_DESK)


@blueprint.get("/dispatch/tickets/<int:ticket_id>")
@requires(Permission.DISPATCH)
def ticket(ticket_id: int) -> Response:
    return _ticket_page(ticket_id)


@blueprint.post("/dispatch/tickets/<int:ticket_id>/dispatch")
@requires(Permission.DISPATCH)
def send(ticket_id: int) -> Response:
    """As the rules suggest."""
    return _on_ticket(
        ticket_id,
        lambda session, it: service.dispatch(session, it, actor=_me(), now=clock.now()),
        _("已按建议派出。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/choose")
@requires(Permission.DISPATCH)
def choose(ticket_id: int) -> Response:
    """To the organisation the dispatcher picked."""
    form = ChooseForm()
    if not form.validate():
        return _ticket_page(ticket_id, wrong=form)
    return _on_ticket(
        ticket_id,
        lambda session, it: service.dispatch(
            session, it, actor=_me(), now=clock.now(), organisation_id=form.organisation_id.data
        ),
        _("已派给所选单位。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/withdraw")
@requires(Permission.DISPATCH)
def withdraw(ticket_id: int) -> Response:
    form = WithdrawForm()
    if not form.validate():
        return _ticket_page(ticket_id, wrong=form)
    return _on_ticket(
        ticket_id,
        lambda session, it: service.withdraw(
            session, it, reason=form.withdraw_reason.data, actor=_me(), now=clock.now()
        ),
        _("已收回，请重新派单。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/release")
@requires(Permission.DISPATCH)
def release(ticket_id: int) -> Response:
    return _on_ticket(
        ticket_id,
        lambda session, it: service.close(session, it, actor=_me(), now=clock.now()),
        _("答复已发布，工单办结。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/reject")
@requires(Permission.DISPATCH)
def reject(ticket_id: int) -> Response:
    form = RejectForm()
    if not form.validate():
        return _ticket_page(ticket_id, wrong=form)
    return _on_ticket(
        ticket_id,
        lambda session, it: service.reject_answer(
            session, it, reason=form.reject_reason.data, actor=_me(), now=clock.now()
        ),
        _("已退回原单位重办。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/reopen")
@requires(Permission.DISPATCH)
def reopen(ticket_id: int) -> Response:
    form = ReopenForm()
    if not form.validate():
        return _ticket_page(ticket_id, wrong=form)
    return _on_ticket(
        ticket_id,
        lambda session, it: tickets.reopen(
            session, it, reason=form.reopen_reason.data, actor=_me(), now=clock.now()
        ),
        _("工单已重新办理，请派单。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/answer")
@requires(Permission.DISPATCH)
def answer_directly(ticket_id: int) -> Response:
    """The hotline itself answers: no organisation is needed."""
    form = DirectAnswerForm()
    if not form.validate():
        return _ticket_page(ticket_id, wrong=form)
    return _on_ticket(
        ticket_id,
        lambda session, it: tickets.close(
            session,
            it,
            public_reply=form.direct_reply.data,
            actor=_me(),
            now=clock.now(),
            reason="answered_by_hotline",
        ),
        _("已直接答复，工单办结。"),
    )


def _on_ticket(ticket_id: int, act: Callable[[Session, Ticket], object], done: str) -> Response:
    """Do it and show the ticket; when it is refused, show the ticket as it now is and say why (409)."""
    try:
        with transaction() as session:
            act(session, tickets.get(session, ticket_id, lock=True))
    except REFUSALS as refusal:
        return _ticket_page(ticket_id, refusal=refusal)
    flash(done, "ok")
    return redirect(url_for(".ticket", ticket_id=ticket_id), 303)


def _ticket_page(
    ticket_id: int, *, wrong: FlaskForm | None = None, refusal: HotlineError | None = None
) -> Response:
    searched = request.values.get("q", "")
    with transaction() as session:
        it = tickets.get(session, ticket_id)
        open_for_dispatch = it.state in ("registered", "reopened")
        page = render_template(
            "dispatch/ticket.html",
            ticket=it,
            orders=queries.orders_of(session, ticket_id),
            plan=queries.suggestion(session, it) if open_for_dispatch else None,
            no_consent=service.consent_problem(it),
            offers=Action.OFFER,
            searched=searched,
            most_found=queries.FOUND,
            found=queries.find_organisations(session, searched) if open_for_dispatch else [],
            forms=_forms((ChooseForm, WithdrawForm, RejectForm, ReopenForm, DirectAnswerForm), wrong),
            refusal=words.say(refusal) if refusal else "",
        )
    return make_response(page, _status(wrong, refusal))


# --- an organisation's in-tray ---------------------------------------------------------------------------


@blueprint.get("/work")
@requires(Permission.WORK_ORDERS)
def in_tray() -> Response:
    organisation_id = current_staff().organisation_id or 0
    with transaction() as session:
        counts = queries.in_tray_counts(session, organisation_id)
        tab = request.args.get("tab", "")
        if tab not in queries.IN_TRAY:
            tab = next((name for name in ("waiting", "in_hand") if counts[name]), "waiting")
        page = page_of(session, queries.in_tray(organisation_id, tab), size=20)
        return _list_or_block("in_tray", tab=tab, counts=counts, page=page, live_kinds=LIVE_IN_TRAY)


@blueprint.get("/work/<int:order_id>")
@requires(Permission.WORK_ORDERS)
def order(order_id: int) -> Response:
    return _order_page(order_id)


@blueprint.post("/work/<int:order_id>/accept")
@requires(Permission.WORK_ORDERS)
def accept(order_id: int) -> Response:
    form = _accept_form(order_id)
    if not form.validate():
        return _order_page(order_id, wrong=form)
    price = form.price_estimate.data if isinstance(form, AcceptOfferForm) else ""
    return _on_order(
        order_id,
        lambda session: service.accept(
            session,
            order_id,
            responsible_person=form.responsible_person.data,
            price_estimate=price,
            actor=_me(),
            now=clock.now(),
        ),
        _("已接收，请在时限内办理。"),
    )


@blueprint.post("/work/<int:order_id>/decline")
@requires(Permission.WORK_ORDERS)
def decline(order_id: int) -> Response:
    form = DeclineForm()
    if not form.validate():
        return _order_page(order_id, wrong=form)
    return _on_order(
        order_id,
        lambda session: service.decline(
            session, order_id, reason=form.decline_reason.data or "", actor=_me(), now=clock.now()
        ),
        _("已谢绝，本单转给下一家企业。"),
    )


@blueprint.post("/work/<int:order_id>/return")
@requires(Permission.WORK_ORDERS)
def return_to_hotline(order_id: int) -> Response:
    form = ReturnForm()
    if not form.validate():
        return _order_page(order_id, wrong=form)
    return _on_order(
        order_id,
        lambda session: service.return_to_hotline(
            session, order_id, reason=form.return_reason.data, actor=_me(), now=clock.now()
        ),
        _("已退回热线。"),
    )


@blueprint.post("/work/<int:order_id>/answer")
@requires(Permission.WORK_ORDERS)
def answer(order_id: int) -> Response:
    form = AnswerForm()
    if not form.validate():
        return _order_page(order_id, wrong=form)
    return _on_order(
        order_id,
        lambda session: service.answer(
            session,
            order_id,
            public_reply=form.public_reply.data,
            internal_note=form.internal_note.data or "",
            actor=_me(),
            now=clock.now(),
        ),
        _("答复已提交，热线审核后发给诉求人。"),
    )


@blueprint.post("/work/<int:order_id>/reveal")
@requires(Permission.WORK_ORDERS)
def reveal(order_id: int) -> Response:
    """With a purpose on record the number is shown to this person for a while (S02)."""
    form = RevealForm()
    if not form.validate():
        return _order_page(order_id, wrong=form)
    return _on_order(
        order_id,
        lambda session: service.reveal_contact(
            session,
            _mine(session, order_id),
            staff_id=current_staff().id,
            purpose=form.purpose.data,
            now=clock.now(),
        ),
        _("号码已显示，查看已记录。"),
    )


def _mine(session: Session, order_id: int) -> WorkOrder:
    return queries.order_for(session, order_id, current_staff().organisation_id)


def _accept_form(order_id: int) -> AcceptForm:
    with transaction() as session:
        return AcceptOfferForm() if _mine(session, order_id).kind == "firm" else AcceptForm()


def _on_order(order_id: int, act: Callable[[Session], object], done: str) -> Response:
    """Do it and show the order; when it is refused, show the order as it now is and say why (409)."""
    try:
        with transaction() as session:
            _mine(session, order_id)
            act(session)
    except service.OfferLost as refusal:
        with transaction() as session:
            service.pass_on(session, order_id, clock.now())
        return _order_page(order_id, refusal=refusal)
    except REFUSALS as refusal:
        return _order_page(order_id, refusal=refusal)
    flash(done, "ok")
    return redirect(url_for(".order", order_id=order_id), 303)


def _order_page(
    order_id: int, *, wrong: FlaskForm | None = None, refusal: HotlineError | None = None
) -> Response:
    with transaction() as session:
        it = _mine(session, order_id)
        accepting = AcceptOfferForm if it.kind == "firm" else AcceptForm
        page = render_template(
            "dispatch/order.html",
            order=it,
            ticket=it.ticket,
            contact=queries.contact_for(it),
            forms=_forms((accepting, DeclineForm, ReturnForm, AnswerForm, RevealForm), wrong),
            refusal=words.say(refusal) if refusal else "",
        )
    return make_response(page, _status(wrong, refusal))


# --- both ------------------------------------------------------------------------------------------------


def _list_or_block(name: str, **shown: Any) -> Response:
    """The page, or for a live refresh only its block: the same template renders both."""
    block = "X-Live-Block" in request.headers
    answer = make_response(render_template(f"dispatch/{'_' if block else ''}{name}.html", **shown))
    answer.vary.add("X-Live-Block")
    return answer


def _forms(kinds: tuple[type[FlaskForm], ...], wrong: FlaskForm | None) -> dict[str, FlaskForm]:
    """Fresh forms by name; the one that was filled in wrongly keeps what was typed."""
    return {kind.name: wrong if type(wrong) is kind else kind(formdata=None) for kind in kinds}


def _status(wrong: FlaskForm | None, refusal: HotlineError | None) -> int:
    if wrong is not None:
        return 400
    return 409 if refusal else 200
