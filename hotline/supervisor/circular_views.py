"""Circulars (/manage/circulars) and the newest one as everybody reads it (/p/scoreboard)."""

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import DateField, TextAreaField
from wtforms.validators import DataRequired, Length

from hotline import clock
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import InvalidInput, NotAllowed, TransitionRefused
from hotline.permissions import Permission, allows
from hotline.reports.definitions import BY_NAME
from hotline.reports.queries import Period
from hotline.supervision import circulars
from hotline.supervision.models import Circular
from hotline.supervision.papers import MAX_TEXT
from hotline.web.access import current_staff, open_to_all, requires
from hotline.web.forms import Form
from hotline.web.paging import page_of

blueprint = Blueprint("circulars", __name__, template_folder="templates")
A_PAGE = 20


class CircularForm(Form):
    first = DateField(lazy_gettext("开始日期"), [DataRequired(lazy_gettext("请选择日期。"))])
    last = DateField(lazy_gettext("结束日期（含当日）"), [DataRequired(lazy_gettext("请选择日期。"))])
    note = TextAreaField(
        lazy_gettext("说明（可不填，会公开）"),
        [Length(max=MAX_TEXT)],
        filters=[lambda said: (said or "").replace("\0", "").strip()],
        render_kw={"rows": 3, "maxlength": MAX_TEXT},
    )


@blueprint.get("/manage/circulars")
@requires(Permission.SEE_REPORTS)
def listed() -> Response:
    return _list(CircularForm(formdata=None))


@blueprint.post("/manage/circulars")
@requires(Permission.CIRCULATE)
def draw_up() -> Response:
    form = CircularForm()
    if not form.validate():
        return _list(form, 400)
    try:
        period = Period(form.first.data, form.last.data, settings().site.zone)
        with transaction() as session:
            made = circulars.draw_up(
                session, period, note=form.note.data, staff=current_staff(), now=clock.now()
            ).id
    except InvalidInput as wrong:
        field = form.note if wrong.field == "note" else form.last
        field.errors = [
            _("请去掉电话、证件等长数字。")
            if wrong.field == "note"
            else _("期间要已经结束，且开始不晚于结束，最多十年。")
        ]
        return _list(form, 400)
    flash(_("已生成通报，等另一人审核发布。"), "ok")
    return redirect(url_for(".circular", circular_id=made), 303)


@blueprint.get("/manage/circulars/<int:circular_id>")
@requires(Permission.SEE_REPORTS)
def circular(circular_id: int) -> str:
    with transaction() as session:
        return _page(circulars.one(session, circular_id), public=False)


@blueprint.post("/manage/circulars/<int:circular_id>/publish")
@requires(Permission.PUBLISH)
def publish(circular_id: int) -> Response:
    try:
        with transaction() as session:
            circulars.publish(session, circular_id, staff=current_staff(), now=clock.now())
    except NotAllowed:
        flash(_("须由另一人审核发布。"), "error")
    except TransitionRefused:
        flash(_("已经发布过。"), "error")
    else:
        flash(_("已发布，市民可以看到。"), "ok")
    return redirect(url_for(".circular", circular_id=circular_id), 303)


@blueprint.get("/p/scoreboard")
@open_to_all
def scoreboard() -> str:
    """Figures frozen at the time: reading it costs one row."""
    with transaction() as session:
        return _page(circulars.newest_published(session), public=True)


def _page(shown: Circular | None, *, public: bool) -> str:
    return render_template(
        "circulars/circular.html",
        circular=shown,
        public=public,
        figures=[BY_NAME[name] for name in circulars.FIGURES],
        may_publish=not public and allows(current_staff().role, Permission.PUBLISH),
    )


def _list(form: CircularForm, status: int = 200) -> Response:
    with transaction() as session:
        page = render_template(
            "circulars/list.html",
            page=page_of(session, circulars.all_of_them(), size=A_PAGE),
            form=form,
            may_draw_up=allows(current_staff().role, Permission.CIRCULATE),
        )
    return make_response(page, status)
