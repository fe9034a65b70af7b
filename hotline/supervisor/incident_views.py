"""Incidents that bad handling led to (/manage/supervision/incidents, H12)."""

from flask import flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hotline import clock
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import InvalidInput, TransitionRefused
from hotline.permissions import Permission
from hotline.supervision import incidents as service
from hotline.supervisor.supervision_pages import IncidentForm, TakeBackForm, blueprint
from hotline.web.access import current_staff, requires
from hotline.web.paging import page_of


@blueprint.get("/incidents")
@requires(Permission.SUPERVISE)
def incidents() -> Response:
    return _page(IncidentForm(formdata=None))


@blueprint.post("/incidents")
@requires(Permission.INSPECT)
def put_down_incident() -> Response:
    form = IncidentForm()
    if not form.validate():
        return _page(form, 400)
    try:
        with transaction() as session:
            service.put_down(
                session,
                unit_code=form.unit.data,
                happened_at=form.happened_at.data.replace(tzinfo=settings().site.zone),
                place=form.place.data,
                what=form.what.data,
                numbers=form.numbers.data.split(),
                staff=current_staff(),
                now=clock.now(),
            )
    except InvalidInput as wrong:
        form[wrong.field].errors = [_wrong(wrong.field)]
        return _page(form, 400)
    flash(_("已记录，计入该单位下一期通报一次。"), "ok")
    return redirect(url_for(".incidents"), 303)


@blueprint.post("/incidents/<int:incident_id>/take-back")
@requires(Permission.INSPECT)
def take_incident_back(incident_id: int) -> Response:
    form = TakeBackForm(prefix=f"incident-{incident_id}")
    if not form.validate():
        return _page(IncidentForm(formdata=None), 400, {incident_id: form})
    why = form.why.data
    try:
        with transaction() as session:
            service.take_back(session, incident_id, why, staff=current_staff(), now=clock.now())
    except TransitionRefused:
        flash(_("已经收回过。"), "error")
    else:
        flash(_("已收回，不再计入。"), "ok")
    return redirect(url_for(".incidents"), 303)


def _wrong(field: str) -> str:
    said = {
        "unit": _("没有这个单位编码，请核对。"),
        "happened_at": _("时间不能在将来；该单位同一时间的事件只记一次。"),
        "numbers": _("请核对编号：工单要存在，并且在事件之前登记。"),
    }
    return str(said.get(field) or _("请去掉电话、证件等长数字。"))


def _page(form: IncidentForm, status: int = 200, wrong: dict[int, TakeBackForm] | None = None) -> Response:
    """A form that was wrong keeps what was typed."""
    with transaction() as session:
        page = page_of(session, service.all_of_them(), size=20)
        fresh = {one.id: TakeBackForm(formdata=None, prefix=f"incident-{one.id}") for one in page.rows}
        shown = render_template(
            "supervision/incidents.html", page=page, form=form, forms=fresh | (wrong or {})
        )
    return make_response(shown, status)
