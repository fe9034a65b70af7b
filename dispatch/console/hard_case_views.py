"""Hard cases at the desk: raised to a higher level, taken on by a leader, put on the long-term list."""

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from dispatch import escalation, hard_cases, queries
from dispatch.console.hard_case_forms import LongTermForm, RaiseForm, SponsorForm
from dispatch.console.pages import blueprint, me
from dispatch.console.ticket_page import acts_on_ticket
from hotline import clock
from hotline.errors import InvalidInput
from hotline.organisations.queries import NoHandler
from hotline.permissions import Permission
from hotline.tickets.models import Ticket
from hotline.web.access import requires
from hotline.web.blame import FieldBlamed, blamed
from hotline.web.forms import Form


@blueprint.post("/dispatch/tickets/<int:ticket_id>/raise")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已提级派出。"), RaiseForm)
def raise_ticket(session: Session, ticket: Ticket, form: RaiseForm) -> None:
    try:
        with blamed(form.raise_to, NoHandler, _("没有这个单位，请从列表中选择。")):
            _raise(session, ticket, form)
    except InvalidInput as error:
        form.blame(error.field)
        raise FieldBlamed from error


def _raise(session: Session, ticket: Ticket, form: RaiseForm) -> None:
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


@blueprint.post("/dispatch/tickets/<int:ticket_id>/sponsor")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已登记包案领导，签批前不能发布答复。"), SponsorForm)
def name_sponsor(session: Session, ticket: Ticket, form: SponsorForm) -> None:
    hard_cases.name_sponsor(session, ticket, form.leader.data, actor=me(), now=clock.now())


@blueprint.post("/dispatch/tickets/<int:ticket_id>/sign-off")
@requires(Permission.SUPERVISE)
@acts_on_ticket(_("已签批。"))
def sign_off(session: Session, ticket: Ticket, form: Form) -> None:
    hard_cases.sign_off(session, ticket, actor=me(), now=clock.now())


@blueprint.post("/dispatch/tickets/<int:ticket_id>/long-term")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已挂账，时限中止计算，到期提醒复查。"), LongTermForm)
def put_on_list(session: Session, ticket: Ticket, form: LongTermForm) -> None:
    with blamed(form.review_on, InvalidInput, _("复查日期应在明天以后、一年以内。")):
        hard_cases.put_on_list(
            session,
            ticket,
            code=form.long_term_code.data,
            note=form.long_term_note.data,
            review_on=form.review_on.data,
            actor=me(),
            now=clock.now(),
        )


@blueprint.post("/dispatch/tickets/<int:ticket_id>/off-list")
@requires(Permission.DISPATCH)
@acts_on_ticket(_("已销账，承办单位继续办理。"))
def take_off_list(session: Session, ticket: Ticket, form: Form) -> None:
    hard_cases.take_off_list(session, ticket, actor=me(), now=clock.now())
