"""Tickets to look up: search, and one ticket with its history."""

from flask import Blueprint, render_template, request

from agents import queries
from hotline import clock
from hotline.db import transaction
from hotline.permissions import Permission
from hotline.tickets import queries as tickets
from hotline.web.access import current_staff, requires
from hotline.web.labels import LABELS
from hotline.web.paging import page_of

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
            page=page,
            asked=asked,
            now=clock.now(),
            closing_clock=tickets.closing_clock,
        )


@blueprint.get("/<number>")
@requires(Permission.SEE_TICKETS)
def detail(number: str) -> str:
    with transaction() as session:
        ticket = tickets.by_number(session, number)
        events = tickets.history(session, ticket.id)
        same_call = tickets.of_call(session, ticket.call_id) if ticket.call_id else ()
        return render_template(
            "agents/ticket.html",
            ticket=ticket,
            events=events,
            actors=tickets.actors(session, events),
            recordings=queries.recordings(session, ticket.call_id),
            others=[t for t in same_call if t.id != ticket.id],
        )
