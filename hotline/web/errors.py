"""Error pages: what went wrong and what to do, as a page or as JSON by Accept. Codes are stable."""

import logging
import secrets

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_babel import lazy_gettext as _
from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from hotline.errors import HotlineError

logger = logging.getLogger(__name__)

STATUS = {
    "not_found": 404,
    "not_allowed": 403,
    "link_ended": 410,
    "transition_refused": 409,
    "consent_missing": 409,
    "held_back": 409,
    "changed_meanwhile": 409,
    "provider_error": 502,
}
CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    409: "changed_meanwhile",
    413: "too_large",
    429: "too_many",
    502: "provider_error",
}
TEXTS = {
    "bad_request": (_("请求不完整"), _("页面可能打开太久。请返回上一页，刷新后再提交；填写的内容会保留。")),
    "invalid_input": (_("填写有误"), _("请返回上一页，改正后再提交。")),
    "not_signed_in": (_("请先登录"), _("登录已过期。请重新登录，再提交一次。")),
    "not_allowed": (_("没有权限"), _("您的岗位不能使用这一页。确有需要，请联系管理员。")),
    "not_found": (_("没有找到"), _("链接可能有误，或者内容不归您办理。请检查号码后重试。")),
    "link_ended": (
        _("链接已失效"),
        _("链接已过期，或者这件工单已经结束、转给了别家。有新的工单会再发短信。"),
    ),
    "method_not_allowed": (_("不能这样打开"), _("请从页面上的按钮操作。")),
    "transition_refused": (_("状态已经改变"), _("别人可能刚处理过。请返回并刷新，看看最新状态。")),
    "held_back": (_("还不能这样做"), _("工单的“等待”一栏写明还缺什么，请先办妥再操作。")),
    "changed_meanwhile": (_("内容已被别人修改"), _("请返回并刷新，在最新内容上再操作一次。")),
    "consent_missing": (_("缺少同意"), _("诉求人同意向企业提供联系方式后，才能派给企业。")),
    "too_large": (_("内容太大"), _("请删减后再提交。")),
    "too_many": (_("操作太频繁"), _("请稍候再试。")),
    "provider_error": (_("外部系统没有应答"), _("通话或短信线路暂时不通。请稍后重试；仍不行请告知管理员。")),
    "server_error": (_("系统出错"), _("内容没有保存。请稍后重试；仍不行请把错误编号告知管理员。")),
}


def register(app: Flask) -> None:
    app.register_error_handler(HotlineError, on_hotline_error)
    app.register_error_handler(StaleDataError, on_stale)
    app.register_error_handler(OperationalError, on_database_error)
    app.register_error_handler(DataError, on_impossible_value)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(Exception, on_failure)


def on_hotline_error(error: HotlineError) -> Response:
    return _say(STATUS.get(error.code, 400), error.code, str(error))


def on_stale(_error: Exception) -> Response:
    """Two people changed the same row (version_id_col)."""
    return _say(409, "changed_meanwhile", "")


def on_database_error(error: OperationalError) -> Response:
    """Of two people who waited for each other's tickets one is sent back; nothing of theirs was done."""
    return on_stale(error) if isinstance(error.orig, DeadlockDetected) else on_failure(error)


def on_impossible_value(_error: DataError) -> Response:
    """An id beyond bigint or a NUL in a text: no page of ours sends that."""
    return _say(400, "bad_request", "")


def on_http_error(error: HTTPException) -> Response:
    """Redirects and the like pass; errors get a page."""
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    return _say(status, CODES.get(status, "server_error" if status >= 500 else "bad_request"), "")


def on_failure(error: Exception) -> Response:
    """Nobody expected it: logged with a reference that the page shows, the cause is not shown."""
    reference = secrets.token_hex(4)
    logger.error("page failed, reference %s, %s %s", reference, request.method, request.path, exc_info=error)
    return _say(500, "server_error", reference)


def _say(status: int, code: str, detail: str) -> Response:
    title, advice = TEXTS.get(code, TEXTS["server_error" if status >= 500 else "bad_request"])
    if wants_json():
        return make_response(jsonify(code=code, title=str(title), advice=str(advice), detail=detail), status)
    page = render_template("error.html", title=title, advice=advice, detail=detail, status=status, code=code)
    return make_response(page, status)


def wants_json() -> bool:
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]
