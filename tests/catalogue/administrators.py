"""Two who edit a small catalogue, and what they do in one line."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.catalogue import drafts, queries, service
from hotline.catalogue.content import content_of, digest
from hotline.catalogue.models import CatalogueVersion
from hotline.db import transaction
from hotline.event_log import Event
from tests.catalogue.test_files import GOOD

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
ANNA, BORIS = "staff:1", "staff:2"
BROKEN = GOOD.replace("路灯不亮", "路灯损坏")


def draft_of(session: Session) -> CatalogueVersion:
    return drafts.open_draft(session, "12345", actor=ANNA, now=NOW)


def edit(session: Session, code: str, actor: str = ANNA, edition: int | None = None, **said: object) -> None:
    draft = draft_of(session)
    seen = drafts.item_of(session, draft, code).edition if edition is None else edition
    drafts.edit_item(session, draft, code, said, edition=seen, actor=actor, now=NOW)


def publish(session: Session, note: str = "三定方案调整") -> CatalogueVersion:
    draft = draft_of(session)
    seen = digest(content_of(session, draft))
    service.publish(session, draft, seen=seen, note=note, actor=BORIS, now=NOW)
    return draft


def live_name(code: str = "0101") -> str:
    with transaction() as session:
        return queries.item(session, "12345", code).name


def facts(session: Session, kind: str) -> list[dict[str, object]]:
    return [e.data for e in session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id))]


def live_and_draft(session: Session) -> tuple[CatalogueVersion, CatalogueVersion]:
    live = queries.live_version(session, "12345")
    assert live
    return live, draft_of(session)
