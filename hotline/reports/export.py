"""Facts and figures as machines read them: events as JSON lines, the report as JSON or CSV."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from hotline.event_log import Event
from hotline.reports.queries import Result

SUBJECTS = ("call_id", "ticket_id")
BATCH = 5000
COLUMNS = (
    "name",
    "title",
    "group",
    "group_name",
    "numerator",
    "denominator",
    "excluded",
    "value",
    "unit",
    "definition_zh",
    "definition",
)


def event_lines(
    session: Session, *, since: datetime | None = None, until: datetime | None = None
) -> Iterator[str]:
    """One JSON object a fact, in order of id: id, at (ISO with zone), kind, actor, subjects, data.

    One statement sees one moment: a transaction under way is in the export with all its facts or with none.
    """
    wanted = select(Event.id, Event.at, Event.kind, Event.actor, Event.call_id, Event.ticket_id, Event.data)
    if since:
        wanted = wanted.where(Event.at >= since)
    if until:
        wanted = wanted.where(Event.at < until)
    for event in session.execute(wanted.order_by(Event.id).execution_options(yield_per=BATCH)):
        yield json.dumps(_event(event), ensure_ascii=False)


def _event(event: Row[Any]) -> dict[str, Any]:
    fields = {name: value for name in SUBJECTS if (value := getattr(event, name)) is not None}
    fields |= {
        name: value for name, value in event.data.items() if name.endswith("_id") and value is not None
    }
    data = {name: value for name, value in event.data.items() if not name.endswith("_id")}
    return {
        "id": event.id,
        "at": event.at.astimezone(UTC).isoformat(),
        "kind": event.kind,
        "actor": event.actor,
        "subjects": fields,
        "data": data,
    }


def as_records(results: list[Result], names: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """`names` gives words for groups. A count is a whole number; a rate of nothing has no value."""
    return [
        {
            "name": result.figure.name,
            "title": result.figure.title,
            "group": result.group,
            "group_name": (names or {}).get(result.group, ""),
            "numerator": result.numerator,
            "denominator": result.denominator,
            "excluded": result.excluded,
            "value": _number(result),
            "unit": result.figure.unit,
            "definition": result.figure.definition_en,
            "definition_zh": result.figure.definition,
        }
        for result in results
    ]


def _number(result: Result) -> int | float | None:
    if result.value is None:
        return None
    return float(result.value) if result.figure.rate else result.numerator


def as_csv(results: list[Result], names: Mapping[str, str] | None = None) -> str:
    """With a byte-order mark, so that spreadsheet programs read the Chinese."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(as_records(results, names))
    return "\ufeff" + out.getvalue()
