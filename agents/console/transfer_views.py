"""Handing a matter to the other hotline: the caller on the line, or a ticket (M03)."""

from dataclasses import replace

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from agents import service
from agents.console.forms import ReferForm, TransferForm
from hotline import clock
from hotline.calls import service as calls
from hotline.cases import service as cases
from hotline.catalogue.queries import UnknownItem
from hotline.db import transaction
from hotline.errors import HotlineError, ProviderError, TransitionRefused
from hotline.learning.queries import classifier_for
from hotline.permissions import Permission
from hotline.telephony.ports import telephony
from hotline.tickets import queries as tickets
from hotline.tickets import service as ticket_service
from hotline.web.access import current_staff, requires

blueprint = Blueprint("transfers", __name__)


@blueprint.post("/transfer")
@requires(Permission.TAKE_CALLS)
def transfer() -> Response:
    """The caller goes to the other hotline's queue; what the telephone system refuses is undone, and said."""
    form = TransferForm()
    console = redirect(url_for("agents_console.console"), 303)
    if not form.validate():
        flash(_("请写明转接原因，最多 300 字。"), "error")
        return console
    with transaction() as session:
        call = calls.get(session, form.call_id.data)
        before, (hotline, words) = call.queue or "", cases.about(session, call)
        classifier = classifier_for(session, hotline)
    found = classifier.suggest(words) if words else ()
    guesses = ({"code": one.code, "name": one.name, "confidence": one.confidence} for one in found)
    wish = replace(_wish(form.note.data), suggestions=tuple(guesses))
    try:
        with transaction() as session:
            call = service.transfer(session, form.call_id.data, wish)
    except HotlineError as refusal:
        return _refused(refusal, wish, console, call_id=form.call_id.data)
    try:
        telephony().transfer(call.system_id, call.queue or "")
    except ProviderError:
        with transaction() as session:
            service.keep_talking(session, call.id, before, wish)
        flash(_("话务系统没有转接成功，来电人还在您这里。请再试一次。"), "error")
        return console
    said = {"hotline": cases.serving(call), "number": call.case_number}
    flash(_("已转到 %(hotline)s，案件号 %(number)s。", **said), "ok")
    return console


@blueprint.post("/tickets/<number>/refer")
@requires(Permission.OPEN_TICKET)
def refer(number: str) -> Response:
    form = ReferForm()
    back = redirect(url_for("agents_console.tickets.detail", number=number), 303)
    if not form.validate():
        flash(_("请选择事项，并写明转接原因（最多 300 字）。"), "error")
        return back
    wish = _wish(form.note.data)
    with transaction() as session:
        ticket_id = tickets.by_number(session, number).id
    try:
        with transaction() as session:
            ticket = ticket_service.get(session, ticket_id, lock=True)
            cases.refer_ticket(session, ticket, form.code(), wish)
    except HotlineError as refusal:
        return _refused(refusal, wish, back, number=number)
    flash(_("已转到另一条热线，工单号和案件号不变。"), "ok")
    return back


def _wish(note: str) -> cases.Wish:
    return cases.Wish(current_staff().id, note, clock.now())


def _refused(
    refusal: HotlineError, wish: cases.Wish, back: Response, *, call_id: int = 0, number: str = ""
) -> Response:
    if isinstance(refusal, cases.CaseIsStuck):
        with transaction() as session:
            moved = calls.get(session, call_id) if call_id else tickets.by_number(session, number)
            cases.report_stuck(session, moved, wish)
        text = _("这个案件已经转了 %(n)s 次，不能再转。已报班长裁决，请先由您办理。", n=cases.MOST_MOVES)
    elif isinstance(refusal, cases.CaseWasDecided):
        text = _("班长已裁定这个案件由哪条热线办理，不能再转。请先由您办理。")
    elif isinstance(refusal, TransitionRefused):
        text = _("情况已经改变，刚才的操作没有生效。下面是最新情况。")
    elif isinstance(refusal, UnknownItem):
        text = _("目录中没有这个事项编码，请从建议或列表中选择")
    else:
        raise refusal
    flash(text, "error")
    return back
