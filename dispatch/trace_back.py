"""The trace-back of responsibility on a supervisor's page of a ticket: offices, persons, durations (H06)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.models import WorkOrder
from hotline.organisations.models import Organisation
from hotline.tickets import queries as tickets
from hotline.tickets.trace_back import Held, held


@dataclass(frozen=True)
class Line:
    """`organisation` is "" for the hotline itself; `until` None: still. Named persons, then who acted."""

    organisation: str
    persons: Sequence[str]
    since: datetime
    until: datetime | None
    seconds: float


def lines(session: Session, ticket_id: int, orders: Sequence[WorkOrder], now: datetime) -> list[Line]:
    facts = tickets.history(session, ticket_id)
    spans, names = held(facts), tickets.actors(session, facts)
    ids = {span.organisation_id for span in spans if span.organisation_id}
    wanted = select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids))
    offices = {row.id: row.name for row in session.execute(wanted)}
    return [
        Line(
            offices.get(span.organisation_id, "") if span.organisation_id else "",
            list(dict.fromkeys([*_named(span, orders), *(names[a] for a in span.actors if a in names)])),
            span.since,
            span.until,
            ((span.until or now) - span.since).total_seconds(),
        )
        for span in spans
    ]


def _named(span: Held, orders: Sequence[WorkOrder]) -> list[str]:
    """Whom the organisation named as responsible meanwhile (D06)."""
    return [
        order.responsible_person
        for order in reversed(orders)
        if order.responsible_person and order.accepted_at and order.organisation_id == span.organisation_id
        if (span.until is None or order.accepted_at < span.until)
        if (order.ended_at is None or order.ended_at >= span.since)
    ]
