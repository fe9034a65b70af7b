"""The organisation asks the citizen for what is missing (C04)."""

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dispatch import supplements
from dispatch.console.pages import blueprint
from dispatch.console.work_forms import SupplementForm
from dispatch.console.work_views import on_order, order_page
from dispatch.console.worker import actor, by_person_or_link
from hotline import clock


@blueprint.post("/work/<int:order_id>/supplement")
@blueprint.post("/w/<token>/supplement")
@by_person_or_link
def ask_the_citizen(order_id: int) -> Response:
    form = SupplementForm()
    if not form.validate():
        return order_page(order_id, wrong=form)
    return on_order(
        order_id,
        lambda session: supplements.ask(
            session,
            order_id,
            code=form.supplement_code.data,
            question=form.question.data,
            actor=actor(order_id),
            now=clock.now(),
        ),
        _("已请诉求人补充，办结时限中止计算，收到补充或到期后恢复。"),
    )
