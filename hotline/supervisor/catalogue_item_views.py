"""Looking at the catalogue: items, one item with its history, versions, and rolling back to one."""

from dataclasses import dataclass

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from hotline import clock
from hotline.catalogue import changes, files, queries, service, workbook
from hotline.catalogue.content import content_of, entry_of
from hotline.catalogue.models import Item, Publication
from hotline.db import transaction
from hotline.errors import InvalidInput, NotFound
from hotline.permissions import Permission
from hotline.supervisor.catalogue_effects import effects, takers
from hotline.supervisor.catalogue_forms import RollBackForm
from hotline.supervisor.catalogue_pages import blueprint, live, me, people
from hotline.web.access import requires
from hotline.web.labels import LABELS
from hotline.web.paging import page_of


@dataclass(frozen=True)
class Turn:
    """A version in which an item was made or changed."""

    publication: Publication
    fields: tuple[changes.FieldChange, ...]


@blueprint.get("")
@requires(Permission.SEE_REPORTS)
def start() -> AnyResponse:
    with transaction() as session:
        found = queries.hotlines(session)
    if not found:
        return make_response(render_template("catalogue/none.html"), 200)
    return redirect(url_for(".items", hotline=found[0]), 303)


@blueprint.get("/<hotline>")
@requires(Permission.SEE_REPORTS)
def items(hotline: str) -> str:
    """The live version; ?q=, ?category=, ?retired=1."""
    words, category = request.args.get("q", "").strip()[:60], request.args.get("category", "")
    retired = request.args.get("retired") == "1"
    with transaction() as session:
        version = live(session, hotline)
        return render_template(
            "catalogue/items.html",
            version=version,
            page=page_of(session, queries.search(version, words, category, retired)),
            categories=queries.categories(session, hotline),
            hotlines=queries.hotlines(session),
            asked={"q": words, "category": category, "retired": retired},
        )


@blueprint.get("/<hotline>/items/<code>")
@requires(Permission.SEE_REPORTS)
def item(hotline: str, code: str) -> str:
    with transaction() as session:
        version = live(session, hotline)
        found = queries.item_in(session, version, code)
        history = _history(session, hotline, code)
        if found is None and not history:
            raise NotFound(f"no item {code[:20]}")
        entry = entry_of(found, found.category.code, version) if found else None
        return render_template(
            "catalogue/item.html",
            code=code,
            item=found,
            version=version,
            fields=[name for name in LABELS["item_field"] if found and hasattr(found, name)],
            history=history,
            names=people(session, (turn.publication.actor for turn in history)),
            takers=takers(session, hotline, entry) if entry else [],
        )


@blueprint.get("/<hotline>/versions")
@requires(Permission.SEE_REPORTS)
def versions(hotline: str) -> str:
    with transaction() as session:
        history = queries.publications(session, hotline)
        open_version = queries.open_version(session, hotline)
        actors = [actor for p in history for actor in (p.actor, p.version.made_by)]
        actors += [open_version.made_by, open_version.released_by or ""] if open_version else []
        return render_template(
            "catalogue/versions.html",
            history=history,
            live=live(session, hotline),
            open_version=open_version,
            names=people(session, actors),
        )


@blueprint.get("/<hotline>/versions/<int:version_id>")
@requires(Permission.SEE_REPORTS)
def version(hotline: str, version_id: int) -> str:
    return _version_page(hotline, version_id, RollBackForm(formdata=None))


@blueprint.post("/<hotline>/versions/<int:version_id>/roll-back")
@requires(Permission.ADMINISTER)
def roll_back(hotline: str, version_id: int) -> AnyResponse:
    form = RollBackForm()
    if not form.validate():
        return make_response(_version_page(hotline, version_id, form), 400)
    with transaction() as session:
        earlier = queries.version(session, hotline, version_id)
        service.roll_back(session, earlier, note=form.note.data or "", actor=me(), now=clock.now())
    flash(_("已退回到版本 %(version)s，之后登记的工单按它办理。", version=earlier.version), "ok")
    return redirect(url_for(".versions", hotline=hotline), 303)


@blueprint.get("/<hotline>/versions/<int:version_id>/catalogue.<suffix>")
@requires(Permission.SEE_REPORTS)
def export(hotline: str, version_id: int, suffix: str) -> Response:
    if suffix not in ("toml", "xlsx"):
        raise InvalidInput("suffix", "toml or xlsx")
    with transaction() as session:
        found = queries.version(session, hotline, version_id)
        content = content_of(session, found)
    headings = {name: str(words) for name, words in LABELS["item_field"].items()}
    data = files.write(content).encode() if suffix == "toml" else workbook.write(content, headings)
    kind = "application/toml" if suffix == "toml" else workbook.MEDIA_TYPE
    name = f"catalogue-{hotline}-{found.id}.{suffix}"
    return Response(data, mimetype=kind, headers={"Content-Disposition": f"attachment; filename={name}"})


def _version_page(hotline: str, version_id: int, form: RollBackForm) -> str:
    """What would change if this version were live."""
    with transaction() as session:
        found, now_live = queries.version(session, hotline, version_id), live(session, hotline)
        old, new = content_of(session, now_live), content_of(session, found)
        changed = changes.diff(old, new)
        return render_template(
            "catalogue/version.html",
            version=found,
            live=now_live,
            changes=changed,
            effects=effects(session, old, new, changed),
            form=form,
            names=people(session, (found.made_by,)),
        )


def _history(session: Session, hotline: str, code: str) -> list[Turn]:
    """The newest first; versions that left the item as it was are left out."""
    turns: list[Turn] = []
    before: dict[str, object] = {}
    for publication, found in queries.item_versions(session, hotline, code):
        entry = _plain(found)
        fields = changes.fields(before, entry)
        if fields:
            turns.append(Turn(publication, fields if before else ()))
        before = entry
    return turns[::-1]


def _plain(item: Item) -> dict[str, object]:
    return entry_of(item, item.category.code, item.version).model_dump()
