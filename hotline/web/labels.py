"""What people read for every stored code: {{ ticket.state | label('ticket_state') }}."""

from collections.abc import Iterable
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _
from wtforms.fields.choices import SelectChoice

from hotline.web import ticket_labels

LABELS: dict[str, dict[str, Any]] = {
    **ticket_labels.LABELS,
    "tier": {"simple": _("简单"), "general": _("一般"), "complex": _("复杂"), "difficult": _("疑难")},
    "handler": {
        "department": _("部门办理"),
        "firm": _("企业服务"),
        "emergency": _("紧急转接"),
        "legal": _("法律服务"),
        "mediation": _("调解"),
        "unsorted": _("待分类"),
    },
    "channel": {"phone": _("电话"), "web": _("网上"), "counter": _("现场"), "grid": _("网格巡查")},
    "contact_wish": {"sms": _("短信告知"), "phone": _("电话告知"), "none": _("不必告知")},
    "call_state": {
        "ringing": _("振铃"),
        "in_ivr": _("语音导航"),
        "queued": _("排队"),
        "answered": _("通话中"),
        "ended": _("已结束"),
    },
    "end_reason": {
        "answered": _("人工已接"),
        "abandoned_ivr": _("导航中挂断"),
        "abandoned_queue": _("排队中挂断"),
        "overflowed": _("无空闲坐席，约定回呼"),
        "message": _("留言待律师答复"),
        "blocked": _("线路占满"),
        "served": _("语音已完成"),
        "no_answer": _("无人接听"),
        "failed": _("线路故障"),
    },
    "agent_state": {
        "available": _("空闲"),
        "paused": _("小休中"),
        "ringing": _("振铃"),
        "talking": _("通话中"),
        "wrap_up": _("话后整理"),
        "signed_out": _("未签入"),
    },
    "callback_reason": {
        "abandoned": _("未接来电"),
        "no_agent": _("已约定回呼"),
        "dissatisfied": _("不满意或未解决"),
        "survey_failed": _("测评未答复"),
        "sms_failed": _("短信未送达"),
        "urgent_message": _("留言疑似紧急情况"),
        "supplement": _("请诉求人补充情况"),
        "price": _("告知企业报价"),
        "refund": _("告知服务异议的裁决"),
        "result": _("电话告知结果"),
    },
    "callback_state": {"open": _("待回呼"), "done": _("已回呼"), "cancelled": _("已取消")},
    "callback_outcome": {
        "reached": _("已联系上"),
        "not_reached": _("未联系上"),
        "cancelled": _("对方已自行打通"),
    },
    "solved": {"yes": _("已解决"), "no": _("未解决")},
    "satisfaction": {
        "very_satisfied": _("非常满意"),
        "satisfied": _("满意"),
        "fairly_satisfied": _("基本满意"),
        "dissatisfied": _("不满意"),
        "very_dissatisfied": _("非常不满意"),
    },
    "declined": {
        "declined": _("企业谢绝"),
        "timed_out": _("超时未应"),
        "suspended": _("企业已停用"),
        "withdrawn": _("已收回"),
        "by_the_citizen": _("市民撤回"),
        "price_refused": _("诉求人未接受报价"),
        "raised": _("已提级"),
    },
    "pause_reason": {
        "break": _("休息"),
        "meal": _("用餐"),
        "training": _("培训"),
        "call_backs": _("回呼"),
        "paperwork": _("文书"),
        "no_answer": _("振铃未接"),
    },
    "disposition": {
        "ticket": _("已登记工单"),
        "answered": _("当场答复"),
        "transferred": _("已转紧急电话"),
        "progress": _("查询进度"),
        "not_ours": _("不属受理范围，已说明途径"),
        "wrong_number": _("打错"),
        "silent": _("无声"),
        "harassment": _("骚扰"),
        "not_given": _("未填写"),
    },
    "area_level": {
        "city": _("全市"),
        "county": _("区县"),
        "town": _("乡镇街道"),
        "village": _("村、社区"),
        "grid": _("网格"),
    },
    "build_state": {
        "asked": _("等待训练"),
        "building": _("训练中"),
        "passed": _("通过检验"),
        "same": _("没有新内容"),
        "refused": _("未通过检验"),
        "failed": _("训练出错"),
    },
    "swap_way": {"rebuilt": _("训练后启用"), "rolled_back": _("人工换回")},
    "breach": {
        "changed": _("记录被修改"),
        "removed": _("记录被删除"),
        "added": _("封存后插入或移动了记录"),
        "seal_altered": _("封条被修改"),
        "seal_missing": _("封条缺失"),
        "head_gone": _("上次的链头已不在链上"),
    },
    "understood_by": {
        "keys": _("按键"),
        "speech": _("语音"),  # calls of earlier versions
        "confirmed": _("语音，来电人已确认"),
        "alarm": _("说到紧急情况"),
    },
    "lawyer_task_state": {
        "open": _("待认领"),
        "claimed": _("答复中"),
        "answered": _("已答复"),
        "closed": _("已结束"),
    },
    "lawyer_told": {"sms": _("短信告知"), "phone": _("电话告知"), "web": _("网上查询")},
    "lawyer_closed": {
        "unreachable": _("无法联系"),
        "to_desk": _("转派单员"),
        "elsewhere": _("工单已另行办结"),
    },
    "clock": {
        "emergency_dispatch": _("紧急派单"),
        "emergency_site": _("紧急到场"),
        "intake": _("网上受理"),
        "claim": _("认领"),
        "first_contact": _("首次联系"),
        "reply": _("首次答复"),
        "return_window": _("退单期限"),
        "closing": _("办结"),
        "acceptance": _("法定受理"),
        "statutory": _("法定办理"),
    },
    "clock_pause": {
        "supplement": _("等待补充材料"),
        "appraisal": _("检验鉴定"),
        "long_term": _("挂账"),
        "force_majeure": _("不可抗力"),
    },
    "delivery": {
        "queued": _("等待推送"),
        "sending": _("推送中"),
        "delivered": _("已送达"),
        "failed": _("推送失败"),
    },
    "light": {"green": _("绿灯"), "yellow": _("黄灯"), "red": _("红灯")},
    "paper": {
        "yellow": _("黄牌警示"),
        "red": _("红牌督办"),
        "remind": _("提醒函"),
        "urge": _("催办函"),
        "order": _("督办令"),
        "leader": _("呈请领导协调"),
        "report": _("情况通报"),
        "referral": _("提请纪检检查"),
    },
    "consequence": {
        "accountability": _("责任追究"),
        "interview": _("约谈"),
        "barred": _("取消评先资格"),
        "veto": _("一票否决"),
    },
    "mark": {"light": _("红灯"), "rating": _("不满意")},
    "matter_state": {
        "open": _("待处理"),
        "done": _("已处理"),
        "dropped": _("不予采用"),
        "withdrawn": _("次数减少，已撤销"),
    },
    "matter_because": {
        "due_soon": _("临近期限"),
        "overdue": _("逾期未办结"),
        "unanswered": _("逾期未答复"),
        "not_reported": _("吹哨后未按时报到"),
        "no_result": _("警示、督办后仍无结果"),
        "lights": _("累计红灯"),
        "ratings": _("累计不满意"),
        "veto": _("一票否决"),
    },
    "correction": {
        "invalid": _("评价无效"),
        "withdrawn": _("市民撤回评价"),
        "duplicate": _("重复评价"),
        "wrong_unit": _("不是该单位办理"),
        "not_about_handling": _("评价与办理无关"),
        "clock_extended": _("已批准延期"),
        "clock_limit_changed": _("时限已更正"),
        "clock_corrected": _("时限已更正"),
    },
    "figure": {"on_time_rate": _("按时办结率"), "satisfied_rate": _("满意率（含基本满意）")},
    "version_state": {
        "draft": _("草稿"),
        "scheduled": _("已定时"),
        "live": _("现行"),
        "retired": _("历史"),
    },
    "publication_way": {
        "loaded": _("从文件载入"),
        "published": _("发布"),
        "rolled_back": _("退回到此版本"),
    },
    "level": {"city": _("市级"), "county": _("区县级"), "town": _("镇街级")},
    "item_field": {
        "code": _("编码"),
        "official_code": _("官方编码"),
        "category": _("类别"),
        "name": _("名称"),
        "name_en": _("英文名称"),
        "kind": _("诉求类型"),
        "handler": _("办理方式"),
        "department": _("牵头单位"),
        "assisting": _("协办单位"),
        "level": _("下放到"),
        "tier": _("难易程度"),
        "emergency_minutes": _("紧急时限（分钟）"),
        "keywords": _("关键词"),
        "examples": _("例句"),
        "confidential_default": _("默认保密"),
        "transfer": _("转接号码"),
        "statutory_limit": _("法定时限"),
        "closing_standard": _("办结标准"),
        "evidence_characters": _("答复至少字数"),
        "evidence_photos": _("答复至少照片数"),
        "retired": _("停用"),
        "tier_days": _("办结天数"),
        "title": _("目录名称"),
        "version": _("版本"),
        "categories": _("类别数"),
        "items": _("事项数"),
        "tier_simple_days": _("简单件天数"),
        "tier_general_days": _("一般件天数"),
        "tier_complex_days": _("复杂件天数"),
        "tier_difficult_days": _("疑难件天数"),
    },
    "standing": {
        "good": _("可接单"),
        "suspended": _("已暂停"),
        "unlicensed": _("没有许可"),
        "licence_expired": _("许可已过期"),
        "review_failed": _("年审未通过"),
        "review_overdue": _("逾期未年审"),
        "barred": _("不可接单"),
        "licence_due": _("许可快到期或已过期"),
        "review_due": _("年审快到期或已逾期"),
    },
    "quote_verdict": {
        "agreed": _("同意这个价格"),
        "another_firm": _("不同意，换一家企业"),
        "not_wanted": _("不同意，不需要服务了"),
    },
    "grievance_about": {"price": _("价格"), "quality": _("服务质量")},
    "grievance_stage": {
        "raised": _("等企业答复"),
        "answered": _("等热线裁决"),
        "decided": _("等退款"),
        "dismissed": _("不退款"),
        "paid": _("已退款"),
    },
    "quote_how": {"web": _("网上答复"), "telephone": _("电话答复"), "silence": _("逾期未答复，按不同意处理")},
    "review": {"passed": _("通过"), "failed": _("未通过")},
    "weekday": {
        "1": _("周一"),
        "2": _("周二"),
        "3": _("周三"),
        "4": _("周四"),
        "5": _("周五"),
        "6": _("周六"),
        "7": _("周日"),
    },
    "firm_field": {
        "added": _("登记"),
        "name": _("企业名称"),
        "phone": _("联系电话"),
        "credit_code": _("统一社会信用代码"),
        "role_name": _("主营类别"),
        "further_roles": _("兼营类别"),
        "counties": _("服务区县"),
        "capacity_per_day": _("每天可接单数"),
        "licence_number": _("许可或执照编号"),
        "licence_until": _("许可有效期至"),
        "opens": _("开门"),
        "closes": _("关门"),
        "hours": _("营业时间"),
        "open_days": _("营业日"),
        "closed_on": _("停业日期"),
        "review_due": _("年审截止日期"),
        "price": _("价目"),
    },
    "party": {"citizen": _("市民"), "hotline": _("热线"), "organisation": _("承办单位")},
    "role": {
        "agent": _("坐席"),
        "dispatcher": _("派单员"),
        "supervisor": _("班长"),
        "lawyer": _("律师"),
        "manager": _("管理者"),
        "organisation": _("承办单位"),
        "administrator": _("系统管理员"),
    },
}
TONES: dict[str, str] = {
    "green": "good",
    "yellow": "warn",
    "red": "bad",
    "asked": "info",
    "building": "info",
    "passed": "good",
    "refused": "bad",
    "failed": "bad",
    "registered": "info",
    "dispatched": "info",
    "with_agent": "warn",
    "in_review": "info",
    "claimed": "info",
    "in_hand": "warn",
    "supplement_asked": "warn",
    "adjudication": "bad",
    "long_term": "warn",
    "in_follow_up": "info",
    "answered": "warn",
    "closed": "good",
    "reopened": "bad",
    "available": "good",
    "paused": "warn",
    "ringing": "info",
    "talking": "info",
    "wrap_up": "warn",
    "draft": "warn",
    "scheduled": "info",
    "live": "good",
}


