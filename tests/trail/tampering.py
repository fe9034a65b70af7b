"""Facts in the log, the sealer at work, and somebody who owns the database and wants to rewrite them."""

from collections.abc import Iterable
from datetime import UTC, datetime

import psycopg
from click.testing import CliRunner, Result
from sqlalchemy import make_url, select

from hotline.config import settings
from hotline.db import transaction
from hotline.event_log import Event, Seal, record
from hotline.events import StaffSignedIn
from hotline.trail import jobs
from hotline.trail.verification import Verdict
from hotline.wiring.cli import main

NOW = datetime(2026, 11, 22, 9, 30, 0, 123456, tzinfo=UTC)


def sign_in(*staff_ids: int) -> None:
    """Each a transaction of its own."""
    for staff_id in staff_ids:
        with transaction() as session:
            record(session, StaffSignedIn(staff_id=staff_id), actor=f"staff:{staff_id}", at=NOW)


def sealed(*batches: Iterable[int], now: datetime = NOW) -> None:
    """Each batch of sign-ins under a seal of its own."""
    for batch in batches:
        sign_in(*batch)
        jobs.seal(now)


def seals() -> list[Seal]:
    with transaction() as session:
        return list(session.scalars(select(Seal).order_by(Seal.number)))


def event_ids() -> list[int]:
    """In the order of the log."""
    with transaction() as session:
        return list(session.scalars(select(Event.id).order_by(Event.era, Event.tx, Event.id)))


def as_superuser(*statements: str) -> None:
    """What the owner of the database can do, its guards put out of action."""
    url = make_url(settings().database.owner_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement.encode())


def faults(verdict: Verdict) -> list[tuple[str, int, int]]:
    return [(fault.breach.value, fault.seal, fault.near) for fault in verdict.shown]


def verify_trail(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["verify-trail", *arguments])
