"""The register of firms (/manage/firms): the list, a firm with its history, and what is changed about it."""

from collections.abc import Callable
from dataclasses import asdict

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hotline import clock
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import InvalidInput
from hotline.organisations import directory, queries, register, service
from hotline.organisations.models import Organisation
from hotline.organisations.standing import standing_of
from hotline.permissions import Permission, allows
from hotline.supervisor.catalogue_pages import people
from hotline.supervisor.firm_forms import EntryForm, LiftForm, PriceForm, ReviewForm, SuspendForm
from hotline.tickets import grievances
from hotline.web.access import current_staff, requires
from hotline.web.forms import Form
from hotline.web.paging import page_of

blueprint = Blueprint("firms", __name__, url_prefix="/manage/firms", template_folder="templates")
A_PAGE = 20


@blueprint.get("")
@requires(Permission.SEE_TICKETS)
def listed() -> str:
    """?q=, ?class=, ?county=, ?state=…"""
    asked = {
        name: request.args.get(name, "").replace("\0", "").strip()[:60] for name in ("q", "class", "state")
    }
    county = request.args.get("county", type=int)
    state = asked["state"] if asked["state"] in directory.FILTERS else ""
    now = clock.now()
    with transaction() as session:
        page = page_of(session, directory.search(asked["q"], asked["class"], county, state, now), size=A_PAGE)
        return render_template(
            "firms/list.html",
            page=page,
            asked={**asked, "state": state, "county": county},
            standings=directory.standings(session, [firm.id for firm in page.rows], now),
            classes=directory.classes(session),
            counties=queries.areas(session, "county"),
            filters=directory.FILTERS,
            enough=settings().dispatch.ratings_shown_from,
            may_change=_may_change(),
        )


@blueprint.get("/<int:firm_id>")
@requires(Permission.SEE_TICKETS)
def one(firm_id: int) -> Response:
    return _page(firm_id)


@blueprint.get("/new")
@requires(Permission.MANAGE_FIRMS)
def new() -> Response:
    return _edit_page(None)


@blueprint.post("/new")
@requires(Permission.MANAGE_FIRMS)
def add() -> Response:
    with transaction() as session:
        form = _entry_form(session)
    if not form.validate():
        return _edit_page(None, form)
    try:
        with transaction() as session:
            firm_id = register.add(session, form.entry(), actor=_me(), now=clock.now()).id
    except InvalidInput:
        form.credit_code.errors = [_("请填写正确的信用代码；已登记过的企业不能再登记。")]
        return _edit_page(None, form)
    flash(_("企业已登记。"), "ok")
    return redirect(url_for(".one", firm_id=firm_id), 303)


@blueprint.get("/<int:firm_id>/edit")
@requires(Permission.MANAGE_FIRMS)
def edit(firm_id: int) -> Response:
    return _edit_page(firm_id)


@blueprint.post("/<int:firm_id>/edit")
@requires(Permission.MANAGE_FIRMS)
def change(firm_id: int) -> Response:
    with transaction() as session:
        form = _entry_form(session)
    if not form.validate():
        return _edit_page(firm_id, form)
    return _done(
        firm_id,
        lambda session: register.change(session, firm_id, form.entry(), actor=_me(), now=clock.now()),
        _("已保存。"),
    )


@blueprint.post("/<int:firm_id>/suspend")
@requires(Permission.MANAGE_FIRMS)
def suspend(firm_id: int) -> Response:
    form = SuspendForm()
    if not form.validate():
        return _page(firm_id, form)
    first, until = form.days
    return _done(
        firm_id,
        lambda session: service.suspend(
            session,
            firm_id,
            reason=form.suspend_reason.data,
            from_at=first,
            until=until,
            actor=_me(),
            now=clock.now(),
        ),
        _("已暂停接单。"),
    )


