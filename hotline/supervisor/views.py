"""The managers' page: every figure with its parts, every number opening its rows, the same as CSV."""

from collections.abc import Sequence

from flask import Blueprint, Response, abort, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from hotline import clock
from hotline.calls.models import Call
from hotline.catalogue.queries import categories
from hotline.db import transaction
from hotline.organisations.models import Organisation
from hotline.permissions import Permission
from hotline.reports import export, queries
from hotline.reports.definitions import BY_NAME
from hotline.supervisor.forms import HOTLINES, asked
from hotline.tickets import queries as tickets
from hotline.trail import queries as trail
from hotline.web.access import requires
from hotline.web.labels import named
from hotline.web.paging import asked_page

blueprint = Blueprint("supervisor", __name__, url_prefix="/manage", template_folder="templates")
PARTS: tuple[queries.Part, ...] = ("numerator", "denominator", "excluded")


@blueprint.get("")
@requires(Permission.SEE_REPORTS)
def figures() -> str:
    view = asked()
    with transaction() as session:
        results = queries.report(session, view.period, clock.now(), hotline=view.hotline, by=view.by)
        names = _group_names(session, view.by, results)
        broken = trail.broken(session)
    return render_template(
        "supervisor/figures.html", view=view, results=results, names=names, trail_broken=broken
    )


@blueprint.get("/rows/<name>/<part>")
@requires(Permission.SEE_REPORTS)
def rows(name: str, part: str) -> str:
    """The calls or tickets behind one number: as many rows as the number says, also for a ticket twice."""
    known = next((known for known in PARTS if known == part), None)
    if name not in BY_NAME or known is None:
        abort(404)
    view, page = asked(), asked_page()
    figure = BY_NAME[name]
    with transaction() as session:
        found = queries.rows(
            session,
            name,
            view.period,
            clock.now(),
            part=known,
            hotline=view.hotline,
            by=view.by,
            group=request.args.get("group", ""),
            limit=queries.PAGE_ROWS + 1,
            offset=(page - 1) * queries.PAGE_ROWS,
        )
        shown = found[: queries.PAGE_ROWS]
        things = (_calls if figure.rows == "call" else tickets.by_id)(session, [row[0] for row in shown])
    return render_template(
        "supervisor/rows.html",
        figure=figure,
        part=part,
        rows=[(at, things[id_]) for id_, at in shown],
        view=view,
        page=page,
        more=len(found) > queries.PAGE_ROWS,
    )


@blueprint.get("/report.csv")
@requires(Permission.SEE_REPORTS)
def csv_file() -> Response:
    view = asked()
    with transaction() as session:
        results = queries.report(session, view.period, clock.now(), hotline=view.hotline, by=view.by)
        names = _group_names(session, view.by, results)
    name = f"hotline-{view.period.first}-{view.period.last}.csv"
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(export.as_csv(results, names), mimetype="text/csv; charset=utf-8", headers=headers)


def _calls(session: Session, ids: Sequence[int]) -> dict[int, Call]:
    wanted = select(Call).where(Call.id.in_(ids)).options(joinedload(Call.caller))
    return {call.id: call for call in session.scalars(wanted)}


def _group_names(session: Session, by: str, results: Sequence[queries.Result]) -> dict[str, str]:
    """Words for the groups of a breakdown."""
    if by == "category":
        return {c.code: f"{c.code} {named(c)}" for hotline in HOTLINES for c in categories(session, hotline)}
    if by == "organisation_id":
        ids = {int(result.group) for result in results if result.group}
        found = session.scalars(select(Organisation).where(Organisation.id.in_(ids)))
        return {str(organisation.id): organisation.name for organisation in found}
    return {}
