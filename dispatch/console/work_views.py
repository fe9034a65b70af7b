"""The in-tray of departments and firms (/work)."""

from collections.abc import Callable

from flask import flash, make_response, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dispatch import offers, queries, returns, service, territory
from dispatch.console import attachment_views, shown, words
from dispatch.console.forms import (
    AcceptForm,
    AcceptOfferForm,
    AnswerForm,
    BeginForm,
    DeclineForm,
    ReturnForm,
    RevealForm,
    TerritoryForm,
)
from dispatch.console.pages import (
    REFUSALS,
    blueprint,
    forms_by_name,
    list_or_block,
    status_of,
    territory_of,
)
from dispatch.console.work_forms import WORK_FORMS
from dispatch.console.worker import actor, after, by_person_or_link, mine, worker
from hotline import clock
from hotline.attachments.service import EvidenceMissing, TicketFull, attach
from hotline.db import transaction
from hotline.errors import HotlineError
from hotline.organisations.queries import NoHandler
from hotline.permissions import Permission
from hotline.tickets import reading
from hotline.web.access import current_staff, open_to_all, requires
from hotline.web.forms import Form
from hotline.web.paging import page_of
from hotline.web.reading import watermark
from hotline.web.uploads import takes_files, too_many

LIVE_IN_TRAY = "part_moved:organisation " + " ".join(
    f"work_order_{act}:organisation"
    for act in ("sent", "offered", "accepted", "declined", "returned", "answered", "answer_rejected")
)


@blueprint.get("/work")
@requires(Permission.WORK_ORDERS)
def in_tray() -> Response:
    organisation_id = current_staff().organisation_id or 0
    with transaction() as session:
        counts = queries.in_tray_counts(session, organisation_id)
        tab = request.args.get("tab", "")
        if tab not in queries.IN_TRAY:
            tab = next((name for name in ("waiting", "in_hand") if counts[name]), "waiting")
        page = page_of(session, queries.in_tray(session, organisation_id, tab), size=20)
        return list_or_block("in_tray", tab=tab, counts=counts, page=page, live_kinds=LIVE_IN_TRAY)


@blueprint.get("/work/<int:order_id>")
@blueprint.get("/w/<token>")
@by_person_or_link
def order(order_id: int) -> Response:
    return order_page(order_id)


@blueprint.post("/work/<int:order_id>/accept")
@blueprint.post("/w/<token>/accept")
@by_person_or_link
def accept(order_id: int) -> Response:
    form = _accept_form(order_id)
    if not form.validate():
        return order_page(order_id, wrong=form)
    price = form.price_estimate.data if isinstance(form, AcceptOfferForm) else ""
    return on_order(
        order_id,
        lambda session: service.accept(
            session,
            order_id,
            responsible_person=form.responsible_person.data,
            price_estimate=price,
            actor=actor(order_id),
            now=clock.now(),
        ),
        _("已接收，请在时限内办理。"),
    )


@blueprint.post("/work/<int:order_id>/decline")
@blueprint.post("/w/<token>/decline")
@by_person_or_link
def decline(order_id: int) -> Response:
    form = DeclineForm()
    if not form.validate():
        return order_page(order_id, wrong=form)
    return on_order(
        order_id,
        lambda session: offers.decline(
            session,
            order_id,
            reason=form.decline_reason.data or "",
            actor=actor(order_id),
            now=clock.now(),
        ),
        _("已谢绝，本单转给下一家企业。"),
    )


@blueprint.post("/work/<int:order_id>/return")
@blueprint.post("/w/<token>/return")
@by_person_or_link
def return_to_hotline(order_id: int) -> Response:
    form = ReturnForm()
    if not form.validate():
        return order_page(order_id, wrong=form)

    def act(session: Session) -> None:
        ticket, role = mine(session, order_id).ticket, form.suggested.data
        returns.return_to_hotline(
            session,
            order_id,
            code=form.return_code.data,
            reason=form.return_reason.data,
            legal_basis=form.legal_basis.data,
            suggested_id=queries.office_named(session, role, ticket).id if role else None,
            actor=actor(order_id),
            now=clock.now(),
        )

    try:
        return on_order(order_id, act, _("已退回热线。"))
    except NoHandler:
        form.suggested.errors = [_("没有这个单位，请从列表中选择或留空。")]
    return order_page(order_id, wrong=form)


@blueprint.post("/work/<int:order_id>/begin")
@blueprint.post("/w/<token>/begin")
@by_person_or_link
def begin(order_id: int) -> Response:
    """First contact (D08): from here on the ticket is in hand."""
    form = BeginForm()
    if not form.validate():
        return order_page(order_id, wrong=form)
    return on_order(
        order_id,
        lambda session: service.begin(
            session,
            order_id,
            contact_note=form.contact_note.data,
            actor=actor(order_id),
            now=clock.now(),
        ),
        _("已记录联系情况，开始办理。"),
    )


