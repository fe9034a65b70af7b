"""Joint work: one organisation leads, others assist (F01, F02). Each part has a clock of its own and is
answered to the lead, or waived by it; before that the lead cannot answer, and the citizen gets one answer."""

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch import parts, scope, service, territory, work_order
from dispatch.models import WorkOrder
from dispatch.queries import newest_order
from dispatch.routing import Principle
from dispatch.states import LIVE, Part, WorkOrderState
from dispatch.work_order import said
from hotline.config import settings
from hotline.errors import InvalidInput, NotFound, TransitionRefused
from hotline.organisations import queries as organisations
from hotline.organisations.models import Organisation
from hotline.service_hours import shipped_calendar
from hotline.tickets.models import Ticket
from hotline.tickets.queries import closing_clock
from hotline.tickets.sla import Limit, Unit, deadline
from hotline.tickets.states import AT_WORK

# office, prevention, linkage, mediation, safety: the five of F02
KINDS = ("office", "prevention", "linkage", "mediation", "safety")
MOST_DAYS = 60
_S = WorkOrderState


def add(
    session: Session,
    ticket: Ticket,
    *,
    organisation_id: int,
    kind: str,
    task: str,
    days: int,
    actor: str,
    now: datetime,
) -> WorkOrder:
    """The dispatcher asks an organisation to assist the lead within so many working days, at the latest when
    the ticket is due. Raises InvalidInput, NotFound, NotATownsDuty, TransitionRefused."""
    session.refresh(ticket, with_for_update=True)
    part = _new(session, ticket, organisation_id, kind=kind, task=task, days=days, now=now)
    parts.send(session, part, actor, now)
    return part


def propose(
    session: Session,
    order_id: int,
    *,
    organisation_id: int,
    kind: str,
    task: str,
    days: int,
    actor: str,
    now: datetime,
) -> WorkOrder:
    """The lead asks for help; nobody is sent anything before the dispatcher has said yes. Raises as `add`."""
    lead = work_order.locked_lead(session, order_id)
    if lead.state != _S.ACCEPTED:
        raise TransitionRefused("work order", lead.state, "joint")
    part = _new(session, lead.ticket, organisation_id, kind=kind, task=task, days=days, now=now)
    parts.tell(session, part, actor, now)
    return part


def confirm(session: Session, part_id: int, *, agreed: bool, actor: str, now: datetime) -> None:
    """The dispatcher's word on what the lead asked for. Raises TransitionRefused."""
    part = _locked(session, part_id)
    if agreed:
        work_order.check_move(part, _S.SENT)
        part.sent_at = now
        parts.send(session, part, actor, now)
    elif part.state == _S.PROPOSED:
        parts.drop(session, part, actor, now)
    else:
        raise TransitionRefused("assisting part", part.state, "refused")


def claim(session: Session, part_id: int, *, responsible_person: str, actor: str, now: datetime) -> WorkOrder:
    """The assisting organisation names who does it (D06). Raises InvalidInput, TransitionRefused."""
    part = _locked(session, part_id)
    if part.state != _S.SENT:
        raise TransitionRefused("assisting part", part.state, _S.ACCEPTED)
    part.responsible_person = said("responsible_person", responsible_person, "name who does it (D06)", 60)
    part.accepted_at = now
    parts.move(session, part, _S.ACCEPTED, actor, now)
    return part


def answer(session: Session, part_id: int, *, text: str, actor: str, now: datetime) -> WorkOrder:
    """To the lead, never to the citizen. Raises InvalidInput, TransitionRefused."""
    part = _locked(session, part_id)
    work_order.check_move(part, _S.ANSWERED)
    parts.check_nothing_below(session, part)
    part.internal_note = said("part_answer", text, "tell the lead what you found and did")
    parts.move(session, part, _S.ANSWERED, actor, now)
    return part


def waive(
    session: Session, part_id: int, *, lead_id: int, reason: str, actor: str, now: datetime
) -> WorkOrder:
    """The lead can do without it. Raises NotFound for another's part, InvalidInput, TransitionRefused."""
    part = _locked(session, part_id)
    lead = session.get_one(WorkOrder, lead_id)
    if (lead.ticket_id, lead.round, lead.part) != (part.ticket_id, part.round, Part.LEAD):
        raise NotFound(f"no part {part_id} of work order {lead_id}")
    if lead.state != _S.ACCEPTED:
        raise TransitionRefused("work order", lead.state, "waiving a part")
    work_order.check_move(part, _S.WAIVED)
    part.hotline_note = said("waive_reason", reason, "say why you can do without")
    parts.move(session, part, _S.WAIVED, actor, now)
    return part


def _new(
    session: Session,
    ticket: Ticket,
    organisation_id: int,
    *,
    kind: str,
    task: str,
    days: int,
    now: datetime,
) -> WorkOrder:
    """Proposed; whoever may, sends it."""
    if kind not in KINDS:
        raise InvalidInput("joint_kind", f"one of {', '.join(KINDS)}")
    due_at = due_within(ticket, days, now)
    principle = Principle.JOINT
    return open_part(
        session, ticket, organisation_id, principle=principle, kind=kind, task=task, due_at=due_at, now=now
    )


def open_part(
    session: Session,
    ticket: Ticket,
    organisation_id: int,
    *,
    principle: Principle,
    kind: str,
    task: str,
    due_at: datetime,
    now: datetime,
    handed_by_id: int | None = None,
) -> WorkOrder:
    """Raises NotFound, InvalidInput, NotATownsDuty, TransitionRefused."""
    lead = newest_order(session, ticket.id)
    if lead is None or ticket.state not in AT_WORK or lead.state not in LIVE:
        raise TransitionRefused("ticket", ticket.state, "joint")
    part = WorkOrder(
        ticket=ticket,
        organisation=_assisting(session, lead, organisation_id),
        kind="department",
        round=lead.round,
        part=Part.ASSIST,
        state=_S.PROPOSED,
        principle=principle,
        joint_kind=kind,
        handed_by_id=handed_by_id,
        task=said("task", task, "say what it is asked to do"),
        sent_at=now,
        due_at=due_at,
    )
    session.add(part)
    session.flush()
    return part


def _assisting(session: Session, lead: WorkOrder, organisation_id: int) -> Organisation:
    found = session.get(Organisation, organisation_id)
    if found is None:
        raise NotFound(f"no organisation {organisation_id}")
    others = [part.organisation_id for part in parts.of(session, lead)]
    allowed = found.kind != "firm" and scope.may_handle(session, lead.ticket, found.id)  # H10
    if not allowed or found.id in (lead.organisation_id, *others):
        raise InvalidInput("assisting", "an office that is not part of it yet")
    territory.check(lead.ticket, found)
    if not organisations.may_be_sent(session, lead.ticket.item, found):
        raise service.NotATownsDuty(f"{found.name} does not have this item on its list")
    return found


def due_within(ticket: Ticket, days: int, now: datetime) -> datetime:
    """So many working days on, at the latest when the ticket is due. Raises InvalidInput."""
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput("part_days", f"from 1 to {MOST_DAYS}")
    due_at = deadline(now, Limit(days, Unit.WORKING_DAYS), shipped_calendar(settings().site.time_zone)).due_at
    closing = closing_clock(ticket)
    return min(due_at, closing.due_at) if closing else due_at


def _locked(session: Session, part_id: int) -> WorkOrder:
    part = work_order.locked(session, part_id)
    if part.part != Part.ASSIST:
        raise TransitionRefused("work order", part.state, "an assisting part")
    return part
