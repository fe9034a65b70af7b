"""Preparing the next version: edit items, see what would change, publish now or at a time, or discard."""

from collections.abc import Callable

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hotline import clock
from hotline.catalogue import changes, drafts, queries, service
from hotline.catalogue.content import content_of, digest
from hotline.catalogue.files import CatalogueRefused
from hotline.catalogue.models import CatalogueVersion
from hotline.catalogue.states import VersionState
from hotline.db import transaction
from hotline.errors import ChangedMeanwhile, InvalidInput, NotFound
from hotline.organisations.queries import role_names
from hotline.permissions import Permission
from hotline.supervisor.catalogue_effects import effects
from hotline.supervisor.catalogue_forms import ItemForm, NewItemForm, ReleaseForm
from hotline.supervisor.catalogue_pages import blueprint, live, me, people
from hotline.web.access import requires


@blueprint.get("/<hotline>/draft")
@requires(Permission.SEE_REPORTS)
def draft(hotline: str) -> Response:
    return _draft_page(hotline, ReleaseForm(formdata=None))


@blueprint.post("/<hotline>/draft")
@requires(Permission.ADMINISTER)
def open_draft(hotline: str) -> Response:
    """Opens a draft unless there is one, and goes where the person wanted to edit."""
    with transaction() as session:
        drafts.open_draft(session, hotline, actor=me(), now=clock.now())
    code = request.form.get("code", "")
    if request.form.get("new"):
        return redirect(url_for(".new_item", hotline=hotline), 303)
    if code:
        return redirect(url_for(".edit", hotline=hotline, code=code), 303)
    return redirect(url_for(".draft", hotline=hotline), 303)


@blueprint.get("/<hotline>/draft/items/<code>")
@requires(Permission.ADMINISTER)
def edit(hotline: str, code: str) -> Response:
    with transaction() as session:
        item = drafts.item_of(session, _open(session, hotline), code)
        form = ItemForm(formdata=None).show(item)
    return _editor(hotline, form, code=code)


@blueprint.post("/<hotline>/draft/items/<code>")
@requires(Permission.ADMINISTER)
def save(hotline: str, code: str) -> Response:
    form = ItemForm()
    if not form.validate():
        return _editor(hotline, form, code=code, status=400)
    try:
        with transaction() as session:
            found = _same_draft(session, hotline, form)
            edition = int(form.edition.data or 0)
            said = form.said()
            drafts.edit_item(session, found, code, said, edition=edition, actor=me(), now=clock.now())
    except CatalogueRefused as refused:
        form.blame(refused.faults)
        return _editor(hotline, form, code=code, status=400)
    except (ChangedMeanwhile, ValueError):
        return _editor(hotline, form, code=code, status=409)
    flash(_("已存入草稿，发布之前不影响受理。"), "ok")
    return redirect(url_for(".draft", hotline=hotline), 303)


@blueprint.get("/<hotline>/draft/new")
@requires(Permission.ADMINISTER)
def new_item(hotline: str) -> Response:
    form = NewItemForm(formdata=None)
    with transaction() as session:
        form.draft.data = str(_open(session, hotline).id)
    return _editor(hotline, form)


@blueprint.post("/<hotline>/draft/new")
@requires(Permission.ADMINISTER)
def add(hotline: str) -> Response:
    form = NewItemForm()
    with transaction() as session:
        form.offer(queries.categories(session, hotline))
    if not form.validate():
        return _editor(hotline, form, status=400)
    try:
        with transaction() as session:
            found = _same_draft(session, hotline, form)
            drafts.add_item(session, found, form.said(), actor=me(), now=clock.now())
    except CatalogueRefused as refused:
        form.blame(refused.faults)
        return _editor(hotline, form, status=400)
    flash(_("新事项已存入草稿。"), "ok")
    return redirect(url_for(".draft", hotline=hotline), 303)


@blueprint.post("/<hotline>/draft/items/<code>/undo")
@requires(Permission.ADMINISTER)
def undo(hotline: str, code: str) -> Response:
    return _on_draft(
        hotline,
        lambda session, found: drafts.undo(session, found, code, actor=me(), now=clock.now()),
        _("事项 %(code)s 的修改已撤销。", code=code),
    )


@blueprint.post("/<hotline>/draft/discard")
@requires(Permission.ADMINISTER)
def discard(hotline: str) -> Response:
    return _on_draft(
        hotline,
        lambda session, found: drafts.discard(session, found, actor=me(), now=clock.now()),
        _("草稿已丢弃，现行版本没有变化。"),
    )


@blueprint.post("/<hotline>/draft/take-back")
@requires(Permission.ADMINISTER)
def take_back(hotline: str) -> Response:
    return _on_draft(
        hotline,
        lambda session, found: service.take_back(session, found, actor=me(), now=clock.now()),
        _("定时发布已取消，可以继续修改。"),
    )


