"""The rota of lawyers (/legal/rota): who is on duty when, and for what (M05)."""

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hotline import clock
from hotline.catalogue.queries import categories
from hotline.db import transaction
from hotline.errors import InvalidInput
from hotline.lawyers.forms import DutyForm
from hotline.legal import duty, service
from hotline.permissions import Permission
from hotline.web.access import current_staff, requires

blueprint = Blueprint("rota", __name__, url_prefix="/legal/rota", template_folder="templates")


@blueprint.get("")
@requires(Permission.SUPERVISE)
def rota() -> Response:
    return _page()


@blueprint.post("/<int:staff_id>")
@requires(Permission.SUPERVISE)
def set_duty(staff_id: int) -> Response:
    form = DutyForm(prefix=f"lawyer-{staff_id}")
    with transaction() as session:
        form.offer(categories(session, service.HOTLINE))
    if not form.validate():
        return _page(staff_id, form)
    try:
        with transaction() as session:
            duty.set_duty(
                session,
                staff_id,
                weekdays=form.weekdays.data,
                begins=form.begins.data,
                ends=form.ends.data,
                categories=form.categories.data,
                actor=f"staff:{current_staff().id}",
                now=clock.now(),
            )
    except InvalidInput:
        form.ends.errors = [_("要晚于开始时间；跨零点的，请分两人排班。")]
        return _page(staff_id, form)
    flash(_("值班已保存。"), "ok")
    return redirect(url_for(".rota"), 303)


def _page(wrong_id: int = 0, wrong: DutyForm | None = None) -> Response:
    """A form that was wrong keeps what was typed."""
    with transaction() as session:
        on_rota = {one.staff_id: one for one in duty.rota(session)}
        people, known = duty.lawyers(session), categories(session, service.HOTLINE)
    forms = {}
    for person in people:
        form = DutyForm(formdata=None, obj=on_rota.get(person.id), prefix=f"lawyer-{person.id}")
        form.offer(known)
        forms[person.id] = wrong if wrong and person.id == wrong_id else form
    page = render_template(
        "lawyers/rota.html", lawyers=people, forms=forms, on_rota=on_rota, wrong_id=wrong_id
    )
    return make_response(page, 400 if wrong else 200)
