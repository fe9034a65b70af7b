"""Hard cases at the desk: raised to a higher level, taken on by a leader, put on the long-term list."""

from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dispatch import escalation, hard_cases, queries
from dispatch.console.hard_case_forms import LongTermForm, RaiseForm, SponsorForm
from dispatch.console.pages import blueprint, me
from dispatch.console.ticket_page import on_ticket, ticket_page
from hotline import clock
from hotline.errors import InvalidInput
from hotline.organisations.queries import NoHandler
from hotline.permissions import Permission
from hotline.tickets.models import Ticket
from hotline.web.access import requires


@blueprint.post("/dispatch/tickets/<int:ticket_id>/raise")
@requires(Permission.DISPATCH)
def raise_ticket(ticket_id: int) -> Response:
    form = RaiseForm()

    def act(session: Session, ticket: Ticket) -> None:
        name = form.raise_to.data
        escalation.raise_ticket(
            session,
            ticket,
            code=form.raise_code.data,
            organisation_id=queries.office_named(session, name, ticket).id if name else None,
            jump=form.jump.data,
            actor=me(),
            now=clock.now(),
        )

    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    try:
        return on_ticket(ticket_id, act, _("已提级派出。"))
    except NoHandler:
        form.raise_to.errors = [_("没有这个单位，请从列表中选择。")]
    except InvalidInput as error:
        field = form.jump if error.field == "jump" else form.raise_to
        told = _("越级提级要选择原因。") if error.field == "jump" else _("请选择层级更高的单位。")
        field.errors = [told]
    return ticket_page(ticket_id, wrong=form)


@blueprint.post("/dispatch/tickets/<int:ticket_id>/sponsor")
@requires(Permission.DISPATCH)
def name_sponsor(ticket_id: int) -> Response:
    form = SponsorForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    return on_ticket(
        ticket_id,
        lambda session, it: hard_cases.name_sponsor(
            session, it, form.leader.data, actor=me(), now=clock.now()
        ),
        _("已登记包案领导，签批前不能发布答复。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/sign-off")
@requires(Permission.SUPERVISE)
def sign_off(ticket_id: int) -> Response:
    return on_ticket(
        ticket_id,
        lambda session, it: hard_cases.sign_off(session, it, actor=me(), now=clock.now()),
        _("已签批。"),
    )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/long-term")
@requires(Permission.DISPATCH)
def put_on_list(ticket_id: int) -> Response:
    form = LongTermForm()
    if not form.validate():
        return ticket_page(ticket_id, wrong=form)
    try:
        return on_ticket(
            ticket_id,
            lambda session, it: hard_cases.put_on_list(
                session,
                it,
                code=form.long_term_code.data,
                note=form.long_term_note.data,
                review_on=form.review_on.data,
                actor=me(),
                now=clock.now(),
            ),
            _("已挂账，时限中止计算，到期提醒复查。"),
        )
    except InvalidInput:
        form.review_on.errors = [_("复查日期应在明天以后、一年以内。")]
    return ticket_page(ticket_id, wrong=form)


@blueprint.post("/dispatch/tickets/<int:ticket_id>/off-list")
@requires(Permission.DISPATCH)
def take_off_list(ticket_id: int) -> Response:
    return on_ticket(
        ticket_id,
        lambda session, it: hard_cases.take_off_list(session, it, actor=me(), now=clock.now()),
        _("已销账，承办单位继续办理。"),
    )
