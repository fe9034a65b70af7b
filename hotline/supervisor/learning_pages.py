"""What the pages of learning share: the blueprint, which hotline is meant, words for reasons."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.exceptions import RequestEntityTooLarge

from hotline.permissions import Permission, allows
from hotline.supervisor.forms import HOTLINES
from hotline.web.access import current_staff

blueprint = Blueprint("learning", __name__, url_prefix="/manage/learning", template_folder="templates")

TABS = (
    ("learning.accuracy_page", lazy_gettext("准确率")),
    ("learning.models", lazy_gettext("模型")),
    ("learning.golden_set", lazy_gettext("金标准句")),
)
KINDS = {
    "in_three": lazy_gettext("前三项命中"),
    "first": lazy_gettext("首项命中"),
    "right_or_abstained": lazy_gettext("命中或不确定"),
}


def hotline() -> str:
    """?hotline=…; anything else is the first."""
    asked = request.values.get("hotline", "")
    return asked if asked in HOTLINES else HOTLINES[0]


def _hotline_shown() -> str:
    """The page that says a form was too large is rendered too, and that form cannot be read."""
    try:
        return hotline()
    except RequestEntityTooLarge:
        return HOTLINES[0]


def me() -> str:
    return f"staff:{current_staff().id}"


def why(reason: Sequence[str]) -> str:
    """One reason of hotline/learning/gate.py for a person."""
    kind, *told = reason
    if kind == "item":
        code, lost, other = told
        return str(
            _(
                "事项 %(code)s 有 %(lost)s 句不再排在第一，多为 %(other)s。",
                code=code,
                lost=lost,
                other=other or "—",
            )
        )
    if kind == "contradiction":
        code, count, other = told
        words = _(
            "归入 %(code)s 的 %(count)s 句，现用模型确信属于 %(other)s。", code=code, count=count, other=other
        )
        return str(words)
    if kind in KINDS:
        before, after = told
        return str(
            _("%(kind)s由 %(before)s 句降为 %(after)s 句。", kind=KINDS[kind], before=before, after=after)
        )
    if told == ["another_went_live"]:
        return str(_("训练期间换了模型，请重新训练。"))
    return str(_("训练出错（%(kind)s），请告知管理员。", kind=" ".join(told)))


@blueprint.context_processor
def _shared() -> dict[str, Any]:
    return {
        "tabs": TABS,
        "hotline": _hotline_shown(),
        "hotlines": HOTLINES,
        "why": why,
        "may_act": allows(current_staff().role, Permission.SUPERVISE),
    }
