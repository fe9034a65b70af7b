"""What each service centre offers (B03), and where the nearest is that offers an item."""

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hotline import clock
from hotline.catalogue import queries as catalogue
from hotline.db import transaction
from hotline.errors import ChangedMeanwhile
from hotline.organisations import queries, service
from hotline.organisations.models import Area
from hotline.permissions import Permission
from hotline.supervisor.catalogue_pages import blueprint, live, me
from hotline.web.access import requires


@blueprint.get("/<hotline>/sites")
@requires(Permission.SEE_REPORTS)
def sites(hotline: str) -> str:
    """?area=…&code=… asks where the citizen of an area gets an item at a counter."""
    code, area_id = request.args.get("code", "").strip(), request.args.get("area", type=int)
    with transaction() as session:
        live(session, hotline)
        place = session.get(Area, area_id) if area_id else None
        return render_template(
            "catalogue/sites.html",
            sites=queries.sites(session, hotline),
            areas=_areas(session),
            place=place,
            code=code,
            nearest=queries.offered(session, place, hotline, code) if place and code else None,
        )


@blueprint.get("/<hotline>/sites/<int:area_id>")
@requires(Permission.SEE_REPORTS)
def site(hotline: str, area_id: int) -> Response:
    return _site_page(hotline, area_id)


@blueprint.post("/<hotline>/sites/<int:area_id>")
@requires(Permission.ADMINISTER)
def offer(hotline: str, area_id: int) -> Response:
    codes = request.form.getlist("codes")
    seen = request.form.get("seen", "").split()
    try:
        with transaction() as session:
            area = queries.area(session, area_id)
            service.offer(session, area, hotline, codes, seen=seen, actor=me(), now=clock.now())
    except ChangedMeanwhile:
        flash(_("别人刚改过这份清单，还没有保存。下面是最新的清单，请再改一次。"), "error")
        return _site_page(hotline, area_id, 409)
    flash(_("%(name)s的清单已保存，共 %(count)s 项。", name=area.name, count=len(set(codes))), "ok")
    return redirect(url_for(".sites", hotline=hotline), 303)


def _site_page(hotline: str, area_id: int, status: int = 200) -> Response:
    with transaction() as session:
        live(session, hotline)
        page = render_template(
            "catalogue/site.html",
            area=queries.area(session, area_id),
            items=catalogue.items(session, hotline),
            listed=queries.offered_codes(session, queries.area(session, area_id), hotline),
        )
    return make_response(page, status)


def _areas(session: Session) -> list[tuple[Area, list[Area]]]:
    """Counties with their towns."""
    towns: dict[int | None, list[Area]] = {}
    for town in queries.areas(session, "town"):
        towns.setdefault(town.parent_id, []).append(town)
    return [(county, towns.get(county.id, [])) for county in queries.areas(session, "county")]