@blueprint.get("/w")
@open_to_all
def link_done() -> str:
    """Where an act leads that ends the order of a link."""
    return render_template("dispatch/link_done.html")


@blueprint.post("/work/<int:order_id>/territory")
@requires(Permission.WORK_ORDERS)
def review_territory(order_id: int) -> Response:
    """A centre says where the ticket belongs; the hotline sends it on (D03)."""
    form = TerritoryForm()
    if not form.validate():
        return order_page(order_id, wrong=form)
    return on_order(
        order_id,
        lambda session: territory.decide_at_centre(
            session, order_id, form.area_id.data, actor=actor(order_id), now=clock.now()
        ),
        _("属地已审定，工单已交回热线派单。"),
    )


@blueprint.post("/work/<int:order_id>/answer")
@blueprint.post("/w/<token>/answer")
@by_person_or_link
@takes_files
def answer(order_id: int) -> Response:
    form = AnswerForm()
    if not form.validate():
        return order_page(order_id, wrong=form)
    form.files.tell_lost()
    try:
        return on_order(
            order_id,
            lambda session: _answer(session, order_id, form),
            _("答复已提交，热线审核后发给诉求人。"),
        )
    except EvidenceMissing as error:
        form.blame(error.missing)
    except TicketFull:
        form.files.errors.append(too_many())
    return order_page(order_id, wrong=form)


def _answer(session: Session, order_id: int, form: AnswerForm) -> None:
    """With its photos: they are what some items ask for (I04)."""
    order = mine(session, order_id)
    attach(session, order.ticket, form.files.data, attachment_views.giver_of(order), now=clock.now())
    service.answer(
        session,
        order_id,
        public_reply=form.public_reply.data,
        internal_note=form.internal_note.data or "",
        actor=actor(order_id),
        now=clock.now(),
    )


@blueprint.post("/work/<int:order_id>/reveal")
@blueprint.post("/w/<token>/reveal")
@by_person_or_link
def reveal(order_id: int) -> Response:
    """With a purpose on record the number is shown to this person for a while (S02)."""
    form = RevealForm()
    if not form.validate():
        return order_page(order_id, wrong=form)
    return on_order(
        order_id,
        lambda session: service.reveal_contact(
            session,
            mine(session, order_id),
            staff_id=worker(order_id).staff_id,
            actor=actor(order_id),
            purpose=form.purpose.data,
            now=clock.now(),
        ),
        _("号码已显示，查看已记录。"),
    )


def _accept_form(order_id: int) -> AcceptForm:
    with transaction() as session:
        return AcceptOfferForm() if mine(session, order_id).kind == "firm" else AcceptForm()


def on_order(order_id: int, act: Callable[[Session], object], done: str) -> Response:
    """Do it and show the order; when it is refused, show the order as it now is and say why (409)."""
    try:
        with transaction() as session:
            mine(session, order_id)
            act(session)
    except offers.OfferLost as refusal:
        with transaction() as session:
            offers.pass_on(session, order_id, clock.now())
        return order_page(order_id, refusal=refusal)
    except REFUSALS as refusal:
        return order_page(order_id, refusal=refusal)
    flash(done, "ok")
    return redirect(after(order_id), 303)


def order_page(order_id: int, *, wrong: Form | None = None, refusal: HotlineError | None = None) -> Response:
    me = worker(order_id)
    with transaction() as session:
        it = mine(session, order_id)
        if me.staff_id:  # links lead to no confidential ticket
            reading.read(session, it.ticket, me.staff_id, reading.Purpose.HANDLING, clock.now())
        accepting = AcceptOfferForm if it.kind == "firm" else AcceptForm
        reviewing = me.staff_id and territory.is_review(it) and it.state in ("sent", "accepted")
        page = render_template(
            "dispatch/order.html",
            territory=territory_of(session, it.ticket) if reviewing else None,
            order=it,
            here=me.here,
            watermark=watermark(it.ticket),
            ticket=it.ticket,
            contact=queries.contact_for(it),
            shelf=attachment_views.shelf_of(session, it),
            **shown.on_order(session, it),
            forms=forms_by_name(
                (
                    accepting,
                    DeclineForm,
                    ReturnForm,
                    BeginForm,
                    AnswerForm,
                    RevealForm,
                    TerritoryForm,
                    *WORK_FORMS,
                ),
                wrong,
            ),
            refusal=words.say(refusal) if refusal else "",
        )
    return make_response(page, status_of(wrong, refusal))
