"""The pages of learning (/manage/learning): accuracy, models and who swapped them, the golden set."""

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hotline import clock
from hotline.catalogue.models import Item
from hotline.catalogue.queries import UnknownItem, items
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import InvalidInput
from hotline.learning import accuracy, golden, queries, service, unsorted
from hotline.learning.masking import masked
from hotline.permissions import Permission
from hotline.reports.queries import Period
from hotline.supervisor.catalogue_pages import people
from hotline.supervisor.forms import HOTLINES, asked
from hotline.supervisor.learning_forms import GoldenForm, RetireForm, RollBackForm
from hotline.supervisor.learning_pages import blueprint, hotline, me
from hotline.web.access import requires
from hotline.web.paging import page_of, slice_of

ITEMS_A_PAGE = 20
MODELS_A_PAGE = 15


@blueprint.get("")
@requires(Permission.SEE_REPORTS)
def accuracy_page() -> str:
    """?from=…&to=…: by item, what is taken for what, week by week."""
    period, span = _asked_span()
    with transaction() as session:
        lines = accuracy.by_item(session, span)
        return render_template(
            "learning/accuracy.html",
            period=period,
            whole=accuracy.whole(session, span),
            page=slice_of(lines, size=ITEMS_A_PAGE),
            weeks=accuracy.by_week(session, span),
            confusions=accuracy.confusions(session, span),
            unsorted=unsorted.ended(session, span),
            items=_known(session),
        )


@blueprint.get("/tickets")
@requires(Permission.SEE_TICKETS)
def behind() -> str:
    """?from=…&to=…&code=… (the item they have now) of a confusion with ?suggested=…, else filed unsorted."""
    period, span = _asked_span()
    suggested, code = (request.args.get(name, "").replace("\0", "") for name in ("suggested", "code"))
    found = accuracy.behind(span, suggested, code) if suggested else unsorted.tickets(span, code)
    with transaction() as session:
        return render_template(
            "learning/behind.html",
            period=period,
            page=page_of(session, found, size=ITEMS_A_PAGE),
            suggested=suggested,
            code=code,
            items=_known(session),
            said=masked,
        )


@blueprint.get("/models")
@requires(Permission.SEE_REPORTS)
def models() -> Response:
    return _models_page()


@blueprint.post("/models")
@requires(Permission.SUPERVISE)
def rebuild() -> Response:
    with transaction() as session:
        service.ask(session, hotline(), actor=me(), now=clock.now())
    flash(_("已安排重新训练，几分钟后刷新本页查看结果。"), "ok")
    return redirect(url_for(".models", hotline=hotline()), 303)


@blueprint.post("/roll-back")
@requires(Permission.SUPERVISE)
def roll_back() -> Response:
    form = RollBackForm()
    if not form.validate() or not (form.model.data or "0").isdecimal():
        return _models_page(form)
    try:
        with transaction() as session:
            service.roll_back(
                session,
                hotline(),
                int(form.model.data) if form.model.data else None,
                reason=form.reason.data,
                actor=me(),
                now=clock.now(),
            )
    except InvalidInput:
        flash(_("这个模型已经在用。"), "error")
        return redirect(url_for(".models", hotline=hotline()), 303)
    flash(_("已换回。夜间自动训练暂停，直到有人点“重新训练”。"), "ok")
    return redirect(url_for(".models", hotline=hotline()), 303)


@blueprint.get("/golden")
@requires(Permission.SEE_REPORTS)
def golden_set() -> Response:
    return _golden_page(GoldenForm(formdata=None))


@blueprint.post("/golden")
@requires(Permission.SUPERVISE)
def add_golden() -> Response:
    form = GoldenForm()
    if not form.validate():
        return _golden_page(form, status=400)
    code = form.code.data.split()[0].upper()
    try:
        with transaction() as session:
            golden.add(session, hotline(), code, form.text.data, actor=me(), now=clock.now())
    except UnknownItem:
        form.code.errors = [_("目录中没有这个事项编码，请从列表中选择。")]
        return _golden_page(form, status=400)
    except InvalidInput as refused:
        form.text.errors = [_golden_refused(refused)]
        return _golden_page(form, status=400)
    flash(_("已加入，下次训练起参加检验。"), "ok")
    return redirect(url_for(".golden_set", hotline=hotline()), 303)


@blueprint.post("/golden/<int:sentence_id>/retire")
@requires(Permission.SUPERVISE)
def retire_golden(sentence_id: int) -> Response:
    form = RetireForm()
    if not form.validate():
        flash(_("请写明原因，会记录在案。"), "error")
        return redirect(url_for(".golden_set", hotline=hotline()), 303)
    with transaction() as session:
        golden.retire(session, sentence_id, reason=form.reason.data, actor=me(), now=clock.now())
    flash(_("已停用。"), "ok")
    return redirect(url_for(".golden_set", hotline=hotline()), 303)


def _asked_span() -> tuple[Period, accuracy.Span]:
    period = asked().period
    return period, accuracy.Span(hotline(), period.start, period.stop, settings().site.time_zone)


def _known(session: Session) -> dict[str, Item]:
    """Of both hotlines: a ticket may have been referred to the other."""
    return {item.code: item for code in HOTLINES for item in items(session, code)}


def _models_page(wrong: RollBackForm | None = None) -> Response:
    with transaction() as session:
        page = page_of(session, queries.models(hotline()), size=MODELS_A_PAGE)
        swaps = queries.swaps(session, hotline())
        actors = [model.asked_by for model in page.rows] + [swap.actor for swap in swaps]
        answer = render_template(
            "learning/models.html",
            page=page,
            live_id=queries.live_model_id(session, hotline()),
            kept=queries.kept_ids(session, hotline()),
            on_hold=service.on_hold(session, hotline()),
            swaps=swaps,
            names=people(session, actors),
            wrong=wrong,
            learning=settings().learning,
        )
    return make_response(answer, 400 if wrong else 200)


def _golden_page(form: GoldenForm, status: int = 200) -> Response:
    with transaction() as session:
        page = page_of(session, golden.own(hotline()), size=ITEMS_A_PAGE)
        retired = page_of(session, golden.own(hotline(), retired=True), size=ITEMS_A_PAGE, number=1)
        actors = [one.added_by for one in page.rows] + [one.retired_by for one in retired.rows]
        answer = render_template(
            "learning/golden.html",
            form=form,
            retire=RetireForm(formdata=None),
            page=page,
            retired=retired,
            shipped=len(golden.shipped(hotline())),
            items={item.code: item for item in items(session, hotline())},
            names=people(session, actors),
        )
    return make_response(answer, status)


def _golden_refused(refused: InvalidInput) -> str:
    if refused.code == "golden_known":
        return str(_("金标准句里已经有这句话。"))
    return str(_("请去掉电话号码等长数字；一句话 4 至 200 个字。"))
