"""The agent's console: state, the call on the line, the ticket form, wrap-up."""

from datetime import datetime
from urllib.parse import urlsplit

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from agents import intake, membership, queries, service
from agents.console import (
    callback_views,
    grievance_views,
    mending_views,
    place_views,
    quote_views,
    suggest_views,
    supplement_views,
    ticket_views,
    transfer_views,
)
from agents.console.blocks import BLOCKS
from agents.console.forms import PauseForm, TicketForm, WrapUpForm, new_key
from agents.states import Disposition, PauseReason
from hotline import clock
from hotline.attachments.service import EvidenceMissing
from hotline.callbacks.models import CallBack
from hotline.catalogue.alarms import alarm
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import (
    ConsentMissing,
    HotlineError,
    InvalidInput,
    NotFound,
    ProviderError,
    TransitionRefused,
)
from hotline.permissions import Permission
from hotline.places import queries as places
from hotline.service_hours import CalendarYearMissing
from hotline.staff.models import Staff
from hotline.tickets.models import Ticket
from hotline.tickets.service import MAX_PLACE
from hotline.web.access import current_staff, requires
from hotline.web.display import alarm_name
from hotline.web.uploads import lacking, takes_files

blueprint = Blueprint(
    "agents_console",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/agents",
    url_prefix="/agent",
)
blueprint.register_blueprint(ticket_views.blueprint)
blueprint.register_blueprint(mending_views.blueprint)
blueprint.register_blueprint(callback_views.blueprint)
blueprint.register_blueprint(transfer_views.blueprint)
blueprint.register_blueprint(supplement_views.blueprint)
blueprint.register_blueprint(quote_views.blueprint)
blueprint.register_blueprint(grievance_views.blueprint)
blueprint.register_blueprint(place_views.blueprint)
blueprint.register_blueprint(suggest_views.blueprint)


@blueprint.get("")
@requires(Permission.TAKE_CALLS)
def console() -> str:
    """?callback=… fills the form for a citizen who was rung back, ?area=…&place=… with a place heard."""
    now = clock.now()
    with transaction() as session:
        form = TicketForm(formdata=None)
        form.form_key.data = new_key()
        _prefill(session, form, current_staff(), now)
        return _page(session, form, current_staff(), now)


@blueprint.get("/blocks/<name>")
@requires(Permission.TAKE_CALLS)
def block(name: str) -> str:
    if name not in BLOCKS:
        abort(404)
    with transaction() as session:
        return BLOCKS[name](session, current_staff(), clock.now())


@blueprint.post("/available")
@requires(Permission.TAKE_CALLS)
def available() -> Response:
    with transaction() as session:
        service.become_available(session, current_staff().id, clock.now())
    return _moved()


@blueprint.post("/pause")
@requires(Permission.TAKE_CALLS)
def pause() -> Response:
    form = PauseForm()
    if not form.validate():
        flash(_("请从列表中选择小休原因。"), "error")
        return _back()
    with transaction() as session:
        service.pause(session, current_staff().id, PauseReason(form.reason.data), clock.now())
    return _moved()


@blueprint.post("/leave")
@requires(Permission.TAKE_CALLS)
def leave() -> Response:
    with transaction() as session:
        service.leave(session, current_staff().id, clock.now())
    return _moved()


@blueprint.post("/wrap-up")
@requires(Permission.TAKE_CALLS)
def wrap_up() -> Response:
    """How the call went, then the next call or a pause."""
    form = WrapUpForm()
    if not form.validate():
        flash(_("请从列表中选择处理结果。"), "error")
        return _back()
    then = None if form.then.data == "available" else PauseReason(form.then.data)
    disposition = Disposition(form.disposition.data)
    try:
        with transaction() as session:
            service.finish_wrap_up(session, current_staff().id, disposition, clock.now(), then_pause=then)
    except TransitionRefused:
        flash(_("整理时间已过，系统已转为空闲；处理结果没有记录。"), "error")
    return _moved()


@blueprint.post("/tickets")
@requires(Permission.OPEN_TICKET)
@takes_files
def open_ticket() -> Response:
    """Register a matter; a form that is wrong comes back with all that was written."""
    me, now = current_staff(), clock.now()
    form = TicketForm()
    try:
        if form.validate():
            with transaction() as session:
                form.area_id.data = places.settled(session, form.area_id.picked)
                ticket = intake.register(session, form.matter(), staff_id=me.id, now=now)
            form.files.tell_lost()
            return _registered(ticket)
    except IntegrityError:  # this form was handed in before: a second click, a lost answer
        with transaction() as session:
            first = intake.handed_in(session, form.form_key.data)
        if first is None:
            raise
        return _registered(first)
    except HotlineError as error:
        _blame(form, error)
    with transaction() as session:
        return make_response(_page(session, form, me, now), 400)


