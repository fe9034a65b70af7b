"""Questions left for lawyers: claim one, hear it, answer it. Personal data: none but what the caller said."""

from collections.abc import Callable

from flask import (
    Blueprint,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hotline import clock
from hotline.attachments.queries import LawyerViewer
from hotline.catalogue.queries import items
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import HotlineError, InvalidInput, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import RecordingPlayed
from hotline.lawyers.forms import AnswerForm, UnreachableForm
from hotline.legal import queries, service
from hotline.legal.models import LawyerTask
from hotline.legal.states import LIVE
from hotline.permissions import Permission, allows
from hotline.web.access import current_staff, requires
from hotline.web.attachments import Shelf, open_with_purpose, send, shelf
from hotline.web.paging import page_of

blueprint = Blueprint("lawyers", __name__, url_prefix="/legal", template_folder="templates")
LIVE_KINDS = "lawyer_asked lawyer_task_moved"


@blueprint.get("")
@requires(Permission.ANSWER_LEGAL)
def tasks() -> Response:
    """?tab= is a state. A live refresh gets the list alone."""
    tab = request.args.get("tab", "")
    block = "X-Live-Block" in request.headers
    with transaction() as session:
        counts = queries.counts(session)
        if tab not in queries.TABS:
            tab = next((state for state, count in counts.items() if count), "open")
        page = page_of(session, queries.tasks(tab), size=20)
        shown = {
            "tab": tab,
            "tabs": queries.TABS,
            "counts": counts,
            "page": page,
            "live_kinds": LIVE_KINDS,
            "may_plan": allows(current_staff().role, Permission.SUPERVISE),
        }
        answer = make_response(render_template(f"lawyers/{'_' if block else ''}tasks.html", **shown))
    answer.vary.add("X-Live-Block")
    return answer


@blueprint.get("/<int:task_id>")
@requires(Permission.ANSWER_LEGAL)
def task(task_id: int) -> Response:
    return _page(task_id)


@blueprint.get("/<int:task_id>/recordings/<int:recording_id>")
@requires(Permission.ANSWER_LEGAL)
def recording(task_id: int, recording_id: int) -> Response:
    """The sound. Each time it is asked for is on record, but not every part that a player fetches."""
    with transaction() as session:
        asked = service.get(session, task_id)
        found = queries.recording(session, asked, recording_id)
        if request.headers.get("Range", "bytes=0-").startswith("bytes=0-"):
            staff_id = current_staff().id
            fact = RecordingPlayed(
                call_id=found.call_id, ticket_id=asked.ticket_id, staff_id=staff_id, recording_id=found.id
            )
            record(session, fact, actor=f"staff:{staff_id}", at=clock.now())
        path = found.path
    answer = send_from_directory(
        settings().telephony.recordings_dir.resolve(), path, mimetype="audio/wav", conditional=True
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.get("/<int:task_id>/files/<int:attachment_id>")
@requires(Permission.ANSWER_LEGAL)
def show_file(task_id: int, attachment_id: int) -> Response:
    with transaction() as session:
        viewer = _viewer(service.get(session, task_id))
        return send(session, viewer, attachment_id, small="small" in request.args)


@blueprint.post("/<int:task_id>/files/open")
@requires(Permission.ANSWER_LEGAL)
def open_files(task_id: int) -> Response:
    with transaction() as session:
        asked = service.get(session, task_id)
        open_with_purpose(session, _viewer(asked), asked.ticket)
    return redirect(url_for(".task", task_id=task_id), 303)


@blueprint.post("/<int:task_id>/claim")
@requires(Permission.ANSWER_LEGAL)
def claim(task_id: int) -> Response:
    return _act(task_id, lambda session, me: service.claim(session, task_id, staff_id=me, now=clock.now()))


@blueprint.post("/<int:task_id>/give-back")
@requires(Permission.ANSWER_LEGAL)
def give_back(task_id: int) -> Response:
    return _act(
        task_id,
        lambda session, me: service.give_back(session, task_id, staff_id=me, now=clock.now()),
        _("已放回，其他律师可以认领。"),
    )


@blueprint.post("/<int:task_id>/answer")
@requires(Permission.ANSWER_LEGAL)
def answer(task_id: int) -> Response:
    form = AnswerForm()
    with transaction() as session:
        form.offer(items(session, service.HOTLINE))
    if not form.validate():
        return _page(task_id, form=form)
    try:
        return _act(
            task_id,
            lambda session, me: service.answer(session, task_id, form.said(), staff_id=me, now=clock.now()),
            _("已答复，工单办结。"),
        )
    except InvalidInput as error:
        form[error.field if error.field in form else "text"].errors = [
            _("没有联系电话就无法告知市民：请填写留言中说的电话，或者按无法联系结束。")
        ]
        return _page(task_id, form=form)


@blueprint.post("/<int:task_id>/unreachable")
@requires(Permission.ANSWER_LEGAL)
def unreachable(task_id: int) -> Response:
    form = UnreachableForm()
    if not form.validate():
        return _page(task_id, unreachable_form=form)
    return _act(
        task_id,
        lambda session, me: service.close_unreachable(
            session, task_id, reason=form.reason.data, staff_id=me, now=clock.now()
        ),
        _("已按无法联系结束。"),
    )


@blueprint.post("/<int:task_id>/to-desk")
@requires(Permission.ANSWER_LEGAL)
def to_desk(task_id: int) -> Response:
    return _act(
        task_id,
        lambda session, me: service.hand_to_desk(session, task_id, staff_id=me, now=clock.now()),
        _("已转派单员。"),
    )


def _act(task_id: int, act: Callable[[Session, int], object], done: str = "") -> Response:
    """Do it and show the task; when another was faster, show how it stands now and say so (409)."""
    try:
        with transaction() as session:
            act(session, current_staff().id)
    except TransitionRefused as refusal:
        return _page(task_id, refusal=refusal)
    if done:
        flash(done, "ok")
    return redirect(url_for(".task", task_id=task_id), 303)


def _viewer(asked: LawyerTask) -> LawyerViewer:
    """Raises NotFound once the question is no lawyer's any more."""
    if asked.state not in LIVE:
        raise NotFound(f"task {asked.id} has ended")
    return LawyerViewer(current_staff().id, asked.ticket_id)


def _shelf(session: Session, asked: LawyerTask) -> Shelf | None:
    if asked.state not in LIVE:
        return None
    return shelf(
        session,
        _viewer(asked),
        asked.ticket,
        lambda file, small=False: url_for(
            ".show_file", task_id=asked.id, attachment_id=file, small=int(small) or None
        ),
        open_url=url_for(".open_files", task_id=asked.id),
    )


def _page(
    task_id: int,
    *,
    form: AnswerForm | None = None,
    unreachable_form: UnreachableForm | None = None,
    refusal: HotlineError | None = None,
) -> Response:
    wrong = form or unreachable_form
    with transaction() as session:
        shown = service.get(session, task_id)
        if form is None:
            form = AnswerForm(formdata=None)
            form.offer(items(session, service.HOTLINE))
            form.item_code.data = shown.ticket.item.code
        page = render_template(
            "lawyers/task.html",
            task=shown,
            ticket=shown.ticket,
            recordings=queries.recordings(session, shown),
            shelf=_shelf(session, shown),
            mine=shown.state == "claimed" and shown.staff_id == current_staff().id,
            form=form,
            unreachable_form=unreachable_form or UnreachableForm(formdata=None),
            refusal=refusal,
        )
    return make_response(page, 400 if wrong else 409 if refusal else 200)
