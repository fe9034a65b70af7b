"""A batch of reports, each by itself: a bad one holds up no other, and what came through stays."""

from typing import Any

from pydantic import ValidationError

from dispatch.patrol import service
from dispatch.patrol.service import Report
from hotline import clock
from hotline.db import transaction
from hotline.errors import InvalidInput
from hotline.learning.queries import LiveClassifier, classifier_for

LARGEST = 100
Answer = dict[str, Any]


def take_batch(organisation_id: int | None, body: Any, *, actor: str) -> list[Answer]:
    """`body` as it came. An answer each, in their order: the ticket's number and whether it is new, or what
    is wrong with which field. Raises InvalidInput for what is no batch, NotAllowed."""
    reports = body.get("reports") if isinstance(body, dict) else None
    if not isinstance(reports, list) or len(reports) > LARGEST:
        raise InvalidInput("reports", f"a list of at most {LARGEST} reports")
    with transaction() as session:
        of = service.reporter(session, organisation_id)
        classifier = classifier_for(session, service.HOTLINE)
    return [_take(of.id, said, classifier, actor) for said in reports]


def _take(organisation_id: int, said: Any, classifier: LiveClassifier, actor: str) -> Answer:
    name = str(said.get("client_id", ""))[:64] if isinstance(said, dict) else ""
    try:
        report = Report.model_validate(said)
        suggested = classifier.suggest(report.text)
        with transaction() as session:
            of = service.reporter(session, organisation_id)
            kept, new = service.take(session, of, report, suggested, actor=actor, now=clock.now())
            return {"client_id": name, "ticket": kept.ticket.number, "new": new}
    except ValidationError as wrong:
        fault = wrong.errors(include_url=False)[0]
        field = ".".join(map(str, fault["loc"])) or "client_id"
        return {"client_id": name, "refused": fault["msg"], "field": field}
    except InvalidInput as wrong:
        return {"client_id": name, "refused": wrong.message, "field": wrong.field}
