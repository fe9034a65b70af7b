"""A work order as partners' systems read it: what its in-tray shows, and no more."""

from datetime import datetime
from typing import Any

from dispatch import queries
from dispatch.models import WorkOrder
from hotline.phone_numbers import mask
from hotline.tickets.queries import closing_clock
from hotline.web.reading import matter_text


def order(it: WorkOrder) -> dict[str, Any]:
    ticket, due, contact = it.ticket, closing_clock(it.ticket), queries.contact_for(it)
    return {
        "id": it.id,
        "state": it.state,
        "part": it.part,
        "ticket": ticket.number,
        "item": {"code": ticket.item.code, "name": ticket.item.name},
        "kind": ticket.kind,
        "text": matter_text(ticket),
        "area": ticket.area.code if ticket.area else None,
        "place": ticket.place,
        "contact": mask(contact.number) if contact else None,
        "sent_at": _said(it.sent_at),
        "expires_at": _said(it.expires_at),
        "due_at": _said(it.due_at or (due.due_at if due else None)),
        "accepted_at": _said(it.accepted_at),
        "contacted_at": _said(it.contacted_at),
        "ended_at": _said(it.ended_at),
        "responsible_person": it.responsible_person,
        "price_estimate": it.price_estimate,
        "public_reply": it.public_reply,
        "hotline_note": it.hotline_note,
        "evidence_photos": ticket.item.evidence_photos or 0,
    }


def _said(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
