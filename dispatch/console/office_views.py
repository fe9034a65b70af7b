"""An organisation's own page (/work/office): who is on duty there, and what was delegated to it or by it."""

from datetime import datetime

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dispatch.console.office_forms import FAULTS, RosterForm, ShiftForm
from dispatch.console.pages import blueprint, me
from hotline import clock
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import InvalidInput
from hotline.organisations import delegations, duty
from hotline.organisations.roster_file import Fault, RosterRefused, Shift, read
from hotline.permissions import Permission
from hotline.web.access import current_staff, requires
from hotline.web.forms import Form
from hotline.web.paging import page_of

FAULTS_SHOWN = 50


@blueprint.get("/work/office")
@requires(Permission.WORK_ORDERS)
def office() -> Response:
    return _page()


@blueprint.post("/work/office/shifts")
@requires(Permission.WORK_ORDERS)
def add_shift() -> Response:
    form = ShiftForm()
    if not form.validate():
        return _page(form)
    shift = Shift(_local(form.starts_at.data), _local(form.ends_at.data), form.person.data, form.phone.data)
    try:
        with transaction() as session:
            duty.add(session, _mine(), shift, actor=me(), now=clock.now())
    except InvalidInput as wrong:
        field = form.phone if wrong.field == "number" else form.starts_at
        field.errors = [FAULTS["phone"] if wrong.field == "number" else _("这个班次已经在值班表里。")]
        return _page(form)
    flash(_("已加入值班表。"), "ok")
    return redirect(url_for(".office"), 303)


@blueprint.post("/work/office/shifts/<int:shift_id>/remove")
@requires(Permission.WORK_ORDERS)
def remove_shift(shift_id: int) -> Response:
    with transaction() as session:
        duty.remove(session, _mine(), shift_id, actor=me(), now=clock.now())
    flash(_("已从值班表删除。"), "ok")
    return redirect(url_for(".office"), 303)


@blueprint.post("/work/office/roster")
@requires(Permission.WORK_ORDERS)
def import_roster() -> Response:
    """A file replaces the days it covers; one wrong row and nothing is changed."""
    form, upload = RosterForm(), request.files.get("file")
    if not form.validate() or upload is None or not upload.filename:
        form.file.errors = [_("请选择一个 CSV 或 XLSX 文件。")]
        return _page(form)
    try:
        shifts = read(upload.read(), upload.filename, settings().site.zone, settings().site.region)
    except RosterRefused as refused:
        return _page(form, faults=refused.faults[:FAULTS_SHOWN])
    with transaction() as session:
        duty.replace(session, _mine(), shifts, actor=me(), now=clock.now())
    flash(_("已导入 %(count)s 个班次。", count=len(shifts)), "ok")
    return redirect(url_for(".office"), 303)


def _mine() -> int:
    return current_staff().organisation_id or 0


def _local(moment: datetime) -> datetime:
    return moment.replace(tzinfo=settings().site.zone)


def _page(wrong: Form | None = None, *, faults: list[Fault] | None = None) -> Response:
    now = clock.now()
    with transaction() as session:
        page = render_template(
            "dispatch/office.html",
            on_duty=duty.on_duty(session, _mine(), now),
            coming=duty.coming(session, _mine(), now),
            delegations=page_of(session, delegations.history(_mine()), size=20),
            today=clock.to_local(now, settings().site.time_zone).date(),
            shift=wrong if isinstance(wrong, ShiftForm) else ShiftForm(formdata=None),
            roster=wrong if isinstance(wrong, RosterForm) else RosterForm(formdata=None),
            faults=[(fault.row, FAULTS[fault.code]) for fault in faults or ()],
        )
    return make_response(page, 400 if wrong else 200)
