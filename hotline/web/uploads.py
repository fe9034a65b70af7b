"""Files in forms: several at once, without JavaScript, and none that was fine has to be chosen again.

A view that takes files is @takes_files; its form has a FilesField. What is fine is kept as the form is read,
and the form carries a signed note of it if it is shown again; what is not is told by name.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple
from typing import IO, Any, TypeVar, cast

from flask import Flask, abort, current_app, flash, request, session
from flask import Request as FlaskRequest
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from itsdangerous import BadSignature, URLSafeTimedSerializer
from wtforms import Field

from hotline import quota
from hotline.attachments import store
from hotline.attachments.kinds import KINDS
from hotline.attachments.receiving import FileRefused, Kept, receive
from hotline.attachments.store import MB, Arriving
from hotline.config import Attachments, settings

View = TypeVar("View", bound=Callable[..., Any])
ACCEPTED = ",".join(kind.media_type for kind in KINDS.values())  # no HEIC: iPhones then send JPEG
PHOTO = "image/jpeg"
KEPT_SECONDS = 12 * 3600  # shorter than the sweep waits
WORDS_MB = 2
MOST_FIELDS = 60
_TAKES_FILES = "_takes_files"

WHY: dict[str, Any] = {
    "unknown": _("不是可以接收的文件。请上传照片（JPG、PNG、WebP）、PDF 或视频（MP4、MOV、3GP）。"),
    "heic": _("是 HEIC 照片，这里打不开。请在手机“相机 > 格式”里选“兼容性最佳”后重拍，或上传截图。"),
    "gif": _("是 GIF 动图，不能接收。请上传照片或视频。"),
    "animated": _("是动图，不能接收。请上传照片或视频。"),
    "empty": _("是空文件，请重新选择。"),
    "broken": _("打不开，可能没有传完整。请重新选择或重拍。"),
    "too_large": _("太大，最多 %(limit)s MB。请压缩，或拍短一些。"),
    "too_many_pixels": _("像素太多，最多 %(limit)s 百万。请缩小后再传。"),
    "expired": _("放得太久，请重新选择。"),
}
LACKING: dict[str, Any] = {
    "photos": _("这类事项要有现场照片，还差 %(count)s 张。"),
    "characters": _("这类事项的答复要写得具体，还差 %(count)s 个字。"),
}
DISK_FULL = _("“%(name)s”没有存下：服务器空间不足。请稍后再补传，或拨打 12345。")


class Request(FlaskRequest):
    """Files land beside the attachments, each only as long as it may be."""

    def _get_file_stream(self, *arguments: Any, **more: Any) -> IO[bytes]:
        if _takes_files():
            return cast(IO[bytes], Arriving())
        return super()._get_file_stream(*arguments, **more)


def install(app: Flask) -> None:
    """Before the guard against forged posts, which reads the form."""
    app.request_class = Request
    app.before_request(_make_room)
    app.context_processor(lambda: {"files_hint": hint})


def takes_files(view: View) -> View:
    setattr(view, _TAKES_FILES, True)
    return view


def _takes_files() -> bool:
    return hasattr(current_app.view_functions.get(request.endpoint or ""), _TAKES_FILES)


def _make_room() -> None:
    if _takes_files():
        limits = settings().attachments
        if "staff_id" not in session and _sent_too_much(limits):
            abort(429)  # before a byte of it is kept
        request.max_content_length = (limits.mb_per_ticket + WORDS_MB) * MB
        request.max_form_parts = MOST_FIELDS + 3 * limits.files_per_ticket  # each file is an open one


def _sent_too_much(limits: Attachments) -> bool:
    """From this address, within an hour, without an account. A length that is not told counts as the most."""
    coming = request.content_length or limits.mb_per_ticket * MB
    in_all = quota.used(f"uploads:{request.remote_addr}", 3600, coming)
    return in_all > limits.citizens_mb_per_hour * MB


class FilesField(Field):
    """`data` is what was kept; `lost` are names of files the disk had no room for, which `tell_lost` says."""

    data: list[Kept]
    lost: list[str]
    _came: list[Any]
    accept, photo = ACCEPTED, PHOTO

    def process_data(self, value: Sequence[Kept] | None) -> None:
        self.data, self.lost, self._came = list(value or ()), [], []

    def process_formdata(self, valuelist: list[Any]) -> None:
        self._came = [came for came in valuelist if isinstance(came, str) or came.filename]

    def pre_validate(self, form: Any) -> None:
        """Every file is looked at, also when another field is wrong."""
        came, self._came = self._came, []
        for one in came:
            try:
                kept = _noted(one) if isinstance(one, str) else receive(one.filename, one.stream)
                self.data += [kept] if kept not in self.data else []
            except FileRefused as refused:
                self._refuse(refused)
        self._refuse_too_many()

    def tell_lost(self) -> None:
        for name in self.lost:
            flash(gettext(DISK_FULL, name=name), "error")

    def note(self, kept: Kept) -> str:
        """Signed: nobody can name a file that is not theirs."""
        return str(_signer().dumps(astuple(kept)))

    def _refuse(self, refused: FileRefused) -> None:
        if refused.why == "disk_full":
            self.lost.append(refused.name)
        else:
            why = str(WHY[refused.why]) % {"limit": refused.limit}
            self.errors.append(gettext("“%(name)s”%(why)s", name=refused.name, why=why))

    def _refuse_too_many(self) -> None:
        limits = settings().attachments
        if (
            len(self.data) > limits.files_per_ticket
            or sum(kept.size for kept in self.data) > limits.mb_per_ticket * MB
        ):
            self.errors.append(too_many())


def lacking(missing: Iterable[tuple[str, int]]) -> dict[str, str]:
    """Of evidence (I04): what is said of photos, and of characters."""
    return {what: str(LACKING[what]) % {"count": count} for what, count in missing}


def too_many() -> str:
    limits = settings().attachments
    words = _("附件太多：一件工单最多 %(files)s 个、共 %(mb)s MB。请去掉一些。")
    return str(words) % {"files": limits.files_per_ticket, "mb": limits.mb_per_ticket}


def hint() -> str:
    limits = settings().attachments
    words = _(
        "可一次选几个：照片、PDF 每个不超过 %(picture)s MB，视频不超过 %(video)s MB。"
        "照片和视频里的拍摄地点、时间和机型会自动去掉。"
    )
    return str(words) % {
        "picture": min(limits.picture_mb, limits.paper_mb),
        "video": limits.video_mb,
    }


def _noted(note: str) -> Kept:
    try:
        kept = Kept(*_signer().loads(note, max_age=KEPT_SECONDS))
    except BadSignature as error:  # also one that is too old
        raise FileRefused("", "expired") from error
    if not store.path_of(kept.sha256).exists():
        raise FileRefused(kept.name, "expired")
    return kept


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="kept-file")
