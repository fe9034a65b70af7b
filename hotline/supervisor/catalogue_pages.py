"""What the catalogue's pages share: the blueprint, who acts, names of people, the tabs."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, request
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.catalogue import queries
from hotline.catalogue.models import CatalogueVersion
from hotline.errors import NotFound
from hotline.permissions import Permission, allows
from hotline.staff.models import Staff
from hotline.supervisor import catalogue_words as words
from hotline.web.access import current_staff

blueprint = Blueprint("catalogue", __name__, url_prefix="/manage/catalogue", template_folder="templates")

TABS = (
    ("catalogue.items", _("事项列表")),
    ("catalogue.draft", _("草稿与发布")),
    ("catalogue.versions", _("版本记录")),
    ("catalogue.exchange", _("导入导出")),
    ("catalogue.sites", _("服务中心")),
)


@blueprint.context_processor
def _shared() -> dict[str, Any]:
    return {
        "words": words,
        "tabs": TABS,
        "hotline": (request.view_args or {}).get("hotline", ""),
        "may_edit": allows(current_staff().role, Permission.ADMINISTER),
    }


def me() -> str:
    return f"staff:{current_staff().id}"


def live(session: Session, hotline: str) -> CatalogueVersion:
    """Raises NotFound."""
    found = queries.live_version(session, hotline)
    if found is None:
        raise NotFound(f"no catalogue is loaded for hotline {hotline[:10]}")
    return found


def people(session: Session, actors: Iterable[str | None]) -> dict[str, str]:
    """'staff:7' -> name; a machine keeps its own."""
    named = {actor for actor in actors if actor}
    ids = {int(actor.removeprefix("staff:")) for actor in named if actor.startswith("staff:")}
    rows = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    return {actor: str(_("系统")) for actor in named} | {f"staff:{id_}": name for id_, name in rows}
