"""What every template may use: local times, masked numbers, labels, navigation, the live address."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, g, request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import object_session

from hotline import clock
from hotline.callers.models import Caller
from hotline.callers.queries import revealed_to
from hotline.catalogue.alarms import alarm, rule_of
from hotline.catalogue.understanding.emergencies import Alarm
from hotline.config import settings
from hotline.organisations.models import Area
from hotline.permissions import Permission, allows
from hotline.phone_numbers import mask
from hotline.web import clocks, facts, labels, live_address
from hotline.web.access import reader

# (permission, path, words); a person sees the entries their role may open
ENTRIES = (
    (Permission.TAKE_CALLS, "/agent", _("坐席工作台")),
    (Permission.DISPATCH, "/dispatch", _("派单")),
    (Permission.DISPATCH, "/dispatch/grievances", _("服务异议")),
    (Permission.WORK_ORDERS, "/work", _("本单位工单")),
    (Permission.WORK_ORDERS, "/work/cards", _("督办件")),
    (Permission.ANSWER_LEGAL, "/legal", _("法律留言")),
    (Permission.SEE_REPORTS, "/manage", _("运行报表")),
    (Permission.SEE_REPORTS, "/manage/catalogue", _("事项目录")),
    (Permission.SEE_REPORTS, "/manage/learning", _("智能建议")),
    (Permission.SUPERVISE, "/manage/supervision", _("督办")),
    (Permission.SUPERVISE, "/manage/cases", _("待裁决")),
    (Permission.SEE_REPORTS, "/manage/circulars", _("通报")),
    (Permission.SUPERVISE, "/manage/trail", _("留痕")),
    (Permission.SEE_TICKETS, "/manage/firms", _("企业名录")),
    (Permission.ADMINISTER, "/manage/partners", _("合作单位接口")),
    (Permission.SEE_TICKETS, "/agent/tickets", _("工单")),
    (Permission.SEE_TICKETS, "/manage/history", _("历史诉求")),
    (Permission.CALL_BACK, "/agent/callbacks", _("回呼")),
)


@dataclass(frozen=True)
class Entry:
    url: str
    label: str
    here: bool


def install(app: Flask) -> None:
    app.add_template_filter(local_time)
    app.add_template_filter(clocks.due_time)
    app.add_template_filter(local_day)
    app.add_template_filter(seconds_since)
    app.add_template_filter(span)
    app.add_template_filter(area_path)
    app.add_template_filter(mask, "masked")
    app.add_template_filter(labels.label)
    app.add_template_filter(labels.limit)
    app.add_template_filter(labels.tone)
    app.add_template_filter(labels.named)
    app.add_template_filter(facts.said)
    app.add_template_filter(clocks.colour)
    app.add_template_filter(clocks.newest_clocks)
    app.add_template_filter(clocks.pressing)
    app.add_template_filter(clocks.why)
    app.add_template_filter(alarm)
    app.add_template_filter(alarm_name)
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    me = g.get("staff")
    site = settings().site
    return {
        "me": me,
        "now": clock.now(),
        "site_name": site.name_en if labels.english() else site.name,
        "page_language": "en" if labels.english() else "zh-CN",
        "here_url": _here(),
        "navigation": list(_entries(me.role)) if me else [],
        "live_url": live_address.for_page(me) if me else "",
        "may_reveal": bool(me) and allows(me.role, Permission.REVEAL_CONTACT),
        "shown_number": _shown_number,
    }


def alarm_name(found: Alarm) -> str:
    """The emergency in the words of the page's language."""
    rule = rule_of(found)
    return labels.named(rule) if rule else gettext("听起来像紧急情况")


def _here() -> str:
    """Where a form leads back to. A block that live.js fetched belongs to the page that fetched it."""
    page = urlsplit(request.referrer or "") if "X-Live-Block" in request.headers else None
    if page and page.path:
        return f"{page.path}?{page.query}" if page.query else page.path
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def _entries(role: str) -> Iterator[Entry]:
    open_to_role = [entry for entry in ENTRIES if allows(role, entry[0])]
    # /agent/tickets/GD… belongs to the longest path it starts with
    here = max((path for _p, path, _l in open_to_role if _below(path)), key=len, default="")
    for _permission, path, words in open_to_role:
        yield Entry(path, str(words), path == here)


def _below(path: str) -> bool:
    return request.path == path or request.path.startswith(path + "/")


def _shown_number(caller: Caller) -> str | None:
    """The raw number while this person's reveal lasts; one query a page, whatever the number of callers,
    in the transaction that read the caller. A page drawn outside it shows the number masked."""
    session = object_session(caller)
    if "revealed" not in g:
        who = reader()
        g.revealed = revealed_to(session, who, clock.now()) if session and who else ()
    return caller.number if caller.id in g.revealed else None


def local_time(moment: datetime | None) -> str:
    """'2026-03-05 09:41' on the site's clock."""
    return f"{moment.astimezone(settings().site.zone):%Y-%m-%d %H:%M}" if moment else ""


def local_day(moment: datetime | None) -> str:
    return f"{moment.astimezone(settings().site.zone):%Y-%m-%d}" if moment else ""


def seconds_since(moment: datetime | None) -> int:
    return max(0, int((clock.now() - moment).total_seconds())) if moment else 0


def area_path(area: Area | None) -> str:
    """'云山区 泉塘街道 上河社区': the city goes without saying, unless it is all there is."""
    names: list[str] = []
    while area and (area.level != "city" or not names):
        names.insert(0, area.name)
        area = area.parent
    return " ".join(names)


def span(seconds: float) -> str:
    """'45 s', '3 min', '2 h', '4 d' in the page's language: the largest unit that fits."""
    whole = int(seconds)
    if whole < 60:
        words = ngettext("%(num)s 秒", "%(num)s 秒", whole)
    elif whole < 3600:
        words = ngettext("%(num)s 分钟", "%(num)s 分钟", whole // 60)
    elif whole < 2 * 86400:
        words = ngettext("%(num)s 小时", "%(num)s 小时", whole // 3600)
    else:
        words = ngettext("%(num)s 天", "%(num)s 天", whole // 86400)
    return str(words)
