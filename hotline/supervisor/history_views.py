"""What old systems closed (/manage/history): searched and read, never acted on (R06)."""

from flask import Blueprint, render_template, request

from hotline.db import transaction
from hotline.history import queries
from hotline.permissions import Permission
from hotline.web.access import requires
from hotline.web.paging import page_of

blueprint = Blueprint("history", __name__, url_prefix="/manage/history", template_folder="templates")
LONGEST = 100


@blueprint.get("")
@requires(Permission.SEE_TICKETS)
def listed() -> str:
    words, system = _asked("q"), _asked("system")
    with transaction() as session:
        return render_template(
            "history/list.html",
            page=page_of(session, queries.found(words, system), size=20),
            years=queries.years(session),
            words=words,
            system=system,
        )


@blueprint.get("/<int:past_id>")
@requires(Permission.SEE_TICKETS)
def past(past_id: int) -> str:
    with transaction() as session:
        return render_template("history/one.html", past=queries.one(session, past_id))


def _asked(name: str) -> str:
    return request.args.get(name, "").replace("\0", "").strip()[:LONGEST]
