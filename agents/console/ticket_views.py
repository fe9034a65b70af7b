"""Tickets to look up: search, and one ticket with its history."""

from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from agents import queries
from agents.console.forms import SupplementForm
from hotline import clock
from hotline.cases import queries as cases
from hotline.cases.service import OTHER
from hotline.catalogue.queries import items
from hotline.db import transaction
from hotline.learning.queries import classifier_for
from hotline.permissions import Permission, allows
from hotline.tickets import queries as tickets
from hotline.tickets import supplements
from hotline.tickets.states import ON_THE_DESK
from hotline.web.access import current_staff, requires
from hotline.web.attachments import hotline_shelf
from hotline.web.labels import LABELS
from hotline.web.paging import page_of
from hotline.web.reading import asked_first, watermark

blueprint = Blueprint("tickets", __name__, url_prefix="/tickets")


@blueprint.get("")
@requires(Permission.SEE_TICKETS)
def index() -> str:
    """?q= number or telephone, ?state=, ?mine=1"""
    state = request.args.get("state", "")
    asked = queries.TicketFilter(
        wanted=request.args.get("q", "").replace("\0", "")[:40],
        state=state if state in LABELS["ticket_state"] else "",
        staff_id=current_staff().id if request.args.get("mine") else None,
    )
    with transaction() as session:
        page = page_of(session, queries.search_tickets(asked))
        return render_template(
            "agents/tickets.html",
            ticket_states=list(LABELS["ticket_state"]),
            page=page,
            asked=asked,
            now=clock.now(),
            closing_clock=tickets.closing_clock,
        )


@blueprint.get("/<number>")
@requires(Permission.SEE_TICKETS)
def detail(number: str) -> Response | str:
    with transaction() as session:
        if gate := asked_first(session, tickets.by_number(session, number)):
            return gate
    elsewhere = _other_hotline(number)
    with transaction() as session:
        ticket = tickets.by_number(session, number)
        events = tickets.history(session, ticket.id)
        same_call = tickets.of_call(session, ticket.call_id) if ticket.call_id else ()
        return render_template(
            "agents/ticket.html",
            ticket=ticket,
            watermark=watermark(ticket),
            events=events,
            actors=tickets.actors(session, events),
            recordings=queries.recordings(session, ticket.call_id),
            others=[t for t in same_call if t.id != ticket.id],
            moves=cases.moves(session, ticket.case_number),
            case_tickets=[t for t in cases.tickets(session, ticket.case_number) if t.id != ticket.id],
            shelf=hotline_shelf(session, ticket),
            asked=supplements.asked_now(session, ticket),
            may_note=allows(current_staff().role, Permission.OPEN_TICKET),
            supplement_form=SupplementForm(formdata=None),
            **elsewhere,
        )


def _other_hotline(number: str) -> dict[str, Any]:
    """Where the ticket may be referred to while nobody works on it, and what it could be there."""
    with transaction() as session:
        ticket = tickets.by_number(session, number)
        open_ = ticket.state in ON_THE_DESK
        if not open_ or not allows(current_staff().role, Permission.OPEN_TICKET):
            return {"may_refer": False}
        other, text = OTHER[ticket.hotline], ticket.text
        classifier, offered = classifier_for(session, other), items(session, other)
    return {
        "may_refer": True,
        "other_hotline": other,
        "other_items": offered,
        "suggested": classifier.suggest(text),
    }
