"""One ticket as the review desk sees it: the page, and an act that leads back to it."""

from collections.abc import Callable, Sequence
from functools import partial, wraps

from flask import flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dispatch import offers, queries, trace_back
from dispatch.console import review_cards, review_forms, shown, words
from dispatch.console.desk_forms import DESK_FORMS
from dispatch.console.forms import (
    ChooseForm,
    DirectAnswerForm,
    ItemForm,
    RejectForm,
    ReopenForm,
    TerritoryForm,
    WithdrawForm,
)
from dispatch.console.pages import REFUSALS, forms_by_name, status_of, territory_of
from dispatch.models import WorkOrder
from dispatch.routing import Action
from hotline import clock
from hotline.catalogue.queries import items
from hotline.db import transaction
from hotline.errors import HotlineError
from hotline.permissions import Permission, allows
from hotline.tickets import service as tickets
from hotline.tickets.states import AT_WORK, ON_THE_DESK, TicketState
from hotline.web.access import current_staff
from hotline.web.attachments import hotline_shelf
from hotline.web.blame import FieldBlamed
from hotline.web.forms import Form
from hotline.web.reading import asked_first, watermark
from hotline.web.units import unit_of

FORMS = (
    ChooseForm,
    ItemForm,
    WithdrawForm,
    RejectForm,
    ReopenForm,
    DirectAnswerForm,
    TerritoryForm,
    *review_forms.FORMS,
)

View = Callable[..., Response]
Act = Callable[..., str | None]


def acts_on_ticket(done: str, form_class: type[Form] = Form) -> Callable[[Act], View]:
    """Below it stands the act alone: `(session, ticket, form)` and what else the address names. It answers
    what the reader is told where that is not what was wished, which `done` says."""

    def view_of(act: Act) -> View:
        @wraps(act)
        def view(ticket_id: int, **named: int) -> Response:
            return act_on_ticket(ticket_id, form_class(), partial(act, **named), done)

        return view

    return view_of


def act_on_ticket(ticket_id: int, form: Form, act: Act, done: str) -> Response:
    """Do it and show the ticket; the form again where a field is wrong (400); where it is refused, the
    ticket as it now is and why (409), with what was typed."""
    try:
        if not form.validate():
            raise FieldBlamed
        with transaction() as session:
            otherwise = act(session, tickets.get(session, ticket_id, lock=True), form)
    except FieldBlamed:
        return ticket_page(ticket_id, wrong=form)
    except REFUSALS as refusal:
        return ticket_page(ticket_id, wrong=form, refusal=refusal)
    flash(otherwise or str(done), "error" if otherwise else "ok")
    return redirect(url_for(".ticket", ticket_id=ticket_id), 303)


def ticket_page(
    ticket_id: int, *, wrong: Form | None = None, refusal: HotlineError | None = None
) -> Response:
    searched = request.values.get("q", "")
    with transaction() as session:
        it = tickets.get(session, ticket_id)
        if gate := asked_first(session, it):
            return gate
        open_for_dispatch = it.state in ON_THE_DESK
        orders = queries.orders_of(session, ticket_id)
        choosing = open_for_dispatch or it.state == TicketState.ADJUDICATION
        page = render_template(
            "dispatch/ticket.html",
            ticket=it,
            watermark=watermark(it),
            unit=unit_of(session, it),
            about=review_cards.about(session, it, clock.now()),
            at_work=AT_WORK,
            orders=orders,
            trace_back=_trace_back(session, ticket_id, orders),
            shelf=hotline_shelf(session, it),
            plan=queries.suggestion(session, it, clock.now()) if open_for_dispatch else None,
            territory=territory_of(session, it) if open_for_dispatch else None,
            review=Action.REVIEW,
            no_consent=offers.consent_problem(it),
            offers=Action.OFFER,
            searched=searched,
            most_found=queries.FOUND,
            found=queries.find_organisations(session, searched, clock.now()) if choosing else [],
            items=items(session, it.hotline),
            forms=forms_by_name((*FORMS, *DESK_FORMS), wrong),
            **shown.on_ticket(session, it),
            refusal=words.say(refusal) if refusal else "",
        )
    return make_response(page, status_of(wrong, refusal))


def _trace_back(session: Session, ticket_id: int, orders: Sequence[WorkOrder]) -> Sequence[trace_back.Line]:
    """For whoever supervises."""
    if not allows(current_staff().role, Permission.SUPERVISE):
        return ()
    return trace_back.lines(session, ticket_id, orders, clock.now())
