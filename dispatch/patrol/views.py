"""The page grid staff carry on patrol (/work/patrol): it keeps reports while there is no network and sends
them when there is. Without JavaScript it is a form that sends one report."""

import secrets

from flask import Blueprint, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from dispatch.patrol import service
from dispatch.patrol.batch import take_batch
from hotline import clock
from hotline.db import transaction
from hotline.organisations import queries as organisations
from hotline.permissions import Permission
from hotline.tickets.service import MAX_PLACE, MAX_TEXT
from hotline.tickets.states import PUBLIC_STATE, TicketState
from hotline.web.access import current_staff, requires
from hotline.web.forms import Form
from hotline.web.labels import choices

blueprint = Blueprint("patrol", __name__, url_prefix="/work/patrol", template_folder="templates")
MOST_GRIDS = 300
FIELDS = {"area", "number", "text", "place", "kind"}


class PatrolForm(Form):
    client_id = HiddenField()
    text = TextAreaField(
        _("看到什么，群众说了什么"),
        [DataRequired(_("请写明情况。")), Length(max=MAX_TEXT)],
        render_kw={"rows": 5, "maxlength": MAX_TEXT},
    )
    kind = SelectField(_("类型"), choices=choices("ticket_kind"), default="help")
    area = StringField(_("网格编码"), [Length(max=20)], render_kw={"list": "grids"})
    place = StringField(_("地点"), [Length(max=MAX_PLACE)], render_kw={"maxlength": MAX_PLACE})
    number = StringField(_("诉求人手机号（可不填）"), [Length(max=30)], render_kw={"inputmode": "tel"})


@blueprint.get("")
@requires(Permission.WORK_ORDERS)
def page() -> Response:
    return _page(PatrolForm(formdata=None, client_id=secrets.token_hex(16)))


@blueprint.post("")
@requires(Permission.WORK_ORDERS)
def send_one() -> Response:
    """From a browser without JavaScript."""
    form = PatrolForm()
    if not form.validate():
        return _page(form, 400)
    said = {name: form[name].data or "" for name in ("client_id", *FIELDS)}
    (answer,) = _take([said | {"seen_at": clock.now().isoformat()}])
    if "refused" in answer:
        field = answer["field"] if answer["field"] in FIELDS else "text"
        form[field].errors = [gettext("请核对这一栏。")]
        return _page(form, 400)
    flash(gettext("已上报，工单 %(number)s。", number=answer["ticket"]), "ok")
    return redirect(url_for(".page"), 303)


@blueprint.post("/batch")
@requires(Permission.WORK_ORDERS)
def send_batch() -> Response:
    """What the page kept while there was no network, as JSON."""
    return jsonify(reports=take_batch(current_staff().organisation_id, request.get_json(), actor=_me()))


def _take(reports: list[dict[str, str]]) -> list[dict[str, str]]:
    return take_batch(current_staff().organisation_id, {"reports": reports}, actor=_me())


def _page(form: PatrolForm, status: int = 200) -> Response:
    with transaction() as session:
        of = service.reporter(session, current_staff().organisation_id)
        shown = render_template(
            "patrol/page.html",
            form=form,
            of=of,
            grids=organisations.areas(session, "grid", of.area)[:MOST_GRIDS],
            reports=service.latest(session, _me()),
            public_state={state: PUBLIC_STATE[TicketState(state)] for state in TicketState},
        )
    return make_response(shown, status)


def _me() -> str:
    return f"staff:{current_staff().id}"
