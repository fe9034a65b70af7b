"""One fact in words, for the timeline of a ticket: {{ event | said }}."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from hotline.config import settings
from hotline.event_log import Event
from hotline.web.labels import LABELS, label, limit

Data = dict[str, Any]

PLAIN: dict[str, Any] = {
    "ticket_opened": lazy_gettext("工单已登记"),
    "territory_decided": lazy_gettext("属地已审定"),
    "unit_complained_of": lazy_gettext("注明被投诉单位"),
    "ticket_withdrawn": lazy_gettext("市民撤回诉求"),
    "ticket_merged": lazy_gettext("并入另一工单，一并答复"),
    "ticket_split": lazy_gettext("部分内容拆分为另一工单"),
    "contact_consent_given": lazy_gettext("诉求人同意向企业提供联系方式"),
    "work_order_sent": lazy_gettext("派给承办单位"),
    "work_order_accepted": lazy_gettext("承办单位接单"),
    "work_handed_down": lazy_gettext("下派给下级单位办理"),
    "work_order_returned": lazy_gettext("承办单位退回"),
    "sponsor_named": lazy_gettext("领导包案"),
    "long_term_review_due": lazy_gettext("挂账到期，请复查"),
    "dispute_decided": lazy_gettext("中心已裁定承办单位"),
    "work_order_answered": lazy_gettext("承办单位答复"),
    "work_order_answer_rejected": lazy_gettext("答复退回重办"),
    "work_begun": lazy_gettext("承办单位已联系诉求人，开始办理"),
    "report_asked": lazy_gettext("通知单位到场报到"),
    "reported": lazy_gettext("单位已报到"),
    "report_missed": lazy_gettext("单位未按时报到"),
    "site_reached": lazy_gettext("承办单位已到现场"),
    "appraisal_begun": lazy_gettext("开始检验鉴定"),
    "appraisal_ended": lazy_gettext("结束检验鉴定"),
    "refund_paid": lazy_gettext("退款已付清"),
    "quote_told": lazy_gettext("企业已报价，请诉求人答复"),
    "lawyer_asked": lazy_gettext("等律师答复"),
    "recording_played": lazy_gettext("有人听了录音"),
    "ticket_referred": lazy_gettext("转到另一条热线"),
    "case_stuck": lazy_gettext("转接次数太多，已报班长"),
    "no_firm_found": lazy_gettext("没有企业接单，等派单员处理"),
    "sms_queued": lazy_gettext("短信待发"),
    "sms_sent": lazy_gettext("短信已发"),
    "sms_delivered": lazy_gettext("短信已送达"),
    "survey_invited": lazy_gettext("邀请测评"),
    "survey_reply_unreadable": lazy_gettext("测评回复无法识别"),
    "survey_call_due": lazy_gettext("短信未答，改为语音测评"),
    "survey_expired": lazy_gettext("测评到期未答"),
    "light_counted": lazy_gettext("红灯计入承办单位"),
    "rating_counted": lazy_gettext("不满意评价计入承办单位"),
    "matter_grew": lazy_gettext("督办计数有变"),
    "referral_signed": lazy_gettext("提请纪检检查已签署"),
    "ticket_look_up_refused": lazy_gettext("有人输错查询码"),
}


def _state_changed(data: Data) -> str:
    old, new = label(data["old"], "ticket_state"), label(data["new"], "ticket_state")
    return str(_("状态：%(old)s → %(new)s", old=old, new=new))


def _clock_started(data: Data) -> str:
    due = datetime.fromisoformat(data["due_at"]).astimezone(settings().site.zone)
    return str(_("%(clock)s时限：%(due)s", clock=label(data["clock"], "clock"), due=f"{due:%Y-%m-%d %H:%M}"))


def _clock_stopped(data: Data) -> str:
    if data["met"] is None:
        return str(_("%(clock)s时限停止，不计按时或超期", clock=label(data["clock"], "clock")))
    met = _("按时") if data["met"] else _("超期")
    return str(_("%(clock)s%(met)s", clock=label(data["clock"], "clock"), met=met))


def _quote_said(data: Data) -> str:
    return (
        label(data["how"], "quote_how")
        if data["how"] == "silence"
        else label(data["verdict"], "quote_verdict")
    )


def _survey_answered(data: Data) -> str:
    solved = _("已解决") if data["solved"] else _("未解决")
    grade = label(data["satisfaction"], "satisfaction")
    return str(_("测评：%(solved)s，%(grade)s", solved=solved, grade=grade))


def _firm_changed(data: Data) -> str:
    return "；".join(
        f"{label(field, 'firm_field')}：{old or '—'} → {new or '—'}"
        for field, (old, new) in data["changes"].items()
    )


def _suspended(data: Data) -> str:
    if not data["suspended"]:
        return str(_("恢复接单：%(reason)s", reason=data["reason"]))
    first, last = data.get("from_at"), data.get("until")
    days = f" {_local(first) if first else ''}—{_local(last) if last else ''}" if first or last else ""
    return str(_("暂停接单%(days)s：%(reason)s", days=days, reason=data["reason"]))


WORDED: dict[str, Callable[[Data], str]] = {
    "paper_issued": lambda d: _(
        "%(paper)s %(number)s 已发出", paper=label(d["paper"], "paper"), number=d["number"]
    ),
    "paper_answered": lambda d: _("单位答复%(paper)s", paper=label(d["paper"], "paper")),
    "paper_unanswered": lambda d: _("%(paper)s逾期未答复", paper=label(d["paper"], "paper")),
    "mark_taken_back": lambda d: _("不再计数：%(reason)s", reason=label(d["reason"], "correction")),
    "matter_opened": lambda d: _(
        "建议：%(paper)s（%(because)s）",
        paper=label(d["what"], "paper"),
        because=label(d["because"], "matter_because"),
    ),
    "matter_ended": lambda d: _(
        "建议%(paper)s：%(how)s", paper=label(d["what"], "paper"), how=label(d["how"], "matter_state")
    ),
    "ticket_state_changed": _state_changed,
    "lawyer_task_moved": lambda d: _(
        "律师任务：%(old)s → %(new)s",
        old=label(d["old"], "lawyer_task_state"),
        new=label(d["new"], "lawyer_task_state"),
    ),
    "case_decided": lambda d: _(
        "班长裁定由 %(hotline)s 办理：%(reason)s", hotline=d["keeps"], reason=d["reason"]
    ),
    "automatic_dispatch_decided": lambda d: _(
        "自动派单：%(reason)s，置信度 %(score).2f", reason=label(d["reason"], "automatic"), score=d["score"]
    ),
    "review_taken": lambda d: _("接手预审") if d.get("from_staff_id") else _("领取预审"),
    "ticket_mended": lambda d: _("坐席补充后重新登记"),
    "ticket_turned_away": lambda d: _("已告知市民：%(outcome)s", outcome=label(d["outcome"], "ticket_state")),
    "ticket_reconsidered": lambda d: _("重新审核（原为%(old)s）", old=label(d["outcome"], "ticket_state")),
    "answer_released": lambda d: _("第 %(n)s 次答复已发布", n=d["closure"]),
    "dispute_opened": lambda d: _("提请裁定：%(why)s", why=label(d["because"], "dispute_reason")),
    "extension_asked": lambda d: _(
        "申请延期 %(days)s 天：%(why)s", days=d["days"], why=label(d["code"], "extension_reason")
    ),
    "extension_decided": lambda d: (
        _("同意延期至 %(at)s", at=_local(d["new_due_at"])) if d["granted"] else _("不同意延期")
    ),
    "supplement_asked": lambda d: _("请市民补充：%(what)s", what=label(d["code"], "supplement_reason")),
    "supplement_ended": lambda d: _("补充材料：%(how)s", how=label(d["how"], "supplement_ended")),
    "ticket_raised": lambda d: _(
        "提级：%(below)s → %(above)s（%(why)s）",
        below=label(d["from_level"], "area_level"),
        above=label(d["to_level"], "area_level"),
        why=label(d["code"], "raise_reason"),
    ),
    "long_term_listed": lambda d: _(
        "挂账至 %(day)s：%(why)s", day=d["review_on"], why=label(d["code"], "long_term_reason")
    ),
    "part_moved": lambda d: _(
        "协办（%(kind)s）：%(state)s",
        kind=label(d["joint_kind"], "joint_kind"),
        state=label(d["state"], "part_state"),
    ),
    "firm_changed": _firm_changed,
    "organisation_suspended": _suspended,
    "firm_reviewed": lambda d: _(
        "年审%(how)s：%(note)s（下次 %(day)s 前）",
        how=label("passed" if d["passed"] else "failed", "review"),
        note=d["note"],
        day=d["next_due"],
    ),
    "offer_postponed": lambda d: _("企业都未营业，%(at)s 开门后询问", at=_local(d["until"])),
    "work_handed_back": lambda d: _("下级单位退回：%(why)s", why=label(d["code"], "return_reason")),
    "quote_answered": lambda d: _("企业报价：%(said)s", said=_quote_said(d)),
    "grievance_raised": lambda d: _(
        "诉求人对服务有异议（%(about)s），企业须在 %(at)s 前答复",
        about=label(d["about"], "grievance_about"),
        at=_local(d["due_at"]),
    ),
    "grievance_answered": lambda d: _("企业对异议作了答复，热线须在 %(at)s 前裁决", at=_local(d["due_at"])),
    "grievance_decided": lambda d: (
        _("裁决退款 %(sum)s 元，%(at)s 前退清", sum=d["refund"], at=_local(d["due_at"]))
        if d["due_at"]
        else _("裁决不退款")
    ),
    "hold_placed": lambda d: _("等待：%(hold)s", hold=label(d["hold"], "hold")),
    "hold_cleared": lambda d: _(
        "%(hold)s：%(how)s", hold=label(d["hold"], "hold"), how=label(d["how"], "hold_cleared")
    ),
    "ticket_closed": lambda d: _("第 %(n)s 次办结", n=d["closure"]),
    "ticket_reopened": lambda d: _("重新办理：%(reason)s", reason=d["reason"]),
    "clock_started": _clock_started,
    "clock_stopped": _clock_stopped,
    "clock_paused": lambda d: _(
        "%(clock)s中止计时：%(reason)s",
        clock=label(d["clock"], "clock"),
        reason=label(d["reason"], "clock_pause"),
    ),
    "clock_resumed": lambda d: _(
        "%(clock)s恢复计时，至 %(due)s", clock=label(d["clock"], "clock"), due=_local(d["due_at"])
    ),
    "clock_extended": lambda d: _(
        "%(clock)s延期：%(old)s → %(due)s",
        clock=label(d["clock"], "clock"),
        old=_local(d["old_due_at"]),
        due=_local(d["due_at"]),
    ),
    "clock_limit_changed": lambda d: _(
        "%(clock)s时限改为 %(limit)s，至 %(due)s",
        clock=label(d["clock"], "clock"),
        limit=limit(d["limit"]),
        due=_local(d["due_at"]),
    ),
    "light_turned": lambda d: _(
        "%(clock)s亮%(light)s", clock=label(d["clock"], "clock"), light=label(d["light"], "light")
    ),
    "item_changed": lambda d: _(
        "事项由 %(old)s 改为 %(new)s：%(reason)s", old=d["old"], new=d["new"], reason=d["reason"]
    ),
    "item_suggested": lambda d: _("系统建议 %(shown)s，选 %(chosen)s", shown=d["shown"], chosen=d["chosen"]),
    "ticket_read": lambda d: _("查阅保密件，用途：%(purpose)s", purpose=label(d["purpose"], "reading")),
    "contact_revealed": lambda d: _("查看联系号码，用途：%(purpose)s", purpose=d["purpose"]),
    "attachment_added": lambda d: _(
        "附件：%(party)s添加 %(suffix)s，SHA-256 %(hash)s…",
        party=label(d["party"], "party"),
        suffix=d["suffix"],
        hash=d["sha256"][:12],
    ),
    "attachments_opened": lambda d: _(
        "查看附件，用途：%(purpose)s", purpose=LABELS["reading"].get(d["purpose"], d["purpose"])
    ),
    "work_order_offered": lambda d: _("询问企业接单，限时至 %(at)s", at=_local(d["expires_at"])),
    "work_order_declined": lambda d: _("企业未接单（%(reason)s）", reason=label(d["reason"], "declined")),
    "sms_failed": lambda d: _("短信未送达（%(reason)s）", reason=d["reason"]),
    "survey_answered": _survey_answered,
    "call_back_requested": lambda d: _("待回呼：%(reason)s", reason=label(d["reason"], "callback_reason")),
    "call_back_ended": lambda d: _("回呼：%(outcome)s", outcome=label(d["outcome"], "callback_outcome")),
}


def said(event: Event) -> str:
    """A kind without words is shown by its name: better than leaving a fact out."""
    if event.kind in PLAIN:
        return str(PLAIN[event.kind])
    words = WORDED.get(event.kind)
    return str(words(event.data)) if words else event.kind


def _local(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(settings().site.zone):%m-%d %H:%M}"
