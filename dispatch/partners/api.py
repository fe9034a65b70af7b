"""/api/v1/work-orders: an organisation's own system does what its people do at /work, by the same services
(docs/partner-api.md)."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, jsonify, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from dispatch import offers, queries, returns, service
from dispatch.models import WorkOrder
from dispatch.partners import door, shown
from hotline import clock
from hotline.attachments.service import EvidenceMissing
from hotline.db import transaction
from hotline.errors import HotlineError, InvalidInput, NotFound
from hotline.tickets.models import Ticket
from hotline.web.access import machine
from hotline.web.paging import page_of

blueprint = Blueprint("partner_api", __name__, url_prefix="/api/v1/work-orders")
blueprint.before_request(door.let_in)
blueprint.register_error_handler(HotlineError, door.refused)
blueprint.register_error_handler(HTTPException, door.not_understood)
LARGEST_PAGE = 100


@blueprint.get("")
@machine
def listed() -> Response:
    tab = request.args.get("tab", "waiting")
    if tab not in queries.IN_TRAY:
        raise InvalidInput("tab", f"one of {', '.join(queries.IN_TRAY)}")
    size = min(max(1, request.args.get("page_size", 20, type=int)), LARGEST_PAGE)
    with transaction() as session:
        mine = queries.in_tray(session, g.partner.organisation_id, tab)
        wanted = mine.join(WorkOrder.ticket).where(~Ticket.confidential)
        page = page_of(session, wanted, size=size)
        rows = [shown.order(row) for row in page.rows]
    return jsonify(items=rows, page=page.number, pages=page.pages, page_size=size, total=page.total)


@blueprint.get("/<int:order_id>")
@machine
def one(order_id: int) -> Response:
    with transaction() as session:
        return jsonify(shown.order(_mine(session, order_id)))


@blueprint.post("/<int:order_id>/accept")
@machine
def accept(order_id: int) -> Response:
    return _act(
        order_id,
        lambda session, said: service.accept(
            session,
            order_id,
            responsible_person=said("responsible_person"),
            price_estimate=said("price_estimate"),
            free=said("free") == "true",
            **_signed(),
        ),
    )


@blueprint.post("/<int:order_id>/decline")
@machine
def decline(order_id: int) -> Response:
    return _act(
        order_id,
        lambda session, said: offers.decline(session, order_id, reason=said("reason"), **_signed()),
    )


@blueprint.post("/<int:order_id>/begin")
@machine
def begin(order_id: int) -> Response:
    return _act(
        order_id,
        lambda session, said: service.begin(
            session, order_id, contact_note=said("contact_note"), **_signed()
        ),
    )


@blueprint.post("/<int:order_id>/return")
@machine
def return_to_hotline(order_id: int) -> Response:
    return _act(
        order_id,
        lambda session, said: returns.return_to_hotline(
            session,
            order_id,
            code=said("code"),
            reason=said("reason"),
            legal_basis=said("legal_basis"),
            **_signed(),
        ),
    )


@blueprint.post("/<int:order_id>/answer")
@machine
def answer(order_id: int) -> Response:
    return _act(
        order_id,
        lambda session, said: service.answer(
            session,
            order_id,
            public_reply=said("public_reply"),
            internal_note=said("internal_note"),
            **_signed(),
        ),
    )


@blueprint.post("/<int:order_id>/reveal")
@machine
def reveal(order_id: int) -> Response:
    """The citizen's number, with the purpose on record (S02)."""
    with transaction() as session:
        number = service.reveal_contact(
            session,
            _mine(session, order_id),
            staff_id=None,
            purpose=door.said("purpose"),
            **_signed(),
        )
    return jsonify(number=number)


def _act(order_id: int, act: Callable[[Session, Callable[[str], str]], object]) -> Response:
    """The act and what was answered stand in one transaction; a refusal leaves nothing."""
    try:
        with transaction() as session:
            done = door.answered_before(session)
            if done is None:
                _mine(session, order_id)
                act(session, door.said)
                done = shown.order(_mine(session, order_id))
                door.remember(session, done)
    except offers.OfferLost:
        with transaction() as session:
            offers.pass_on(session, order_id, clock.now())
        raise
    except EvidenceMissing as lacking:
        raise InvalidInput("evidence", str(lacking)) from lacking
    return jsonify(done)


def _mine(session: Session, order_id: int) -> WorkOrder:
    order = queries.order_for(session, order_id, g.partner.organisation_id)
    if order.ticket.confidential:  # read by people with a name only (Z35)
        raise NotFound(f"no work order {order_id}")
    return order


def _signed() -> dict[str, Any]:
    return {"actor": f"organisation:{g.partner.organisation_id}", "now": clock.now()}
