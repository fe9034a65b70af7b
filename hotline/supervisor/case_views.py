"""Cases that went back and forth between the hotlines too often: a supervisor says who keeps them (M03)."""

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField
from wtforms.validators import DataRequired, Length, Optional

from hotline import clock
from hotline.cases import queries, service
from hotline.catalogue.queries import UnknownItem, items
from hotline.db import transaction
from hotline.errors import TransitionRefused
from hotline.permissions import Permission
from hotline.supervisor.forms import HOTLINES
from hotline.web.access import current_staff, requires
from hotline.web.forms import Form
from hotline.web.paging import page_of

blueprint = Blueprint("cases", __name__, url_prefix="/manage/cases", template_folder="templates")


class DecideForm(Form):
    keeps = RadioField(
        lazy_gettext("由哪条热线办理"), [DataRequired(lazy_gettext("请选择热线"))], choices=[*HOTLINES]
    )
    item_code = StringField(lazy_gettext("事项"), [Optional(), Length(max=60)])
    reason = StringField(
        lazy_gettext("裁定理由"),
        [DataRequired(lazy_gettext("请写明理由，会记录在案。")), Length(max=service.LONGEST_NOTE)],
        filters=[lambda text: (text or "").replace("\0", "").strip()],
        render_kw={"maxlength": service.LONGEST_NOTE},
    )

    def code(self) -> str:
        return (str(self.item_code.data or "").split() or [""])[0].upper()


@blueprint.get("")
@requires(Permission.SUPERVISE)
def stuck() -> Response:
    return _page()


@blueprint.post("/<int:move_id>")
@requires(Permission.SUPERVISE)
def decide(move_id: int) -> Response:
    """Who keeps the case; a ticket that is with the other hotline goes there."""
    form = DecideForm(prefix=f"case-{move_id}")
    if not form.validate():
        return _page(move_id, form)
    try:
        with transaction() as session:
            service.decide(
                session,
                move_id,
                form.keeps.data,
                item_code=form.code(),
                reason=form.reason.data,
                staff_id=current_staff().id,
                now=clock.now(),
            )
    except UnknownItem:
        form.item_code.errors = [_("工单要转到这条热线，请选择它目录里的事项。")]
        return _page(move_id, form)
    except TransitionRefused:
        flash(_("承办单位已经在办，不能再转；请裁定由工单所在的热线办理。"), "error")
    except service.CaseWasDecided:
        flash(_("这个案件已经裁定。"), "error")
    else:
        flash(_("已裁定，两条热线都不能再转这个案件。"), "ok")
    return redirect(url_for(".stuck"), 303)


def _page(wrong_id: int = 0, wrong: DecideForm | None = None) -> Response:
    """The form that was wrong keeps what was typed."""
    with transaction() as session:
        page = page_of(session, queries.stuck())
        forms = {move.id: DecideForm(formdata=None, prefix=f"case-{move.id}") for move in page.rows}
        if wrong:
            forms[wrong_id] = wrong
        answer = render_template(
            "supervisor/cases.html",
            page=page,
            filed={move.case_number: queries.tickets(session, move.case_number) for move in page.rows},
            forms=forms,
            wrong_id=wrong_id,
            items=[item for hotline in HOTLINES for item in items(session, hotline)],
        )
    return make_response(answer, 400 if wrong else 200)
