"""Tickets to look up: search, and one ticket with its history."""

from typing import Any

from flask import Blueprint, make_response, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from agents import queries
from agents.console.forms import MendForm, SupplementForm, TakenBackForm
from hotline import clock
from hotline.cases import queries as cases
from hotline.cases.service import OTHER
from hotline.catalogue.queries import items
from hotline.db import transaction
from hotline.learning.queries import classifier_for
from hotline.permissions import Permission, allows
from hotline.tickets import grievances, notes, quotes, supplements
from hotline.tickets import queries as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.states import MOVES, ON_THE_DESK, TicketState
from hotline.web import units
from hotline.web.access import current_staff, requires
from hotline.web.attachments import hotline_shelf
from hotline.web.forms import Form
from hotline.web.grievance_form import GrievanceForm
from hotline.web.labels import LABELS
from hotline.web.paging import page_of
from hotline.web.quote_form import QuoteForm
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
            sent_back=queries.sent_back(session, current_staff().id) if _may_mend() else {},
        )


@blueprint.get("/<number>")
@requires(Permission.SEE_TICKETS)
def detail(number: str) -> Response:
    return ticket_page(number)


def ticket_page(number: str, wrong: Form | None = None) -> Response:
    """`wrong` keeps what was typed."""
    with transaction() as session:
        if gate := asked_first(session, tickets.by_number(session, number)):
            return gate
    elsewhere = _other_hotline(number)
    with transaction() as session:
        ticket = tickets.by_number(session, number)
        events = tickets.history(session, ticket.id)
        same_call = tickets.of_call(session, ticket.call_id) if ticket.call_id else ()
        page = render_template(
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
            quote=quotes.asked_now(session, ticket),
            quotes=quotes.of_ticket(session, ticket.id),
            quote_form=QuoteForm(formdata=None),
            grievances=grievances.of_ticket(session, ticket.id),
            may_contest=grievances.may_raise(session, ticket),
            grievance_form=GrievanceForm(formdata=None),
            supplement_form=SupplementForm(formdata=None),
            **elsewhere,
            **_after_registering(session, ticket, wrong),
        )
    return make_response(page, 400 if wrong else 200)


def _after_registering(session: Session, ticket: Ticket, wrong: Form | None) -> dict[str, Any]:
    """What the desk wrote, and the forms for what the agent may still do."""
    shown: dict[str, Any] = {"notes": notes.of(session, ticket.id), "mend": None, "take_back": None}
    shown["unit"] = units.unit_of(session, ticket) if _may_mend() else None
    if not _may_mend():
        return shown
    if ticket.state == TicketState.WITH_AGENT:
        shown["mend"] = wrong if isinstance(wrong, MendForm) else _as_it_is(session, ticket)
        shown["items"] = items(session, ticket.hotline)
    if TicketState.WITHDRAWN in MOVES[TicketState(ticket.state)]:
        shown["take_back"] = wrong if isinstance(wrong, TakenBackForm) else TakenBackForm(formdata=None)
    return shown


def _as_it_is(session: Session, ticket: Ticket) -> MendForm:
    now = {name: getattr(ticket, name) for name in ("text", "place", "area_id")}
    form = MendForm(formdata=None, data=now | {"item_code": ticket.item.code})
    form.offer(queries.places_to_choose(session, ticket))
    return form


def _may_mend() -> bool:
    return allows(current_staff().role, Permission.OPEN_TICKET)


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
