"""Facts and figures as machines read them: events as JSON lines, the report as JSON or CSV."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.event_log import Event
from hotline.reports.queries import Result

SUBJECTS = ("call_id", "ticket_id")
BATCH = 5000


def event_lines(
    session: Session, *, since: datetime | None = None, until: datetime | None = None
) -> Iterator[str]:
    """One JSON object a fact, in order of id: id, at (ISO with zone), kind, actor, subjects, data."""
    last = 0
    while True:
        batch = select(Event).where(Event.id > last).order_by(Event.id).limit(BATCH)
        if since:
            batch = batch.where(Event.at >= since)
        if until:
            batch = batch.where(Event.at < until)
        events = session.scalars(batch).all()
        if not events:
            return
        for event in events:
            yield json.dumps(_event(event), ensure_ascii=False)
        last = events[-1].id
        session.expunge_all()


def _event(event: Event) -> dict[str, Any]:
    fields = {name: value for name in SUBJECTS if (value := getattr(event, name)) is not None}
    fields |= {
        name: value for name, value in event.data.items() if name.endswith("_id") and value is not None
    }
    data = {name: value for name, value in event.data.items() if not name.endswith("_id")}
    return {
        "id": event.id,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "actor": event.actor,
        "subjects": fields,
        "data": data,
    }


def as_records(results: list[Result]) -> list[dict[str, Any]]:
    return [
        {
            "name": result.figure.name,
            "group": result.group,
            "numerator": result.numerator,
            "denominator": result.denominator,
            "excluded": result.excluded,
            "value": None if result.value is None else float(result.value),
            "definition": result.figure.definition_en,
            "definition_zh": result.figure.definition,
        }
        for result in results
    ]


def as_csv(results: list[Result]) -> str:
    """With a byte-order mark, so that spreadsheet programs read the Chinese."""
    out = io.StringIO()
    records = as_records(results)
    names = ["name", "group", "numerator", "denominator", "excluded", "value", "definition_zh", "definition"]
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(records)
    return "\ufeff" + out.getvalue()
