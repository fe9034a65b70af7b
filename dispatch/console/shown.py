"""What the pages of a ticket and of a work order show beside the matter: the dispute about it, and what was
asked for and decided meanwhile."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from dispatch import extensions, field_work, hand_down, hard_cases, offers, parts, queries, returns, summons
from dispatch.models import WorkOrder
from dispatch.patrol import service as patrols
from dispatch.states import LIVE, Part, WorkOrderState
from hotline import clock
from hotline.config import settings
from hotline.organisations import duty, presence
from hotline.organisations import queries as organisations
from hotline.organisations.models import DutyShift
from hotline.permissions import Permission, allows
from hotline.surveys import service as surveys
from hotline.surveys.grades import UNHAPPY
from hotline.tickets import grievances, notes, quotes, supplements
from hotline.tickets.models import Ticket
from hotline.tickets.states import AT_WORK, ENDED, ON_THE_DESK, TicketState
from hotline.web.access import current_staff


def on_order(session: Session, order: WorkOrder) -> dict[str, Any]:
    now = clock.now()
    leads = order.part == Part.LEAD and order.state == WorkOrderState.ACCEPTED
    may_return = returns.may_return(session, order, now)
    has_it = order.state == WorkOrderState.ACCEPTED and (leads or order.handed_by_id is not None)
    return {
        "may_return": may_return,
        "window": returns.window(order.ticket),
        "roles": organisations.role_names(session) if may_return or leads else [],
        "leads": leads,
        "quotes": quotes.of_order(session, order.id),
        "patrol": None if order.ticket.confidential else patrols.of_ticket(session, order.ticket_id),
        "grievance": grievances.of_order(session, order.id),
        "price_list_lines": _price_list(session, order),
        "parts": [part for part in parts.of(session, order) if part.handed_by_id is None]
        if order.part == Part.LEAD
        else [],
        "handed": parts.handed_down(session, order),
        "right_below": hand_down.may_be_asked(session, order) if has_it else [],
        "extensions": extensions.of_ticket(session, order.ticket_id),
        "most_days": extensions.most_days(order.ticket) if extensions.may_ask(session, order, now) else 0,
        "supplements": supplements.of_ticket(session, order.ticket_id),
        "reopened": notes.newest(session, [order.ticket_id], "reopen").get(order.ticket_id),
        "awaits_arrival": field_work.awaits_arrival(order),
        "may_begin_appraisal": field_work.may_begin_appraisal(order),
        "is_appraised": order.part == Part.LEAD and field_work.is_appraised(order.ticket),
        "summonses": summons.of_ticket(session, order.ticket_id) if summons.may_whistle(order) else [],
        "may_whistle": summons.may_whistle(order),
        "may_supplement": order.part == Part.LEAD and order.ticket.state == TicketState.IN_HAND,
    }


def today() -> date:
    return clock.to_local(clock.now(), settings().site.time_zone).date()


def _price_list(session: Session, order: WorkOrder) -> list[dict[str, Any]]:
    """What the register says a firm takes for this work, when it is asked to tell its price."""
    if order.state != WorkOrderState.OFFERED:
        return []
    return quotes.price_list(session, order.organisation_id, order.ticket)


def on_ticket(session: Session, ticket: Ticket) -> dict[str, Any]:
    lead = queries.newest_order(session, ticket.id)
    at_work = lead is not None and ticket.state in AT_WORK and lead.state in LIVE
    return {
        "extensions": extensions.of_ticket(session, ticket.id),
        "is_appraised": field_work.is_appraised(ticket),
        "may_extend": allows(current_staff().role, Permission.APPROVE_EXTENSION),
        "supplements": supplements.of_ticket(session, ticket.id),
        "lead": lead,
        "quotes": quotes.of_ticket(session, ticket.id),
        "grievances": grievances.of_ticket(session, ticket.id),
        "patrol": patrols.of_ticket(session, ticket.id),
        "postponed": offers.postponed(session, ticket.id),
        "on_duty": _on_duty(session, lead) if lead and at_work else (),
        "ratings": surveys.ratings_of(session, ticket.id),
        "unhappy": UNHAPPY,
        "parts": parts.of(session, lead) if lead else [],
        "roles": organisations.role_names(session) if lead else [],
        "may_join": at_work,
        "summonses": summons.of_ticket(session, ticket.id),
        "may_call": ticket.state not in ENDED,
        "on_call": presence.on_call(session, today()) if ticket.state not in ENDED else [],
        "hard_case": lead is not None and ticket.state not in ENDED,
        "may_raise": lead is not None and ticket.state in AT_WORK | ON_THE_DESK,
        "awaits_sign_off": hard_cases.awaits_sign_off(session, ticket),
        "may_sign": allows(current_staff().role, Permission.SUPERVISE),
        "dispute": returns.open_dispute(session, ticket.id),
        "may_adjudicate": allows(current_staff().role, Permission.ADJUDICATE),
    }


def _on_duty(session: Session, order: WorkOrder) -> Sequence[DutyShift]:
    """Whom to ring where something urgent is with an office that is closed now."""
    now = clock.now()
    if not order.ticket.item.urgent or not duty.out_of_hours(now):
        return ()
    return duty.on_duty(session, order.organisation_id, now)
