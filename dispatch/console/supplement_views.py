"""The organisation asks the citizen for what is missing (C04)."""

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from dispatch import supplements
from dispatch.console.order_page import acts_on_order
from dispatch.console.pages import blueprint
from dispatch.console.work_forms import SupplementForm
from dispatch.console.worker import actor, by_person_or_link
from dispatch.models import WorkOrder
from hotline import clock


@blueprint.post("/work/<int:order_id>/supplement")
@blueprint.post("/w/<token>/supplement")
@by_person_or_link
@acts_on_order(_("已请诉求人补充，办结时限中止计算，收到补充或到期后恢复。"), SupplementForm)
def ask_the_citizen(session: Session, order: WorkOrder, form: SupplementForm) -> None:
    supplements.ask(
        session,
        order.id,
        code=form.supplement_code.data,
        question=form.question.data,
        actor=actor(order.id),
        now=clock.now(),
    )
