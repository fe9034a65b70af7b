"""Offices that delegate their matters to another for a time (/dispatch/delegations)."""

from flask import flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import Field

from dispatch.console.office_forms import DelegationForm
from dispatch.console.pages import blueprint, me
from hotline import clock
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import InvalidInput, TransitionRefused
from hotline.organisations import delegations
from hotline.organisations import queries as organisations
from hotline.organisations.models import Organisation
from hotline.permissions import Permission, allows
from hotline.web.access import current_staff, requires
from hotline.web.blame import FieldBlamed
from hotline.web.paging import page_of

NEAR = 3  # names shown where there is no such office


@blueprint.get("/dispatch/delegations")
@requires(Permission.DISPATCH)
def all_delegations() -> Response:
    return _page(DelegationForm(formdata=None))


@blueprint.post("/dispatch/delegations")
@requires(Permission.ASSIGN)
def delegate() -> Response:
    form = DelegationForm()
    try:
        if not form.validate():
            raise FieldBlamed
        with transaction() as session:
            _delegate(session, form)
    except FieldBlamed:
        return _page(form, 400)
    flash(_("已记录，到期自动恢复。"), "ok")
    return redirect(url_for(".all_delegations"), 303)


@blueprint.post("/dispatch/delegations/<int:delegation_id>/call-off")
@requires(Permission.ASSIGN)
def call_off(delegation_id: int) -> Response:
    now = clock.now()
    today = clock.to_local(now, settings().site.time_zone).date()
    try:
        with transaction() as session:
            delegations.call_off(session, delegation_id, today=today, actor=me(), now=now)
    except TransitionRefused:
        flash(_("这项委托已经结束。"), "error")
    else:
        flash(_("委托已终止，今天起恢复原单位办理。"), "ok")
    return redirect(url_for(".all_delegations"), 303)


def _delegate(session: Session, form: DelegationForm) -> None:
    office, delegate = office_of(session, form.office), office_of(session, form.delegate)
    try:
        delegations.make(
            session,
            office.id,
            delegate.id,
            first_day=form.first_day.data,
            last_day=form.last_day.data,
            basis=form.basis.data,
            actor=me(),
            now=clock.now(),
        )
    except InvalidInput as wrong:
        said = {
            "delegate": _("请选择另一个单位；企业不参加委托。"),
            "first_day": _("其中有的日子已经委托出去。"),
            "basis": _("请写明依据的文件。"),
        }
        form[wrong.field].errors = [said[wrong.field]]
        raise FieldBlamed from wrong


def office_of(session: Session, field: Field) -> Organisation:
    """By the name in the field. Raises FieldBlamed with names that are near."""
    found = organisations.one_named(session, field.data)
    if found:
        return found
    near = "、".join(office.name for office in organisations.named(session, field.data, NEAR))
    field.errors = [_("没有这个单位。名称相近的有：%(near)s。", near=near) if near else _("没有这个单位。")]
    raise FieldBlamed


def _page(form: DelegationForm, status: int = 200) -> Response:
    with transaction() as session:
        page = render_template(
            "dispatch/delegations.html",
            page=page_of(session, delegations.history(), size=20),
            form=form,
            today=clock.to_local(clock.now(), settings().site.time_zone).date(),
            may_delegate=allows(current_staff().role, Permission.ASSIGN),
        )
    return make_response(page, status)
