"""One work order as its organisation sees it: the page, and an act that leads back to it."""

from collections.abc import Callable
from functools import partial, wraps

from flask import flash, make_response, redirect, render_template
from werkzeug.wrappers import Response

from dispatch import offers, queries, territory
from dispatch.console import attachment_views, shown, words
from dispatch.console.forms import (
    AcceptForm,
    AcceptOfferForm,
    AnswerForm,
    BeginForm,
    DeclineForm,
    ReturnForm,
    RevealForm,
    TerritoryForm,
)
from dispatch.console.pages import REFUSALS, forms_by_name, status_of, territory_of
from dispatch.console.work_forms import WORK_FORMS
from dispatch.console.worker import after, mine, worker
from hotline import clock
from hotline.db import transaction
from hotline.errors import HotlineError
from hotline.tickets import reading
from hotline.web.blame import FieldBlamed
from hotline.web.forms import Form
from hotline.web.reading import watermark

View = Callable[..., Response]


def acts_on_order(done: str, form_class: type[Form] = Form) -> Callable[[Callable[..., None]], View]:
    """Below it stands the act alone: `(session, order, form)` and what else the address names."""

    def view_of(act: Callable[..., None]) -> View:
        @wraps(act)
        def view(order_id: int, **named: int) -> Response:
            return act_on_order(order_id, form_class(), partial(act, **named), done)

        return view

    return view_of


def act_on_order(order_id: int, form: Form, act: Callable[..., None], done: str) -> Response:
    """Do it and show the order; the form again where a field is wrong (400); where it is refused, the
    order as it now is and why (409), with what was typed."""
    try:
        if not form.validate():
            raise FieldBlamed
        with transaction() as session:
            act(session, mine(session, order_id), form)
    except FieldBlamed:
        return order_page(order_id, wrong=form)
    except offers.OfferLost as refusal:
        with transaction() as session:
            offers.pass_on(session, order_id, clock.now())
        return order_page(order_id, wrong=form, refusal=refusal)
    except REFUSALS as refusal:
        return order_page(order_id, wrong=form, refusal=refusal)
    flash(str(done), "ok")
    return redirect(after(order_id), 303)


def order_page(order_id: int, *, wrong: Form | None = None, refusal: HotlineError | None = None) -> Response:
    me = worker(order_id)
    with transaction() as session:
        it = mine(session, order_id)
        if me.staff_id:  # links lead to no confidential ticket
            reading.read(session, it.ticket, me.staff_id, reading.Purpose.HANDLING, clock.now())
        accepting = AcceptOfferForm if it.kind == "firm" else AcceptForm
        reviewing = me.staff_id and territory.is_review(it) and it.state in ("sent", "accepted")
        page = render_template(
            "dispatch/order.html",
            territory=territory_of(session, it.ticket) if reviewing else None,
            order=it,
            here=me.here,
            watermark=watermark(it.ticket),
            ticket=it.ticket,
            contact=queries.contact_for(it),
            shelf=attachment_views.shelf_of(session, it),
            **shown.on_order(session, it),
            forms=forms_by_name(
                (
                    accepting,
                    DeclineForm,
                    ReturnForm,
                    BeginForm,
                    AnswerForm,
                    RevealForm,
                    TerritoryForm,
                    *WORK_FORMS,
                ),
                wrong,
            ),
            refusal=words.say(refusal) if refusal else "",
        )
    return make_response(page, status_of(wrong, refusal))
