"""What a unit got from supervision, and its answers (/work/cards). Referrals are not among them (H04)."""

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hotline import clock
from hotline.db import transaction
from hotline.errors import TransitionRefused
from hotline.permissions import Permission
from hotline.supervision import papers, queries
from hotline.supervision.rules import PAPERS, PaperKind
from hotline.supervisor.supervision_pages import ReplyForm
from hotline.web.access import current_staff, requires
from hotline.web.paging import page_of

blueprint = Blueprint("cards", __name__, url_prefix="/work/cards", template_folder="templates")
A_PAGE = 20


@blueprint.get("")
@requires(Permission.WORK_ORDERS)
def cards() -> str:
    with transaction() as session:
        page = page_of(session, queries.papers_to(session, _unit()), size=A_PAGE)
        return render_template("supervision/cards.html", page=page)


@blueprint.get("/<int:paper_id>")
@requires(Permission.WORK_ORDERS)
def card(paper_id: int) -> Response:
    return _page(paper_id, ReplyForm(formdata=None))


@blueprint.post("/<int:paper_id>")
@requires(Permission.WORK_ORDERS)
def answer(paper_id: int) -> Response:
    form = ReplyForm()
    if not form.validate():
        return _page(paper_id, form, 400)
    try:
        with transaction() as session:
            actor = f"staff:{current_staff().id}"
            papers.answer(session, paper_id, _unit(), text=form.answer.data, actor=actor, now=clock.now())
    except TransitionRefused:
        flash(_("已经答复过。"), "error")
    else:
        flash(_("答复已提交。"), "ok")
    return redirect(url_for(".card", paper_id=paper_id), 303)


def _unit() -> int:
    return current_staff().organisation_id or 0


def _page(paper_id: int, form: ReplyForm, status: int = 200) -> Response:
    with transaction() as session:
        paper = papers.of_unit(session, paper_id, _unit())
        owed = PAPERS[PaperKind(paper.kind)].answered and paper.answered_at is None
        page = render_template(
            "supervision/card.html", paper=paper, ticket=paper.ticket, form=form, owed=owed
        )
    return make_response(page, status)
