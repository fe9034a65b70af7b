"""The page of the trail (/manage/trail): how far facts are sealed, and what each verification found."""

from flask import Blueprint, render_template

from hotline.db import transaction
from hotline.permissions import Permission
from hotline.trail import queries
from hotline.web.access import requires
from hotline.web.paging import page_of

blueprint = Blueprint("trail", __name__, url_prefix="/manage/trail", template_folder="templates")


@blueprint.get("")
@requires(Permission.SUPERVISE)
def trail() -> str:
    with transaction() as session:
        state = queries.state(session)
        page = page_of(session, queries.verifications())
        return render_template("supervisor/trail.html", state=state, page=page)
