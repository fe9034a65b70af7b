"""What people read for the codes of dispatch, and for acts that were refused."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from dispatch.models import PostponedOffer
from hotline.errors import HotlineError
from hotline.tickets.holds import HeldBack
from hotline.web.display import local_time
from hotline.web.labels import LABELS

PRESENCE: dict[str, Any] = {
    "permanent": _("常驻"),
    "rotating": _("轮驻"),
    "on_call": _("随叫随驻"),
    "engaged": _("聘驻"),
}
DESK: dict[str, Any] = {
    "unsorted": _("待分类"),
    "new": _("待派单"),
    "returned": _("被退回"),
    "no_firm": _("无企业接单"),
    "adjudication": _("待裁定"),
    "asked": _("待审批"),
    "long_term": _("挂账"),
    "reopened": _("重新办理"),
    "answered": _("待审核答复"),
    "with_agent": _("退回坐席"),
    "out": _("在办"),
    "closed": _("已答复和办结"),
}
DESK_EMPTY: dict[str, Any] = {
    "unsorted": _("没有等待分类的工单。"),
    "new": _("没有待派的工单。新登记的工单会自动出现在这里。"),
    "returned": _("没有被退回的工单。"),
    "no_firm": _("没有等待改派的企业服务工单。"),
    "adjudication": _("没有等待裁定的工单。"),
    "asked": _("没有等待审批的延期或协办申请。"),
    "long_term": _("没有挂账的工单。"),
    "reopened": _("没有重新办理的工单。"),
    "answered": _("没有等待审核的答复。"),
    "with_agent": _("没有等坐席补充的工单。"),
    "out": _("没有在办的工单。"),
    "closed": _("还没有办结的工单。"),
}
IN_TRAY: dict[str, Any] = {
    "waiting": _("待接收"),
    "in_hand": _("办理中"),
    "answered": _("已答复"),
    "ended": _("已退回或结束"),
}
IN_TRAY_EMPTY: dict[str, Any] = {
    "waiting": _("没有待接收的工单。新派来的工单会自动出现在这里。"),
    "in_hand": _("没有正在办理的工单。"),
    "answered": _("还没有答复过的工单。"),
    "ended": _("没有退回、谢绝或收回的工单。"),
}
STATES: dict[str, Any] = {
    "proposed": _("待同意"),
    "waived": _("已免除"),
    "sent": _("待接收"),
    "offered": _("待接单"),
    "accepted": _("办理中"),
    "declined": _("谢绝"),
    "timed_out": _("超时未接"),
    "withdrawn": _("已收回"),
    "returned": _("已退回"),
    "answered": _("已答复"),
}
STATE_TONES: dict[str, str] = {
    "sent": "info",
    "offered": "info",
    "accepted": "warn",
    "timed_out": "bad",
    "returned": "bad",
    "answered": "good",
}
PRINCIPLES: dict[str, Any] = {
    "territorial": _("属地原则"),
    "portfolio": _("分管原则"),
    "rotation": _("企业公平轮派"),
    "dispatcher": _("派单员指定"),
    "adjudicated": _("中心裁定，不得退回"),
    "raised": _("提级办理"),
    "joint": _("协办"),
    "handed_down": _("上级下派"),
    "delegated": _("受委托办理"),
}
REFUSED: dict[str, Any] = {
    "concerns_themselves": _("这件投诉反映的就是该单位或其上级，不能派给它。请派给上级或监督单位。"),
    "transition_refused": _("工单状态已经改变，刚才的操作没有生效。下面是最新情况。"),
    "consent_missing": _("不能派给企业：需要诉求人的号码和向企业提供联系方式的同意，且未要求保密。"),
    "no_route": _("按规则找不到承办单位。请在下面搜索并指定承办单位。"),
    "waits_for_those_below": _("下派的单位还没有答复：请等答复，或先收回。"),
    "passed_on_too_often": _("本单流转次数已达上限，不能再下派：请自行办理，或退回由中心裁定。"),
    "not_a_towns_duty": _("该镇街的履职清单里没有这个事项，不能派给它。请派给主管部门。"),
    "unsorted": _("还没有分类：请先在下面选定事项，再派单。"),
    "with_a_lawyer": _("这件诉求正由值班律师答复，不能派单；律师转来后再派。"),
    "territory_undecided": _("地点还不清楚：请先审定属地，再派给区县及以下的单位。"),
    "offer_expired": _("接单时间已过，本单已转给下一家企业。"),
    "firm_not_allowed": _("该企业已被暂停接单、没有有效许可或未通过年审，不能接这一单；本单会转给其他企业。"),
    "return_too_late": _("退单期限已过，请继续办理；确属派错的，请与热线联系收回。"),
    "verdict_stands": _("中心已裁定由贵单位承办，不得退回。"),
    "extension_too_late": _("办理时限已到，不能再延期。延期应在时限届满前申请并批准。"),
    "no_more_extensions": _("本单的延期次数已用完，或已有一个申请等待审批。"),
    "own_request": _("不能审批自己提出的申请，请由他人审批。"),
    "nobody_to_ask": _("诉求人匿名或不愿被联系，请根据现有情况办理。"),
    "price_not_agreed": _("诉求人还没有同意报价，不能开始。同意后再开始；不同意的，本单转给其他企业。"),
    "not_allowed": _("诉求人的联系方式不向贵单位提供。"),
}

NO_FIRM = _("该区域没有可接单的企业。请在下面指定承办单位，或直接答复诉求人。")


def say(refusal: HotlineError) -> str:
    """Why an act had no effect, and what to do."""
    if isinstance(refusal, HeldBack):
        advice = " ".join(str(LABELS["hold_advice"][hold]) for hold in refusal.holds)
        return str(gettext("还不能这样做。%(advice)s", advice=advice))
    return str(REFUSED.get(refusal.code, refusal))


def nobody_asked(waits: PostponedOffer | None) -> str:
    """No firm was offered the ticket: until when it waits, or what to do."""
    if waits is None:
        return str(NO_FIRM)
    opens = local_time(waits.until)
    return str(gettext("还没有派出：企业都未营业，%(time)s 开门后自动询问，也可指定承办单位。", time=opens))
