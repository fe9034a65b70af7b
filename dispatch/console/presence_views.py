"""Who is at the centre and whose turn it is (/dispatch/presence)."""

from flask import flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dispatch.console.delegation_views import office_of
from dispatch.console.office_forms import PresenceForm
from dispatch.console.pages import blueprint, me
from dispatch.console.shown import today
from hotline import clock
from hotline.db import transaction
from hotline.errors import InvalidInput, TransitionRefused
from hotline.organisations import presence
from hotline.organisations.models import Presence
from hotline.permissions import Permission, allows
from hotline.web.access import current_staff, requires
from hotline.web.blame import FieldBlamed
from hotline.web.paging import page_of


@blueprint.get("/dispatch/presence")
@requires(Permission.SEE_TICKETS)
def presences() -> Response:
    return _page(PresenceForm(formdata=None))


@blueprint.post("/dispatch/presence")
@requires(Permission.ASSIGN)
def add_presence() -> Response:
    form = PresenceForm()
    try:
        if not form.validate():
            raise FieldBlamed
        with transaction() as session:
            _add(session, form)
    except FieldBlamed:
        return _page(form, 400)
    flash(_("已登记。"), "ok")
    return redirect(url_for(".presences"), 303)


@blueprint.post("/dispatch/presence/<int:presence_id>/end")
@requires(Permission.ASSIGN)
def end_presence(presence_id: int) -> Response:
    try:
        with transaction() as session:
            presence.end(session, presence_id, today=today(), actor=me(), now=clock.now())
    except TransitionRefused:
        flash(_("已经结束，或是按月轮驻，不能提前结束。"), "error")
    else:
        flash(_("今天是最后一天。"), "ok")
    return redirect(url_for(".presences"), 303)


def _add(session: Session, form: PresenceForm) -> None:
    new = Presence(
        organisation_id=office_of(session, form.office).id,
        kind=form.presence_kind.data,
        at_window=form.at_window.data,
        hours=form.hours.data,
        first_day=form.first_day.data,
        last_day=form.last_day.data,
    )
    try:
        presence.add(session, new, actor=me(), now=clock.now())
    except InvalidInput as wrong:
        field, said = {
            "organisation": (form.office, _("企业不驻中心。")),
            "at_window": (form.at_window, _("常驻单位要填窗口和办公时间。")),
            "hours": (form.hours, _("请写成 08:30-12:00 14:00-17:30 这样。")),
            "last_day": (form.last_day, _("结束日期不能早于开始日期。")),
            "first_day": (form.first_day, _("这个单位这些天已经这样登记过。")),
        }[wrong.field]
        field.errors = [said]
        raise FieldBlamed from wrong


def _page(form: PresenceForm, status: int = 200) -> Response:
    with transaction() as session:
        page = render_template(
            "dispatch/presence.html",
            page=page_of(session, presence.in_force(today()), size=50),
            form=form,
            today=today(),
            may_change=allows(current_staff().role, Permission.ASSIGN),
        )
    return make_response(page, status)