@blueprint.post("/place")
@requires(Permission.OPEN_TICKET)
@takes_files
def look_up_place() -> str:
    """Without JavaScript: the form again with proposals for its place, or with ?take=… as the area."""
    form = TicketForm()
    form.files.validate(form)
    taken = request.args.get("take", None, type=int)
    if taken:
        form.area_id.picked = (taken,)
        form.place.data = form.place.data or request.args.get("words", "")[:MAX_PLACE]
    with transaction() as session:
        return _page(session, form, current_staff(), clock.now())


def _registered(ticket: Ticket) -> Response:
    done = _("已办结。") if ticket.closures else ""
    text = _(
        "已登记 %(number)s，查询码 %(code)s。请告知来电人。", number=ticket.number, code=ticket.query_code
    )
    flash(text + done, "ok")
    emergency = alarm(ticket.text)
    if emergency:
        flash(
            _(
                "紧急：%(name)s。还没有转接的，请立即转接 %(number)s。",
                name=alarm_name(emergency),
                number=emergency.number,
            ),
            "error",
        )
    return redirect(url_for("agents_console.console", opened=ticket.number), 303)


def _blame(form: TicketForm, error: HotlineError) -> None:
    """Put what the service refused at the field it belongs to, in the words of the page."""
    fields = {
        "text": _("请写明诉求内容"),
        "kind": _("请选择类型"),
        "number": _("不是有效的电话号码，请核对；没有可留空"),
        "contact_wish": _("请选择告知方式"),
        "public_reply": _("当场办结要写明答复内容"),
        "unit": _("只有投诉才注明被投诉单位，名称要能确定到一个单位，请写全称"),
    }
    if isinstance(error, ConsentMissing):
        message = _(
            "此事项由企业上门服务，须有来电人的联系电话并征得同意；不同意的，请改选部门办理的事项或当场答复。"
        )
        form.share_contact.errors = [message]
    elif isinstance(error, EvidenceMissing):
        form.reply.errors = [*lacking(error.missing).values(), _("请不要当场办结，登记后派单办理。")]
    elif error.code == "unknown_item":
        form.item_code.errors = [_("目录中没有这个事项编码，请从建议或列表中选择")]
    elif isinstance(error, InvalidInput) and error.field in fields:
        field = form["reply" if error.field == "public_reply" else error.field]
        field.errors = [fields[error.field]]
    elif isinstance(error, CalendarYearMissing):
        form.form_errors.append(
            _("工作日历缺少 %(year)d 年的数据，请告知管理员；内容已保留。", year=error.year)
        )
    elif isinstance(error, NotFound):
        form.form_errors.append(_("所选的区域或通话已不存在，请刷新后重新选择。"))
    else:
        raise error


def _prefill(session: Session, form: TicketForm, me: Staff, now: datetime) -> None:
    """What is known of the call in hand, or of the call-back this ticket comes from."""
    shown = queries.screen_pop(session, service.presence_of(session, me.id, now))
    task = session.get(CallBack, request.args.get("callback", 0, type=int))
    if shown:
        form.call_id.data, form.hotline.data = shown.call.id, shown.hotline
        form.item_code.data = shown.item.code if shown.item and not shown.from_this_call else None
        form.kind.data = shown.item.kind if shown.item and not shown.from_this_call else None
        form.caller_name.data = shown.call.caller.name if shown.call.caller else None
    elif task:
        form.callback_id.data = task.id
        form.caller_name.data = task.caller.name

    if taken := request.args.get("area", 0, type=int):
        form.area_id.picked, form.place.data = (taken,), request.args.get("place", "")[:MAX_PLACE]


def _page(session: Session, form: TicketForm, me: Staff, now: datetime) -> str:
    area_id = places.settled(session, form.area_id.picked)
    return render_template(
        "agents/console.html",
        form=form,
        blocks={name: render(session, me, now) for name, render in BLOCKS.items()},
        items=queries.all_items(session),
        levels=places.levels(session, area_id),
        proposals=place_views.proposed(session, form.place.data or "", form.text.data or "", area_id),
        centres=place_views.counters_of(
            session, form.hotline.data or "12345", form.item_code.data or "", area_id
        ),
        line=_simulated_line(me),
    )


def _simulated_line(me: Staff) -> dict[str, str] | None:
    """The telephone on the page, when no real one stands on the desk."""
    web = settings().web
    if settings().telephony.system != "simulated" or not me.extension:
        return None
    host = urlsplit(f"//{request.host}").hostname
    return {"base": f"http://{host}:{web.simulators_port}", "extension": me.extension}


def _moved() -> Response:
    """Queues that are the telephone system's follow at once; a refusal is the agent's to see, not a log's."""
    try:
        membership.mend()
    except ProviderError:
        flash(_("话务系统没有接受您的新状态，系统会自动重试。"), "error")
    return _back()


def _back() -> Response:
    return redirect(url_for("agents_console.console"), 303)
