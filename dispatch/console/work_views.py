"""The in-tray of departments and firms (/work)."""

from flask import render_template, request
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dispatch import offers, queries, returns, service, summons, territory
from dispatch.console import attachment_views
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
from dispatch.console.order_page import act_on_order, acts_on_order, order_page
from dispatch.console.pages import blueprint, list_or_block
from dispatch.console.shown import today
from dispatch.console.worker import actor, by_person_or_link, mine, worker
from dispatch.models import WorkOrder
from hotline import clock
from hotline.attachments.service import EvidenceMissing, TicketFull, attach
from hotline.db import transaction
from hotline.organisations import presence
from hotline.organisations.queries import NoHandler
from hotline.permissions import Permission
from hotline.web.access import current_staff, open_to_all, requires
from hotline.web.blame import FieldBlamed, blamed
from hotline.web.paging import page_of
from hotline.web.uploads import takes_files, too_many

LIVE_IN_TRAY = (
    "part_moved:organisation report_asked:organisation reported:organisation presence_made:organisation "
    + " ".join(
        f"work_order_{act}:organisation"
        for act in ("sent", "offered", "accepted", "declined", "returned", "answered", "answer_rejected")
    )
)


@blueprint.get("/work")
@requires(Permission.WORK_ORDERS)
def in_tray() -> Response:
    organisation_id = current_staff().organisation_id or 0
    with transaction() as session:
        counts = queries.in_tray_counts(session, organisation_id)
        tab = request.args.get("tab", "")
        if tab not in queries.IN_TRAY:
            tab = next((name for name in queries.TO_DO if counts[name]), "waiting")
        page = page_of(session, queries.in_tray(session, organisation_id, tab), size=20)
        return list_or_block(
            "in_tray",
            tab=tab,
            counts=counts,
            page=page,
            expected=summons.expected(session, organisation_id),
            at_centre=presence.of(session, organisation_id, today()),
            live_kinds=LIVE_IN_TRAY,
        )


@blueprint.get("/w")
@open_to_all
def link_done() -> str:
    """Where an act leads that ends the order of a link."""
    return render_template("dispatch/link_done.html")


@blueprint.get("/work/<int:order_id>")
@blueprint.get("/w/<token>")
@by_person_or_link
def order(order_id: int) -> Response:
    return order_page(order_id)


@blueprint.post("/work/<int:order_id>/accept")
@blueprint.post("/w/<token>/accept")
@by_person_or_link
def accept(order_id: int) -> Response:
    """A firm says what it will cost."""
    with transaction() as session:
        form = AcceptOfferForm() if mine(session, order_id).kind == "firm" else AcceptForm()
    return act_on_order(order_id, form, _accept, _("已接收，请在时限内办理。"))


def _accept(session: Session, order: WorkOrder, form: AcceptForm) -> None:
    service.accept(
        session,
        order.id,
        responsible_person=form.responsible_person.data,
        price_estimate=form.price_estimate.data if isinstance(form, AcceptOfferForm) else "",
        free=isinstance(form, AcceptOfferForm) and form.free.data,
        actor=actor(order.id),
        now=clock.now(),
    )


@blueprint.post("/work/<int:order_id>/decline")
@blueprint.post("/w/<token>/decline")
@by_person_or_link
@acts_on_order(_("已谢绝，本单转给下一家企业。"), DeclineForm)
def decline(session: Session, order: WorkOrder, form: DeclineForm) -> None:
    reason = form.decline_reason.data or ""
    offers.decline(session, order.id, reason=reason, actor=actor(order.id), now=clock.now())


@blueprint.post("/work/<int:order_id>/return")
@blueprint.post("/w/<token>/return")
@by_person_or_link
@acts_on_order(_("已退回热线。"), ReturnForm)
def return_to_hotline(session: Session, order: WorkOrder, form: ReturnForm) -> None:
    role = form.suggested.data
    with blamed(form.suggested, NoHandler, _("没有这个单位，请从列表中选择或留空。")):
        suggested_id = queries.office_named(session, role, order.ticket).id if role else None
    returns.return_to_hotline(
        session,
        order.id,
        code=form.return_code.data,
        reason=form.return_reason.data,
        legal_basis=form.legal_basis.data,
        suggested_id=suggested_id,
        actor=actor(order.id),
        now=clock.now(),
    )


@blueprint.post("/work/<int:order_id>/begin")
@blueprint.post("/w/<token>/begin")
@by_person_or_link
@acts_on_order(_("已记录联系情况，开始办理。"), BeginForm)
def begin(session: Session, order: WorkOrder, form: BeginForm) -> None:
    """First contact (D08): from here on the ticket is in hand."""
    note = form.contact_note.data
    service.begin(session, order.id, contact_note=note, actor=actor(order.id), now=clock.now())


@blueprint.post("/work/<int:order_id>/territory")
@requires(Permission.WORK_ORDERS)
@acts_on_order(_("属地已审定，工单已交回热线派单。"), TerritoryForm)
def review_territory(session: Session, order: WorkOrder, form: TerritoryForm) -> None:
    """A centre says where the ticket belongs; the hotline sends it on (D03)."""
    area_id = form.area_id.data
    territory.decide_at_centre(session, order.id, area_id, actor=actor(order.id), now=clock.now())


@blueprint.post("/work/<int:order_id>/answer")
@blueprint.post("/w/<token>/answer")
@by_person_or_link
@takes_files
@acts_on_order(_("答复已提交，热线审核后发给诉求人。"), AnswerForm)
def answer(session: Session, order: WorkOrder, form: AnswerForm) -> None:
    """With its photos: they are what some items ask for (I04)."""
    form.files.tell_lost()
    giver = attachment_views.giver_of(order)
    with blamed(form.files, TicketFull, too_many()):
        attach(session, order.ticket, form.files.data, giver, now=clock.now())
    try:
        service.answer(
            session,
            order.id,
            public_reply=form.public_reply.data,
            internal_note=form.internal_note.data or "",
            actor=actor(order.id),
            now=clock.now(),
        )
    except EvidenceMissing as error:
        form.blame(error.missing)
        raise FieldBlamed from error


@blueprint.post("/work/<int:order_id>/reveal")
@blueprint.post("/w/<token>/reveal")
@by_person_or_link
@acts_on_order(_("号码已显示，查看已记录。"), RevealForm)
def reveal(session: Session, order: WorkOrder, form: RevealForm) -> None:
    """With a purpose on record the number is shown to this person for a while (S02)."""
    service.reveal_contact(
        session,
        order,
        staff_id=worker(order.id).staff_id,
        actor=actor(order.id),
        purpose=form.purpose.data,
        now=clock.now(),
    )