@blueprint.post("/<int:firm_id>/lift")
@requires(Permission.MANAGE_FIRMS)
def lift(firm_id: int) -> Response:
    form = LiftForm()
    if not form.validate():
        return _page(firm_id, form)
    return _done(
        firm_id,
        lambda session: service.unsuspend(
            session, firm_id, reason=form.lift_reason.data, actor=_me(), now=clock.now()
        ),
        _("已恢复接单。"),
    )


@blueprint.post("/<int:firm_id>/review")
@requires(Permission.MANAGE_FIRMS)
def review(firm_id: int) -> Response:
    form = ReviewForm()
    if not form.validate():
        return _page(firm_id, form)
    return _done(
        firm_id,
        lambda session: register.review(
            session,
            firm_id,
            passed=form.passed.data == "passed",
            note=form.note.data,
            next_due=form.next_due.data,
            actor=_me(),
            now=clock.now(),
        ),
        _("年审结论已记录。"),
    )


@blueprint.post("/<int:firm_id>/prices")
@requires(Permission.MANAGE_FIRMS)
def price(firm_id: int) -> Response:
    with transaction() as session:
        form = PriceForm(_classes_of(register.firm(session, firm_id)))
    if not form.validate():
        return _page(firm_id, form)
    return _done(
        firm_id,
        lambda session: register.price(session, firm_id, form.price(), actor=_me(), now=clock.now()),
        _("价目已保存。"),
    )


@blueprint.post("/<int:firm_id>/prices/<int:price_id>/strike")
@requires(Permission.MANAGE_FIRMS)
def unprice(firm_id: int, price_id: int) -> Response:
    return _done(
        firm_id,
        lambda session: register.unprice(session, firm_id, price_id, actor=_me(), now=clock.now()),
        _("价目已删除。"),
    )


def _done(firm_id: int, act: Callable[[Session], object], words: str) -> Response:
    with transaction() as session:
        act(session)
    flash(words, "ok")
    return redirect(url_for(".one", firm_id=firm_id), 303)


def _page(firm_id: int, wrong: Form | None = None) -> Response:
    now = clock.now()
    with transaction() as session:
        it = register.firm(session, firm_id)
        page = page_of(session, directory.history(firm_id), size=A_PAGE)
        suspended = it.suspended and (it.suspended_until is None or it.suspended_until > now)
        suspension = directory.suspension(session, firm_id) if suspended else None
        served = register.entry_of(session, it).counties
        fresh = (
            SuspendForm(formdata=None),
            LiftForm(formdata=None),
            ReviewForm(formdata=None),
            PriceForm(_classes_of(it), formdata=None),
        )
        html = render_template(
            "firms/one.html",
            firm=it,
            counties=[queries.area(session, area_id) for area_id in served],
            standing=standing_of(session, firm_id, now),
            enough=settings().dispatch.ratings_shown_from,
            prices=register.prices(session, firm_id),
            suspended=suspended,
            contested=grievances.counts(session, firm_id),
            suspension=suspension,
            page=page,
            names=people(session, [event.actor for event in (*page.rows, suspension) if event]),
            forms={form.name: wrong if type(wrong) is type(form) else form for form in fresh},
            may_change=_may_change(),
        )
    return make_response(html, 400 if wrong else 200)


def _edit_page(firm_id: int | None, wrong: EntryForm | None = None) -> Response:
    with transaction() as session:
        it = register.firm(session, firm_id) if firm_id else None
        held = asdict(register.entry_of(session, it)) if it else {"open_days": range(1, 8)}
        form = wrong or _entry_form(session, formdata=None, data=held)
        return make_response(render_template("firms/edit.html", firm=it, form=form), 400 if wrong else 200)


def _entry_form(session: Session, **named: object) -> EntryForm:
    counties = [(county.id, county.name) for county in queries.areas(session, "county")]
    return EntryForm(directory.classes(session), counties, **named)


def _classes_of(it: Organisation) -> list[str]:
    return [it.role_name, *it.further_roles]


def _may_change() -> bool:
    return allows(current_staff().role, Permission.MANAGE_FIRMS)


def _me() -> str:
    return f"staff:{current_staff().id}"
