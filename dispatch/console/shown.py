"""What the pages of a ticket and of a work order show beside the matter: the dispute about it, and what was
asked for and decided meanwhile."""

from typing import Any

from sqlalchemy.orm import Session

from dispatch import extensions, hard_cases, offers, parts, queries, returns
from dispatch.models import WorkOrder
from dispatch.states import LIVE, Part, WorkOrderState
from hotline import clock
from hotline.organisations import queries as organisations
from hotline.permissions import Permission, allows
from hotline.tickets import supplements
from hotline.tickets.models import Ticket
from hotline.tickets.states import AT_WORK, ENDED, ON_THE_DESK, TicketState
from hotline.web.access import current_staff


def on_order(session: Session, order: WorkOrder) -> dict[str, Any]:
    now = clock.now()
    leads = order.part == Part.LEAD and order.state == WorkOrderState.ACCEPTED
    may_return = returns.may_return(session, order, now)
    return {
        "may_return": may_return,
        "window": returns.window(order.ticket),
        "roles": organisations.role_names(session) if may_return or leads else [],
        "leads": leads,
        "parts": parts.of(session, order) if order.part == Part.LEAD else [],
        "extensions": extensions.of_ticket(session, order.ticket_id),
        "most_days": extensions.most_days(order.ticket) if extensions.may_ask(session, order, now) else 0,
        "supplements": supplements.of_ticket(session, order.ticket_id),
        "may_supplement": order.part == Part.LEAD and order.ticket.state == TicketState.IN_HAND,
    }


def on_ticket(session: Session, ticket: Ticket) -> dict[str, Any]:
    lead = queries.newest_order(session, ticket.id)
    at_work = lead is not None and ticket.state in AT_WORK and lead.state in LIVE
    return {
        "extensions": extensions.of_ticket(session, ticket.id),
        "may_extend": allows(current_staff().role, Permission.APPROVE_EXTENSION),
        "supplements": supplements.of_ticket(session, ticket.id),
        "lead": lead,
        "postponed": offers.postponed(session, ticket.id),
        "parts": parts.of(session, lead) if lead else [],
        "roles": organisations.role_names(session) if lead else [],
        "may_join": at_work,
        "hard_case": lead is not None and ticket.state not in ENDED,
        "may_raise": lead is not None and ticket.state in AT_WORK | ON_THE_DESK,
        "awaits_sign_off": hard_cases.awaits_sign_off(session, ticket),
        "may_sign": allows(current_staff().role, Permission.SUPERVISE),
        "dispute": returns.open_dispute(session, ticket.id),
        "may_adjudicate": allows(current_staff().role, Permission.ADJUDICATE),
    }
