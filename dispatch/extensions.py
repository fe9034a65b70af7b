"""More days for a ticket: asked for before it is due, decided by somebody else, both dates kept (G01)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch import work_order
from dispatch.models import Extension, WorkOrder
from dispatch.states import Part, WorkOrderState
from dispatch.work_order import said
from hotline.config import settings
from hotline.errors import HotlineError, InvalidInput, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import ExtensionAsked, ExtensionDecided
from hotline.tickets import clocks
from hotline.tickets.acts import Clock
from hotline.tickets.models import Ticket, TicketClock
from hotline.tickets.queries import closing_clock
from hotline.tickets.states import AT_WORK

REASONS = ("complex", "survey", "third_party", "construction", "citizen", "force_majeure")


class ExtensionTooLate(HotlineError):
    """The ticket is due already: nothing is extended any more."""

    code = "extension_too_late"


class NoMoreExtensions(HotlineError):
    """As often as the site allows, or one is not decided yet."""

    code = "no_more_extensions"


class OwnRequest(HotlineError):
    """Nobody decides what they asked for."""

    code = "own_request"


def ask(
    session: Session, order_id: int, *, days: int, code: str, reason: str, actor: str, now: datetime
) -> Extension:
    """The lead asks for so many days, in the unit of the ticket's limit.

    Raises ExtensionTooLate, NoMoreExtensions, InvalidInput, TransitionRefused.
    """
    order = work_order.locked_lead(session, order_id)
    if order.state != WorkOrderState.ACCEPTED:
        raise TransitionRefused("work order", order.state, "extended")
    if not clocks.runs(session, order.ticket, Clock.CLOSING, now):
        raise ExtensionTooLate("it is due already: an extension is asked for before")
    _drop_others(session, order, now)
    if _counted(session, order.ticket_id) >= settings().dispatch.extensions_most:
        raise NoMoreExtensions("this ticket has had its extensions, or one waits for a decision")
    asked = Extension(
        ticket_id=order.ticket_id,
        work_order_id=order.id,
        days=_days(order.ticket, days),
        code=_one_of(code),
        reason=said("reason", reason, "say why it takes longer"),
        asked_by=actor,
        asked_at=now,
        old_due_at=_closing(order.ticket).due_at,
    )
    session.add(asked)
    session.flush()
    ids = work_order.ids(order)
    fact = ExtensionAsked(**ids, days=asked.days, code=asked.code, due_at=asked.old_due_at.isoformat())
    record(session, fact, actor=actor, at=now)
    return asked


def decide(
    session: Session, extension_id: int, *, granted: bool, note: str, actor: str, now: datetime
) -> Extension:
    """By another than who asked; granted only while it is not due yet and still at work.

    Raises OwnRequest, ExtensionTooLate, InvalidInput beyond what the limits allow, TransitionRefused.
    """
    asked, order = _locked(session, extension_id)
    if asked.state != "asked":
        raise TransitionRefused("extension", asked.state, "decided")
    if asked.asked_by == actor:
        raise OwnRequest("another person decides about it")
    if granted:
        _grant(session, asked, order, actor, now)
    else:
        asked.note = said("note", note, "say why it is refused")
    asked.note = asked.note or note.strip() or None
    _decided(session, asked, order, "granted" if granted else "refused", actor=actor, now=now)
    return asked


def of_ticket(session: Session, ticket_id: int) -> Sequence[Extension]:
    """The newest first."""
    found = select(Extension).where(Extension.ticket_id == ticket_id)
    return session.scalars(found.order_by(Extension.id.desc())).all()


def may_ask(session: Session, order: WorkOrder, now: datetime) -> bool:
    """The page shows the form only then."""
    mine = order.state == WorkOrderState.ACCEPTED and order.part == Part.LEAD
    left = settings().dispatch.extensions_most - _counted(session, order.ticket_id)
    possible = mine and left > 0 and most_days(order.ticket) > 0
    return possible and clocks.runs(session, order.ticket, Clock.CLOSING, now)


def most_days(ticket: Ticket) -> int:
    """What the limits and the site still allow, in the unit of the ticket's limit."""
    allowed = clocks.extension_left(ticket, _closing(ticket))
    return min(settings().dispatch.extension_days_most, allowed)


def _grant(session: Session, asked: Extension, order: WorkOrder, actor: str, now: datetime) -> None:
    ticket = order.ticket
    if ticket.state not in AT_WORK or order.state != WorkOrderState.ACCEPTED:
        raise TransitionRefused("ticket", ticket.state, "extended")
    if not clocks.runs(session, ticket, Clock.CLOSING, now):
        raise ExtensionTooLate("it is due already: an extension granted now would not count")
    asked.new_due_at = clocks.extend(session, ticket, asked.days, reason=asked.code, actor=actor, now=now)


def _decided(
    session: Session, asked: Extension, order: WorkOrder, state: str, *, actor: str, now: datetime
) -> None:
    asked.state, asked.decided_by, asked.decided_at = state, actor, now
    session.flush()
    fact = ExtensionDecided(
        **work_order.ids(order),
        granted=state == "granted",
        days=asked.days,
        old_due_at=asked.old_due_at.isoformat(),
        new_due_at=asked.new_due_at.isoformat() if asked.new_due_at else None,
    )
    record(session, fact, actor=actor, at=now)


def _locked(session: Session, extension_id: int) -> tuple[Extension, WorkOrder]:
    asked = session.get(Extension, extension_id)
    if asked is None:
        raise NotFound(f"no extension {extension_id}")
    order = work_order.locked(session, asked.work_order_id)
    session.refresh(asked)
    return asked, order


def _drop_others(session: Session, order: WorkOrder, now: datetime) -> None:
    """What an organisation asked that no longer has the ticket is refused."""
    left = select(Extension).where(
        Extension.ticket_id == order.ticket_id,
        Extension.state == "asked",
        Extension.work_order_id != order.id,
    )
    for asked in session.scalars(left).all():
        theirs = session.get_one(WorkOrder, asked.work_order_id)
        _decided(session, asked, theirs, "refused", actor=work_order.SYSTEM, now=now)


def _counted(session: Session, ticket_id: int) -> int:
    """Granted or waiting; a refused one may be asked for again."""
    wanted = select(func.count()).where(Extension.ticket_id == ticket_id, Extension.state != "refused")
    return session.scalar(wanted) or 0


def _closing(ticket: Ticket) -> TicketClock:
    clock = closing_clock(ticket)
    assert clock is not None  # every ticket has one from its registration
    return clock


def _days(ticket: Ticket, days: int) -> int:
    most = most_days(ticket)
    if not 1 <= days <= most:
        raise InvalidInput("days", f"from 1 to {most}")
    return days


def _one_of(code: str) -> str:
    if code not in REASONS:
        raise InvalidInput("code", f"one of {', '.join(REASONS)}")
    return code
