"""An office hands its work down to one right below it, takes it back, or sends it up again (D04)."""

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from dispatch import hand_down as handing
from dispatch.console.order_page import acts_on_order
from dispatch.console.pages import blueprint, me
from dispatch.console.part_forms import HandBackForm, HandDownForm, TakeBackForm
from dispatch.models import WorkOrder
from hotline import clock
from hotline.errors import InvalidInput
from hotline.permissions import Permission
from hotline.web.access import requires
from hotline.web.blame import blamed


@blueprint.post("/work/<int:order_id>/hand-down")
@requires(Permission.WORK_ORDERS)
@acts_on_order(_("已下派，主办责任仍在本单位。"), HandDownForm)
def hand_down(session: Session, order: WorkOrder, form: HandDownForm) -> None:
    with blamed(form.below, InvalidInput, _("只能下派给直接下级，且同一单位只派一次。")):
        handing.hand_down(
            session,
            order.id,
            organisation_id=form.below.data,
            task=form.hand_down_task.data,
            days=form.hand_down_days.data,
            actor=me(),
            now=clock.now(),
        )


@blueprint.post("/work/<int:order_id>/hand-down/<int:part_id>/take-back")
@requires(Permission.WORK_ORDERS)
@acts_on_order(_("已收回。"), TakeBackForm)
def take_back_from_below(session: Session, order: WorkOrder, form: TakeBackForm, part_id: int) -> None:
    reason = form.take_back_reason.data
    handing.take_back(session, part_id, order_id=order.id, reason=reason, actor=me(), now=clock.now())


@blueprint.post("/work/<int:order_id>/hand-back")
@requires(Permission.WORK_ORDERS)
@acts_on_order(_("已退回上级单位。"), HandBackForm)
def hand_back(session: Session, order: WorkOrder, form: HandBackForm) -> None:
    code, reason = form.hand_back_code.data, form.hand_back_reason.data
    handing.hand_back(session, order.id, code=code, reason=reason, actor=me(), now=clock.now())
