"""Supervision (/manage/supervision): what waits for a decision, lights by unit, waiting tickets, targets."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hotline import clock
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import NotAllowed, TransitionRefused
from hotline.permissions import Permission
from hotline.reports.queries import YEARS
from hotline.supervision import circulars, counting, matters, queries
from hotline.supervision import targets as promised
from hotline.supervision.models import FIGURES, Matter
from hotline.supervision.rules import MatterState, PaperKind, What
from hotline.supervisor import incident_views, supervision_paper_views
from hotline.supervisor.supervision_pages import CorrectForm, IssueForm, NoteForm, blueprint
from hotline.tickets.states import ON_THE_DESK
from hotline.web.access import current_staff, requires
from hotline.web.paging import page_of, slice_of

__all__ = ["blueprint", "incident_views", "supervision_paper_views"]
A_PAGE = 20


@blueprint.get("")
@requires(Permission.SUPERVISE)
def tasks() -> str:
    """?what=…: one kind only."""
    asked = request.args.get("what", "")
    what = asked if asked in {*PaperKind, *What} else ""
    with transaction() as session:
        return render_template(
            "supervision/tasks.html",
            what=what,
            counts=queries.to_decide_counts(session),
            page=page_of(session, queries.to_decide(what), size=A_PAGE),
            form=NoteForm(formdata=None),
            proposals=set(PaperKind),
        )


@blueprint.post("/tasks/<int:matter_id>/drop")
@requires(Permission.INSPECT)
def drop(matter_id: int) -> Response:
    """A paper that was proposed is not issued, and why."""
    return _end(matter_id, MatterState.DROPPED, set(PaperKind))


@blueprint.post("/tasks/<int:matter_id>/end")
@requires(Permission.HOLD_TO_ACCOUNT)
def end(matter_id: int) -> Response:
    """An interview was held, an accountability case is decided."""
    return _end(matter_id, MatterState.DONE, set(What))


def _end(matter_id: int, how: MatterState, kinds: set[PaperKind] | set[What]) -> Response:
    form = NoteForm()
    if not form.validate():
        flash(form.note.errors[0], "error")
        return redirect(url_for(".tasks"), 303)
    try:
        with transaction() as session:
            matter = session.get(Matter, matter_id)
            if matter and matter.what not in kinds:
                raise NotAllowed("another power decides this")
            matters.end(
                session,
                matter_id,
                how,
                actor=f"staff:{current_staff().id}",
                now=clock.now(),
                note=form.note.data,
            )
    except (TransitionRefused, NotAllowed):
        flash(_("这一项不能这样处理，或已处理。"), "error")
    else:
        flash(_("已记录。"), "ok")
    return redirect(url_for(".tasks"), 303)


@blueprint.get("/units")
@requires(Permission.SUPERVISE)
def units() -> str:
    year = clock.to_local(clock.now(), settings().site.time_zone).year
    with transaction() as session:
        return render_template(
            "supervision/units.html",
            page=slice_of(queries.unit_lights(session, clock.now()), size=A_PAGE),
            barred=session.scalars(queries.standing(f":{year}")).all(),
            year=year,
        )


@blueprint.get("/units/<int:unit_id>")
@requires(Permission.SUPERVISE)
def unit(unit_id: int) -> str:
    with transaction() as session:
        page = page_of(session, queries.open_tickets(unit_id), size=A_PAGE)
        return render_template(
            "supervision/unit.html",
            unit=queries.unit(session, unit_id),
            page=page,
            lights=queries.lights_of(session, [ticket.id for ticket in page.rows], clock.now()),
            marks=page_of(session, queries.marks(unit_id), size=50, number=1),
            matters=queries.matters_of(session, unit_id),
            form=CorrectForm(formdata=None),
            veto=IssueForm(formdata=None),
        )


@blueprint.post("/units/<int:unit_id>/watch")
@requires(Permission.CIRCULATE)
def watch(unit_id: int) -> Response:
    """On the public scoreboard from the next circular on, or no longer (E04)."""
    supervised, actor = request.form.get("supervised") == "yes", f"staff:{current_staff().id}"
    with transaction() as session:
        circulars.watch(session, queries.unit(session, unit_id), supervised, actor=actor, now=clock.now())
    flash(_("已记录。"), "ok")
    return redirect(url_for(".unit", unit_id=unit_id), 303)


@blueprint.post("/units/<int:unit_id>/veto")
@requires(Permission.HOLD_TO_ACCOUNT)
def veto(unit_id: int) -> Response:
    """One veto and the year counts for nothing (H06)."""
    form, now = IssueForm(), clock.now()
    if not form.validate():
        flash(form.reason.errors[0], "error")
        return redirect(url_for(".unit", unit_id=unit_id), 303)
    year = clock.to_local(now, settings().site.time_zone).year
    actor = f"staff:{current_staff().id}"
    try:
        with transaction() as session:
            matters.veto(session, unit_id, year, reason=form.reason.data, actor=actor, now=now)
    except TransitionRefused:
        flash(_("本年度已经一票否决。"), "error")
    else:
        flash(_("已记录。"), "ok")
    return redirect(url_for(".unit", unit_id=unit_id), 303)


@blueprint.post("/marks/<int:mark_id>/correct")
@requires(Permission.INSPECT)
def correct(mark_id: int) -> Response:
    """A rating is not valid: it counts no more (H05)."""
    form = CorrectForm()
    if not form.validate():
        flash(_("请选择理由。"), "error")
        return redirect(request.referrer or url_for(".units"), 303)
    with transaction() as session:
        mark = counting.correct_rating(
            session, mark_id, form.because.data, staff=current_staff(), now=clock.now()
        )
        unit_id = mark.organisation_id
    flash(_("已更正，不再计数，原因已记录。"), "ok")
    return redirect(url_for(".unit", unit_id=unit_id), 303)


@blueprint.get("/waiting")
@requires(Permission.SUPERVISE)
def waiting() -> str:
    now = clock.now()
    with transaction() as session:
        page = page_of(session, queries.waiting_too_long(now), size=A_PAGE)
        ids = [ticket.id for ticket in page.rows]
        return render_template(
            "supervision/waiting.html",
            page=page,
            since=queries.in_state_since(session, ids),
            lights=queries.lights_of(session, ids, now),
            on_the_desk=ON_THE_DESK | {"answered", "adjudication"},
        )


@blueprint.get("/targets")
@requires(Permission.SUPERVISE)
def targets() -> str:
    """?year=…"""
    now = clock.now()
    this_year = clock.to_local(now, settings().site.time_zone).year
    year = request.args.get("year", this_year, type=int)
    year = year if year in YEARS else this_year
    with transaction() as session:
        page = page_of(session, promised.promising(year), size=A_PAGE)
        return render_template(
            "supervision/targets.html",
            page=page,
            held=promised.held(session, year, now, page.rows),
            year=year,
            this_year=this_year,
            figures=FIGURES,
        )
