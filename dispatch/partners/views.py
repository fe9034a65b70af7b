"""/manage/partners: an administrator gives keys, sets web-hooks, and sees what became of each delivery."""

from typing import TypeVar

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import StringField, URLField
from wtforms.validators import DataRequired, Length

from dispatch.partners import hooks, keys
from dispatch.partners.models import DeliveryState, PartnerKey, WebHook, WebHookDelivery
from dispatch.partners.sending import AddressRefused, check_address
from dispatch.queries import find_organisations
from hotline import clock
from hotline.db import transaction
from hotline.errors import NotFound
from hotline.organisations.models import Organisation
from hotline.permissions import Permission
from hotline.web.access import current_staff, requires
from hotline.web.forms import Form
from hotline.web.paging import page_of

blueprint = Blueprint("partners", __name__, url_prefix="/manage/partners", template_folder="templates")


Row = TypeVar("Row", PartnerKey, WebHookDelivery)


class KeyForm(Form):
    name = StringField(
        lazy_gettext("哪个系统使用"), [DataRequired(lazy_gettext("请写明哪个系统使用。")), Length(max=60)]
    )


class HookForm(Form):
    url = URLField(
        lazy_gettext("推送地址"),
        [DataRequired(lazy_gettext("请填写 https:// 开头的地址。")), Length(max=300)],
    )


@blueprint.get("")
@requires(Permission.ADMINISTER)
def listed() -> str:
    searched = request.args.get("q", "")
    with transaction() as session:
        partners = select(Organisation).where(
            Organisation.id.in_(select(PartnerKey.organisation_id))
            | Organisation.id.in_(select(WebHook.organisation_id))
        )
        return render_template(
            "partners/list.html",
            page=page_of(session, partners.order_by(Organisation.id)),
            failed=set(session.scalars(select(WebHookDelivery.organisation_id).where(_failed()).distinct())),
            searched=searched,
            found=find_organisations(session, searched, clock.now()),
        )


@blueprint.get("/<int:organisation_id>")
@requires(Permission.ADMINISTER)
def one(organisation_id: int) -> Response:
    return _page(organisation_id)


@blueprint.post("/<int:organisation_id>/keys")
@requires(Permission.ADMINISTER)
def make_key(organisation_id: int) -> Response:
    form = KeyForm()
    if not form.validate():
        return _page(organisation_id, key_form=form)
    with transaction() as session:
        _row, key = keys.make(session, organisation_id, form.name.data, actor=_me(), now=clock.now())
    flash(_("密钥（只显示这一次，请立即保存）：%(key)s", key=key), "ok")
    return _back(organisation_id)


@blueprint.post("/<int:organisation_id>/keys/<int:key_id>/revoke")
@requires(Permission.ADMINISTER)
def revoke_key(organisation_id: int, key_id: int) -> Response:
    with transaction() as session:
        keys.revoke(session, organisation_id, key_id, actor=_me(), now=clock.now())
    flash(_("密钥已作废。"), "ok")
    return _back(organisation_id)


@blueprint.post("/<int:organisation_id>/hook")
@requires(Permission.ADMINISTER)
def set_hook(organisation_id: int) -> Response:
    form = HookForm()
    if not form.validate():
        return _page(organisation_id, hook_form=form)
    try:
        check_address(form.url.data)
        with transaction() as session:
            secret = hooks.set_hook(session, organisation_id, form.url.data, actor=_me(), now=clock.now())
    except (AddressRefused, OSError):
        form.url.errors = [_("不能推送到这个地址：要 https:// 开头、能解析，并且不在内部网络。")]
        return _page(organisation_id, hook_form=form)
    flash(_("签名密钥（只显示这一次，请立即保存）：%(key)s", key=secret), "ok")
    return _back(organisation_id)


@blueprint.post("/<int:organisation_id>/hook/stop")
@requires(Permission.ADMINISTER)
def stop_hook(organisation_id: int) -> Response:
    with transaction() as session:
        hooks.stop_hook(session, organisation_id, actor=_me(), now=clock.now())
    flash(_("已停止推送。"), "ok")
    return _back(organisation_id)


@blueprint.post("/<int:organisation_id>/deliveries/<int:delivery_id>/resend")
@requires(Permission.ADMINISTER)
def resend(organisation_id: int, delivery_id: int) -> Response:
    with transaction() as session:
        hooks.resend(session, organisation_id, delivery_id, actor=_me(), now=clock.now())
    flash(_("已重新排队，稍后推送。"), "ok")
    return _back(organisation_id)


def _page(
    organisation_id: int, *, key_form: KeyForm | None = None, hook_form: HookForm | None = None
) -> Response:
    with transaction() as session:
        page = render_template(
            "partners/one.html",
            organisation=_organisation(session, organisation_id),
            keys=session.scalars(_of(PartnerKey, organisation_id).order_by(PartnerKey.id.desc())).all(),
            hook=session.get(WebHook, organisation_id),
            page=page_of(
                session, _of(WebHookDelivery, organisation_id).order_by(WebHookDelivery.id.desc()), size=20
            ),
            key_form=key_form or KeyForm(formdata=None),
            hook_form=hook_form or HookForm(formdata=None),
        )
    return make_response(page, 400 if key_form or hook_form else 200)


def _of(table: type[Row], organisation_id: int) -> Select[Row]:
    return select(table).where(table.organisation_id == organisation_id)


def _failed() -> ColumnElement[bool]:
    return WebHookDelivery.state == DeliveryState.FAILED


def _organisation(session: Session, organisation_id: int) -> Organisation:
    found = session.get(Organisation, organisation_id)
    if found is None:
        raise NotFound(f"no organisation {organisation_id}")
    return found


def _me() -> str:
    return f"staff:{current_staff().id}"


def _back(organisation_id: int) -> Response:
    return redirect(url_for(".one", organisation_id=organisation_id), 303)