@blueprint.post("/<hotline>/draft/renew")
@requires(Permission.ADMINISTER)
def renew(hotline: str) -> Response:
    try:
        with transaction() as session:
            _found, disputed = drafts.renew(session, _open(session, hotline), actor=me(), now=clock.now())
    except CatalogueRefused as refused:
        flash(_("两边的修改合不到一起：%(problems)s", problems="；".join(refused.problems[:5])), "error")
        return redirect(url_for(".draft", hotline=hotline), 303)
    flash(_("已并入现行版本的变化。"), "ok")
    if disputed:
        said = _("这些事项两边都改了同一栏，保留了草稿的写法，请核对：%(codes)s", codes="、".join(disputed))
        flash(said, "error")
    return redirect(url_for(".draft", hotline=hotline), 303)


@blueprint.post("/<hotline>/draft/publish")
@requires(Permission.ADMINISTER)
def publish(hotline: str) -> Response:
    """Now, or at the time that was given; only what the person was shown."""
    form = ReleaseForm()
    if not form.validate():
        return _draft_page(hotline, form, status=400)
    at, seen, note = form.moment(), form.seen.data or "", form.note.data or ""
    now = clock.now()
    try:
        with transaction() as session:
            found = _open(session, hotline)
            if at:
                service.schedule(session, found, at=at, seen=seen, note=note, actor=me(), now=now)
            else:
                service.publish(session, found, seen=seen, note=note, actor=me(), now=now)
    except ChangedMeanwhile:
        flash(_("草稿或现行版本在您查看之后又有变化，还没有发布。请看过下面的最新内容再发布。"), "error")
        return _draft_page(hotline, form, status=409)
    except InvalidInput as wrong:
        said = _("要晚于现在") if wrong.field == "at" else _("和现行版本没有差别，不必发布")
        form[wrong.field].errors = [said]
        return _draft_page(hotline, form, status=400)
    flash(_("已定时发布。") if at else _("已发布，之后登记的工单按新版本办理。"), "ok")
    return redirect(url_for(".versions", hotline=hotline), 303)


def _on_draft(hotline: str, act: Callable[[Session, CatalogueVersion], None], done: str) -> Response:
    with transaction() as session:
        act(session, _open(session, hotline))
    flash(done, "ok")
    return redirect(url_for(".draft", hotline=hotline), 303)


def _open(session: Session, hotline: str) -> CatalogueVersion:
    found = queries.open_version(session, hotline)
    if found is None:
        raise NotFound(f"hotline {hotline[:10]} has no draft")
    return found


def _same_draft(session: Session, hotline: str, form: ItemForm) -> CatalogueVersion:
    """The draft the person was shown; another one may have taken its place."""
    found = queries.open_version(session, hotline)
    if found is None or str(found.id) != form.draft.data:
        raise ChangedMeanwhile("the draft was published, discarded or renewed meanwhile")
    return found


def _draft_page(hotline: str, form: ReleaseForm, status: int = 200) -> Response:
    with transaction() as session:
        now_live, found = live(session, hotline), queries.open_version(session, hotline)
        if found is None:
            return make_response(render_template("catalogue/no_draft.html", live=now_live), status)
        base = session.get(CatalogueVersion, found.based_on_id) if found.based_on_id else None
        old, new = content_of(session, base or now_live), content_of(session, found)
        changed = changes.diff(old, new)
        form.seen.data = digest(new)
        page = render_template(
            "catalogue/draft.html",
            version=found,
            live=now_live,
            overtaken=found.based_on_id != now_live.id,
            editable=found.state == VersionState.DRAFT,
            changes=changed,
            effects=effects(session, old, new, changed),
            form=form,
            names=people(session, (found.made_by, found.released_by)),
        )
    return make_response(page, status)


def _editor(hotline: str, form: ItemForm, *, code: str = "", status: int = 200) -> Response:
    """After a conflict it keeps what was typed, and says beside each field what is stored now."""
    with transaction() as session:
        found = _open(session, hotline)
        item = drafts.item_of(session, found, code) if code else None
        stored: dict[str, str] = {}
        if status == 409 and item is not None:
            stored = _what_differs(form, ItemForm(formdata=None).show(item))
            form.draft.data, form.edition.data = str(found.id), str(item.edition)
        if isinstance(form, NewItemForm):
            form.offer(queries.categories(session, hotline))
        page = render_template(
            "catalogue/editor.html",
            code=code,
            item=item,
            form=form,
            stored=stored,
            conflict=status == 409,
            editable=found.state == VersionState.DRAFT,
            roles=role_names(session),
        )
    return make_response(page, status)


def _what_differs(typed: ItemForm, stored: ItemForm) -> dict[str, str]:
    hidden = ("draft", "edition", "csrf_token")
    theirs = {f.name: f.data for f in stored if f.name not in hidden}
    return {name: str(now) for name, now in theirs.items() if (typed[name].data or "") != (now or "")}
