"""A citizen contests a paid job on the telephone (E09)."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hotline import clock
from hotline.db import transaction
from hotline.errors import TransitionRefused
from hotline.permissions import Permission
from hotline.tickets import grievances
from hotline.tickets import queries as tickets
from hotline.web.access import current_staff, requires
from hotline.web.grievance_form import GrievanceForm

blueprint = Blueprint("grievances", __name__, url_prefix="/tickets/<number>/grievance")


@blueprint.post("")
@requires(Permission.OPEN_TICKET)
def contest(number: str) -> Response:
    form = GrievanceForm()
    page = redirect(url_for("agents_console.tickets.detail", number=number), 303)
    if not form.validate():
        flash(_("请选择对什么有异议，并写明情况。"), "error")
        return page
    try:
        with transaction() as session:
            grievances.raise_(
                session,
                tickets.locked(session, number),
                about=form.about.data,
                text=form.text.data,
                actor=f"staff:{current_staff().id}",
                now=clock.now(),
            )
    except TransitionRefused:
        flash(_("这件工单现在不能提出异议：要在付费服务答复之后，而且只能提一次。"), "error")
    else:
        flash(_("异议已记录，等企业答复。"), "ok")
    return page
