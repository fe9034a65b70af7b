"""Papers of supervision: a ticket's file, issuing each kind with its power, the document, the signature."""

from collections.abc import Callable

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hotline import clock
from hotline.db import transaction
from hotline.errors import HotlineError, TransitionRefused
from hotline.organisations.models import Organisation
from hotline.permissions import Permission
from hotline.supervision import papers, powers, queries
from hotline.supervision.rules import PAPERS, PaperKind, missing
from hotline.supervisor.supervision_pages import (
    AskingForm,
    IssueForm,
    SendForm,
    TakeBackForm,
    blueprint,
    end_of,
)
from hotline.tickets import queries as tickets
from hotline.tickets import service
from hotline.tickets.models import Ticket
from hotline.tickets.states import AT_WORK
from hotline.web.access import current_staff, requires
from hotline.web.forms import Form
from hotline.web.labels import label
from hotline.web.paging import page_of

A_PAGE = 20


@blueprint.get("/papers")
@requires(Permission.SUPERVISE)
def filed() -> str:
    with transaction() as session:
        return render_template(
            "supervision/papers.html", page=page_of(session, queries.papers(), size=A_PAGE)
        )


@blueprint.get("/tickets/<int:ticket_id>")
@requires(Permission.SUPERVISE)
def ticket(ticket_id: int) -> Response:
    return _file(ticket_id)


@blueprint.post("/tickets/<int:ticket_id>/take-back")
@requires(Permission.ASSIGN)
def take_back(ticket_id: int) -> Response:
    form = TakeBackForm()
    if not form.validate():
        return _file(ticket_id, wrong=form)
    return _act(
        ticket_id,
        lambda session, it: powers.take_back(
            session, it, reason=form.why.data, staff=current_staff(), now=clock.now()
        ),
        _("已收回，等派单台改派。"),
    )


@blueprint.post("/tickets/<int:ticket_id>/send")
@requires(Permission.MOBILISE)
def send(ticket_id: int) -> Response:
    form = SendForm()
    if not form.validate():
        return _file(ticket_id, wrong=form)
    with transaction() as session:
        unit_id = session.scalar(select(Organisation.id).where(Organisation.code == form.unit.data))
    if unit_id is None:
        form.unit.errors = [_("没有这个单位编码。")]
        return _file(ticket_id, wrong=form)
    return _act(
        ticket_id,
        lambda session, it: powers.send_at_once(
            session, it, unit_id, reason=form.reason.data, staff=current_staff(), now=clock.now()
        ),
        _("已紧急调派。"),
    )


def _issuing(kind: PaperKind) -> Callable[[int], Response]:
    """GET shows the form, POST issues: one view for each kind, because each names its power."""

    def view(ticket_id: int) -> Response:
        form = AskingForm() if PAPERS[kind].answered else IssueForm()
        if not form.validate_on_submit():
            return _issue_page(ticket_id, kind, form)
        try:
            with transaction() as session:
                paper = papers.issue(
                    session,
                    kind,
                    service.get(session, ticket_id),
                    reason=form.reason.data,
                    answer_by=end_of(form.answer_by.data) if isinstance(form, AskingForm) else None,
                    staff=current_staff(),
                    now=clock.now(),
                    unit_id=_unit_meant(),
                )
                paper_id = paper.id
        except papers.StepMissing as refused:
            kinds = "、".join(label(step, "paper") for step in sorted(refused.kinds))
            return _issue_page(ticket_id, kind, form, _("要先发：%(kinds)s。", kinds=kinds))
        except TransitionRefused:
            return _issue_page(ticket_id, kind, form, _("这份文书已经发过。"))
        flash(_("已发出并归档。"), "ok")
        return redirect(url_for(".document", paper_id=paper_id), 303)

    return view


for _kind, _rule in PAPERS.items():
    blueprint.add_url_rule(
        f"/tickets/<int:ticket_id>/{_kind}",
        f"issue_{_kind}",
        requires(_rule.power)(_issuing(_kind)),
        methods=["GET", "POST"],
    )


@blueprint.get("/<int:paper_id>/document")
@requires(Permission.SUPERVISE)
def document(paper_id: int) -> str:
    """To print or keep as PDF. A referral packs the whole trail (H04)."""
    with transaction() as session:
        paper = queries.paper(session, paper_id)
        events = tickets.history(session, paper.ticket_id) if paper.kind == PaperKind.REFERRAL else ()
        return render_template(
            "supervision/document.html",
            paper=paper,
            ticket=paper.ticket,
            filed=queries.papers_about(session, paper.ticket_id) if events else (),
            events=events,
            actors=tickets.actors(session, events),
        )


@blueprint.post("/<int:paper_id>/sign")
@requires(Permission.HOLD_TO_ACCOUNT)
def sign(paper_id: int) -> Response:
    try:
        with transaction() as session:
            papers.sign(session, paper_id, staff=current_staff(), now=clock.now())
    except TransitionRefused:
        flash(_("已签署过。"), "error")
    else:
        flash(_("已签署，请打印移送。"), "ok")
    return redirect(url_for(".document", paper_id=paper_id), 303)


def _unit_meant() -> int | None:
    """?unit=…: whom a proposal is about; otherwise whoever has the ticket."""
    return request.args.get("unit", type=int)


def _issue_page(ticket_id: int, kind: PaperKind, form: Form, refusal: str = "") -> Response:
    with transaction() as session:
        page = render_template(
            "supervision/issue.html",
            ticket=(it := service.get(session, ticket_id)),
            unit=queries.unit(session, unit_id) if (unit_id := _unit_meant()) else it.organisation,
            kind=kind,
            form=form,
            refusal=refusal,
        )
    return make_response(page, 409 if refusal else 400 if form.errors else 200)


def _act(ticket_id: int, act: Callable[[Session, Ticket], object], done: str) -> Response:
    try:
        with transaction() as session:
            act(session, service.get(session, ticket_id))
    except HotlineError as refusal:
        return _file(ticket_id, refusal=refusal)
    flash(done, "ok")
    return redirect(url_for(".ticket", ticket_id=ticket_id), 303)


def _file(ticket_id: int, *, wrong: Form | None = None, refusal: HotlineError | None = None) -> Response:
    """What supervision did about a ticket, and what it may do now."""
    with transaction() as session:
        it = service.get(session, ticket_id)
        issued = papers.issued(session, it.id, it.organisation_id) if it.organisation_id else set()
        page = render_template(
            "supervision/ticket.html",
            ticket=it,
            filed=queries.papers_about(session, it.id),
            at_work=AT_WORK,
            light_now=queries.lights_of(session, [it.id], clock.now()).get(it.id, "green"),
            open_kinds=[
                kind
                for kind, rule in PAPERS.items()
                if it.organisation_id and not missing(kind, issued) and not (rule.once and kind in issued)
            ],
            take_back=wrong if isinstance(wrong, TakeBackForm) else TakeBackForm(formdata=None),
            send=wrong if isinstance(wrong, SendForm) else SendForm(formdata=None),
            refusal=_("现在不能这样做：%(why)s", why=refusal.code) if refusal else "",
        )
    return make_response(page, 409 if refusal else 400 if wrong else 200)