def label(code: object, kind: str) -> str:
    """The words for a code; a code without words is shown as it is."""
    return str(LABELS[kind].get(str(code), code)) if code else ""


LIMITS = {
    "minutes": _("%(n)s 分钟"),
    "hours": _("%(n)s 小时"),
    "working minutes": _("%(n)s 工作分钟"),
    "working hours": _("%(n)s 工作小时"),
    "calendar days": _("%(n)s 个自然日"),
    "working days": _("%(n)s 个工作日"),
    "months": _("%(n)s 个月"),
    "0 working days": _("当日，下班后为下一工作日"),
}


def limit(text: str) -> str:
    """A clock's `limit_text` ('5 calendar days', '72 hours') in the page's language."""
    number, _space, unit = text.partition(" ")
    words = LIMITS.get(text) or LIMITS.get(unit)
    return str(words) % {"n": number} if words else text


def tone(code: object) -> str:
    """The badge colour of a state."""
    return TONES.get(str(code), "plain")


def choices(kind: str, only: Iterable[str] | None = None) -> list[SelectChoice]:
    """For a form's select or radio field: all codes in the table's order, or only these in theirs."""
    words = LABELS[kind]
    return [SelectChoice(str(code), words[str(code)]) for code in (words if only is None else only)]


def english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"


def named(thing: Any) -> str:
    """The name in the page's language of a row that has `name` and perhaps `name_en`."""
    return str((english() and getattr(thing, "name_en", None)) or thing.name)
