"""Catalogues as files: out as TOML or XLSX, in as a draft. What is wrong with a file is told by row."""

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from hotline import clock
from hotline.catalogue import drafts, files, queries, workbook
from hotline.catalogue.files import CatalogueFile, CatalogueRefused, whole
from hotline.db import transaction
from hotline.permissions import Permission
from hotline.supervisor import catalogue_words as words
from hotline.supervisor.catalogue_forms import ImportForm
from hotline.supervisor.catalogue_pages import blueprint, live, me
from hotline.web.access import requires

FAULTS_SHOWN = 200


@blueprint.get("/<hotline>/exchange")
@requires(Permission.SEE_REPORTS)
def exchange(hotline: str) -> Response:
    return _page(hotline, ImportForm(formdata=None), [])


@blueprint.post("/<hotline>/exchange")
@requires(Permission.ADMINISTER)
def bring_in(hotline: str) -> Response:
    form = ImportForm()
    upload = request.files.get("file")
    if not form.validate() or upload is None or not upload.filename:
        form.file.errors = [_("请选择一个 TOML 或 XLSX 文件。")]
        return _page(hotline, form, [], 400)
    data = upload.read()
    try:
        content = _read(upload, data)
        if content.meta.hotline != hotline:
            form.file.errors = [_("这是热线 %(other)s 的目录。", other=content.meta.hotline)]
            return _page(hotline, form, [], 400)
        with transaction() as session:
            drafts.import_draft(session, content, actor=me(), now=clock.now())
    except drafts.DraftExists:
        form.file.errors = [_("已有一份草稿。请先发布或丢弃它，再导入。")]
        return _page(hotline, form, [], 409)
    except CatalogueRefused as refused:
        return _page(hotline, form, _said(refused, data, _is_workbook(upload)), 400)
    flash(_("已导入为草稿。请核对变化，再发布。"), "ok")
    return redirect(url_for(".draft", hotline=hotline), 303)


def _is_workbook(upload: FileStorage) -> bool:
    return (upload.filename or "").lower().endswith(".xlsx")


def _read(upload: FileStorage, data: bytes) -> CatalogueFile:
    if _is_workbook(upload):
        return workbook.read(data)
    try:
        return files.parse(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CatalogueRefused("upload", [whole("not_utf8", "is not UTF-8")]) from error


def _said(refused: CatalogueRefused, data: bytes, is_workbook: bool) -> list[dict[str, str]]:
    text = "" if is_workbook else data.decode("utf-8-sig", "replace")
    line_of = None if is_workbook else (lambda fault: files.line_of(fault, text))
    return [
        {
            "place": words.place(fault, line_of),
            "field": words.field_name(fault.field) if fault.field else "",
            "text": words.fault(fault),
        }
        for fault in refused.faults[:FAULTS_SHOWN]
    ]


def _page(hotline: str, form: ImportForm, faults: list[dict[str, Any]], status: int = 200) -> Response:
    with transaction() as session:
        page = render_template(
            "catalogue/exchange.html",
            live=live(session, hotline),
            open_version=queries.open_version(session, hotline),
            form=form,
            faults=faults,
        )
    return make_response(page, status)
