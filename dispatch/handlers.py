"""How dispatch reacts to facts raised elsewhere."""

import logging

from sqlalchemy.orm import Session

from dispatch import offers, queries, service
from dispatch.territory import TerritoryUndecided
from dispatch.work_order import SYSTEM
from hotline import clock
from hotline.config import settings
from hotline.errors import ConsentMissing
from hotline.event_log import Event
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.states import TicketState

logger = logging.getLogger(__name__)


def on_ticket_opened(session: Session, event: Event) -> None:
    """With `dispatch.auto_dispatch` a ticket goes out at once; what no rule decides waits (D02)."""
    if not settings().dispatch.auto_dispatch:
        return
    ticket = tickets.get(session, event.ticket_id or 0, lock=True)
    if ticket.state != TicketState.REGISTERED or queries.last_round(session, ticket.id):
        return
    _send(session, ticket)


def on_territory_decided(session: Session, event: Event) -> None:
    """What waited for its territory goes on to the body in charge, where tickets go out by themselves."""
    if not settings().dispatch.auto_dispatch:
        return
    ticket = tickets.get(session, event.ticket_id or 0, lock=True)
    newest = queries.newest_order(session, ticket.id)
    if newest and newest.sent_at > event.at:  # told twice: it went out meanwhile
        return
    if ticket.state in (TicketState.REGISTERED, TicketState.IN_REVIEW):
        _send(session, ticket)


def _send(session: Session, ticket: Ticket) -> None:
    try:
        service.dispatch(session, ticket, actor=SYSTEM, now=clock.now())
    except (service.NoRoute, service.WithALawyer, TerritoryUndecided, ConsentMissing) as reason:
        logger.info("ticket %s waits for a dispatcher: %s", ticket.id, reason.code)


def on_organisation_suspended(session: Session, event: Event) -> None:
    """Offers a suspended firm has not accepted go to the next firm."""
    for order_id in offers.open_at(session, event.data["organisation_id"]):
        offers.pass_on(session, order_id, clock.now())
